//! Sizes that take other code paths: packed matrix products, sums by halves.

use downhill_tensor::Conv2dOptions;
use downhill_tensor::prelude::*;

/// Whole numbers, so that every sum is exact in any order.
fn whole(rows: usize, cols: usize) -> Tensor<f64> {
    Tensor::<f64>::arange(0, (rows * cols) as i64, 1).reshape([rows as isize, cols as isize]) - 7
}

fn product_by_definition(a: &Tensor<f64>, b: &Tensor<f64>) -> Vec<f64> {
    let (a, b) = (a.to_array(), b.to_array());
    let (rows, inner, cols) = (a.shape()[0], a.shape()[1], b.shape()[1]);
    let element = |i, j| (0..inner).map(|k| a[[i, k]] * b[[k, j]]).sum();
    (0..rows).flat_map(|i| (0..cols).map(move |j| element(i, j))).collect()
}

#[test]
fn products_of_all_layouts() {
    // Contiguous, transposed, one row or one column repeated, one number repeated, a slice of something larger.
    let layouts: [fn(usize, usize) -> Tensor<f64>; 6] = [
        whole,
        |rows, cols| whole(cols, rows).t(),
        |rows, cols| whole(1, cols).expand([rows as isize, cols as isize]),
        |rows, cols| whole(rows, 1).expand([rows as isize, cols as isize]),
        |rows, cols| whole(1, 1).expand([rows as isize, cols as isize]),
        |rows, cols| whole(rows + 2, cols + 3).narrow(0, 1, rows).narrow(1, 2, cols),
    ];
    for (rows, inner, cols) in [(3, 4, 2), (1, 5, 3), (3, 5, 1), (40, 30, 20), (1, 90, 80), (90, 80, 1), (80, 1, 90)]
    {
        for (i, left) in layouts.iter().enumerate() {
            for (j, right) in layouts.iter().enumerate() {
                let (a, b) = (left(rows, inner), right(inner, cols));
                let got = a.matmul(&b).to_vec();
                assert!(
                    got == product_by_definition(&a, &b),
                    "[{rows}, {inner}] x [{inner}, {cols}], layouts {i} and {j}"
                );
                let got = a.linear(&b.t(), Some(&Tensor::<f64>::ones([cols]))).to_vec();
                let want: Vec<f64> = product_by_definition(&a, &b).iter().map(|x| x + 1.0).collect();
                assert!(got == want, "linear, [{rows}, {inner}] x [{inner}, {cols}], layouts {i} and {j}");
            }
        }
    }
}

/// The gradient that `sum` sends back is one number, repeated without copies.
#[test]
fn gradient_of_the_sum_of_a_product() {
    for (rows, inner, cols) in [(3, 4, 2), (40, 30, 20)] {
        let (a, b) = (whole(rows, inner).requires_grad_(true), whole(inner, cols).requires_grad_(true));
        a.matmul(&b).sum().backward();
        let row_sums = b.detach().sum_dim(1).expand([rows as isize, inner as isize]);
        let column_sums = a.detach().sum_dim(0).unsqueeze(1).expand([inner as isize, cols as isize]);
        assert_eq!(a.grad().unwrap().to_vec(), row_sums.to_vec());
        assert_eq!(b.grad().unwrap().to_vec(), column_sums.to_vec());
    }
}

#[test]
fn batches_of_large_products() {
    let (a, b) = (whole(2 * 20, 30).reshape([2, 20, 30]), whole(30, 25));
    let together = a.matmul(&b.expand([2, 30, 25]));
    for i in 0..2 {
        assert_eq!(together.select(0, i).to_vec(), product_by_definition(&a.select(0, i), &b));
        assert_eq!(a.matmul(&b).select(0, i).to_vec(), product_by_definition(&a.select(0, i), &b));
    }
}

/// The output and both gradients, product by product, in whole numbers that are exact in any order.
#[test]
fn convolutions_of_large_images() {
    let numbers = |shape: [usize; 4], modulus: usize| {
        let data = (0..shape.iter().product()).map(|i: usize| (i * i % modulus) as f64 - 3.0).collect();
        Tensor::<f64>::from_vec(data, shape).unwrap()
    };
    let (batch, groups, channels, features) = (3, 2, 4, 5);
    for (stride, kernel, side) in [(1, 3, 20), (2, 4, 14), (1, 1, 22)] {
        let size = (side - 1) * stride + kernel;
        let x = numbers([batch, groups * channels, size, size], 11).requires_grad_(true);
        let weight = numbers([groups * features, channels, kernel, kernel], 7).requires_grad_(true);
        let grad = numbers([batch, groups * features, side, side], 5);
        let output = x.conv2d(&weight, None, Conv2dOptions::new().stride(stride).groups(groups));
        output.backward_with(&grad);

        let (xs, weights, grads) = (x.to_array(), weight.to_array(), grad.to_array());
        let (mut outputs, mut by_x, mut by_weight) = (grads.clone() * 0.0, xs.clone() * 0.0, weights.clone() * 0.0);
        for ([n, o, row, col], &grad) in grads.indexed_iter().map(|(at, grad)| ([at[0], at[1], at[2], at[3]], grad)) {
            for (tap, &weight) in weights.index_axis(ndarray::Axis(0), o).indexed_iter() {
                let (c, ky, kx) = (tap[0], tap[1], tap[2]);
                let place = [n, o / features * channels + c, row * stride + ky, col * stride + kx];
                outputs[[n, o, row, col]] += weight * xs[place];
                by_x[place] += weight * grad;
                by_weight[[o, c, ky, kx]] += xs[place] * grad;
            }
        }
        let what = format!("stride {stride}, kernel {kernel}");
        assert!(output.to_array() == outputs, "output, {what}");
        assert!(x.grad().unwrap().to_array() == by_x, "gradient of the images, {what}");
        assert!(weight.grad().unwrap().to_array() == by_weight, "gradient of the weight, {what}");
    }
}

#[test]
fn long_sums() {
    for n in [7, 8, 9, 63, 64, 65, 1023, 1024, 1025, 5000] {
        let x = Tensor::<f64>::arange(1, n + 1, 1);
        let sum = (n * (n + 1) / 2) as f64;
        assert_eq!(x.sum().item(), sum, "sum of 1 to {n}");
        assert_eq!(x.mean().item(), sum / n as f64, "mean of 1 to {n}");
        let columns = Tensor::stack(&[&x, &(2 * &x), &-&x], 1);
        assert_eq!(columns.sum_dim(0).to_vec(), [sum, 2.0 * sum, -sum], "columns of 1 to {n}");
        assert_eq!(columns.t().sum_dim(1).to_vec(), [sum, 2.0 * sum, -sum], "rows of 1 to {n}");
        assert_eq!(x.max().item(), n as f64);
        assert_eq!(x.argmax().item(), n - 1);
    }
}

/// Adding one after the other would be wrong in the third digit.
#[test]
fn sums_keep_the_accuracy_of_f32() {
    let x = Tensor::full([1_000_000], 0.1);
    let want = 0.1f32 as f64 * 1e6;
    assert!((x.sum().item() - want).abs() < 1e-6 * want);
    let columns = x.reshape([-1, 2]).sum_dim(0);
    assert!((columns.at([0]) - want / 2.0).abs() < 1e-6 * want);
}

/// Operands that are transposed, repeated, or both, at sizes that are cut into squares.
#[test]
fn sums_of_transposed_matrices() {
    for (rows, cols) in [(33, 64), (70, 45), (1, 100), (100, 1)] {
        let (a, b) = (whole(rows, cols), whole(cols, rows));
        let at = |i: usize, j: usize| (a.at([i as isize, j as isize]), b.at([j as isize, i as isize]));
        let places = || (0..rows).flat_map(|i| (0..cols).map(move |j| (i, j)));
        let want: Vec<f64> = places().map(|(i, j)| at(i, j).0 - at(i, j).1).collect();
        assert_eq!((&a - b.t()).to_vec(), want, "[{rows}, {cols}]");
        assert_eq!((a.t() - &b).t().to_vec(), want, "[{rows}, {cols}], the other one");
        let copied: Vec<f64> = places().map(|(i, j)| at(i, j).1).collect();
        assert_eq!(b.t().to_vec(), copied, "copy of [{rows}, {cols}]");
        let batch = Tensor::stack(&[&a, &(&a * 2)], 0) - b.t();
        let twice = places().map(|(i, j)| 2.0 * at(i, j).0 - at(i, j).1);
        assert_eq!(
            batch.to_vec(),
            want.iter().copied().chain(twice).collect::<Vec<_>>(),
            "batch of [{rows}, {cols}]"
        );
    }
}
