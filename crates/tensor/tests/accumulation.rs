//! Sums of very many terms, variances of numbers close together and far from 0, squares that over- or underflow: one
//! row for each function and input, with the value and the gradient of exact arithmetic.

use downhill_tensor::prelude::*;
use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, Element, Float, MaxPool2dOptions};

/// Enough terms that a plain sum in `f32` is wrong in the fourth digit.
const MANY: usize = 100_000;

/// The computed value, the exact value, and the allowed relative difference.
struct Row {
    name: &'static str,
    found: Vec<f64>,
    right: Vec<f64>,
    tolerance: f64,
}

fn numbers<T: Float>(x: &Tensor<T>) -> Vec<f64> {
    x.to_vec().into_iter().map(Element::to_scalar).collect()
}

fn last<T: Float>(x: &Tensor<T>) -> Vec<f64> {
    numbers(x).last().copied().into_iter().collect()
}

/// The gradient of the sum of `f(x)`.
fn slope<T: Float>(x: Tensor<T>, f: impl Fn(&Tensor<T>) -> Tensor<T>) -> Vec<f64> {
    let x = x.requires_grad_(true);
    f(&x).sum().backward();
    numbers(&x.grad().expect("the function depends on x"))
}

/// The largest magnitude among numbers, which may be the residue of rounding.
fn largest(x: &[f64]) -> Vec<f64> {
    vec![x.iter().fold(0.0, |most: f64, x| if x.abs() > most || x.is_nan() { x.abs() } else { most })]
}

fn check(rows: Vec<Row>) {
    let mut wrong = String::new();
    for Row { name, found, right, tolerance } in rows {
        let near = |(found, right): (&f64, &f64)| found == right || (found - right).abs() <= tolerance * right.abs();
        if found.len() != right.len() || !found.iter().zip(&right).all(near) {
            wrong += &format!("{name}: {found:?}, and not {right:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! rows {
    ($($name:literal: $found:expr => $right:expr, $tolerance:expr;)*) => {
        vec![$(Row { name: $name, found: $found.to_vec(), right: $right.to_vec(), tolerance: $tolerance }),*]
    };
}

#[test]
fn sums_of_very_many_terms() {
    let tenths = |shape: &[usize]| Tensor::<f32>::full(shape, 0.1);
    let zeros = Tensor::from_vec(vec![0_i64; MANY], [MANY]).unwrap();
    let (zeros_down, zeros_across) = (zeros.reshape([-1, 1]), zeros.reshape([1, -1]));
    let sum = [0.1_f32 as f64 * MANY as f64];
    let image = [1, 1, 200, 200];
    check(rows! {
        "cumsum of ones": last(&Tensor::<f32>::new([16777216.0, 1.0, 1.0, 1.0, 1.0]).cumsum(0)) => [16777220.0], 0.0;
        "cumsum": last(&tenths(&[MANY]).cumsum(0)) => sum, 1e-7;
        "cumsum of rows": last(&tenths(&[MANY / 2, 2]).cumsum(0)) => [sum[0] / 2.0], 1e-7;
        "cumsum of columns": last(&tenths(&[2, MANY / 2]).cumsum(1)) => [sum[0] / 2.0], 1e-7;
        "cumsum, backward": slope(tenths(&[MANY]), |x| x.cumsum(0) * 0.1)[..1] => sum, 1e-7;
        "cumsum that overflows on its way": last(&Tensor::<f32>::new([3e38, 3e38, -3e38]).cumsum(0)) => [3e38], 1e-7;
        "rows, backward": slope(tenths(&[2, 1]), |x| x.rows(&zeros) * 0.1) => [sum[0], 0.0], 1e-7;
        "index_select, backward":
            slope(tenths(&[1, 3]), |x| x.index_select(1, &zeros) * 0.1)[..2] => [sum[0], 0.0], 1e-7;
        "gather, backward":
            slope(tenths(&[1, 1]), |x| x.expand([MANY as isize, 1]).gather(1, &zeros_down) * 0.1) => sum, 2e-6;
        "gather across, backward":
            slope(tenths(&[1, 2]), |x| x.gather(1, &zeros_across) * 0.1) => [sum[0], 0.0], 1e-7;
        "avg_pool2d": numbers(&tenths(&image).avg_pool2d(AvgPool2dOptions::new(200))) => [0.1_f32 as f64], 1e-7;
        "avg_pool2d of large numbers":
            numbers(&Tensor::<f32>::full([1, 2, 2], 3e38).avg_pool2d(AvgPool2dOptions::new(2))) => [3e38], 1e-7;
        "avg_pool2d, backward":
            slope(tenths(&[1, 1, 1999]), |x| x.avg_pool2d(AvgPool2dOptions::new([1, 1000]).stride(1)))[999..1000]
            => [1.0], 1e-6;
        "max_pool2d, backward": {
            let mut peak = vec![0.0_f32; 3999];
            peak[1999] = 1.0;
            let peak = Tensor::from_vec(peak, [1, 1, 3999]).unwrap();
            slope(peak, |x| x.max_pool2d(MaxPool2dOptions::new([1, 2000]).stride(1)) * 0.1)[1999..2000].to_vec()
        } => [2e3 * 0.1_f32 as f64], 1e-7;
        "sum": numbers(&tenths(&[MANY]).sum()) => sum, 2e-6;
        "sum of rows": numbers(&tenths(&[MANY, 1]).sum_dim(0)) => sum, 2e-6;
        "sum of planes": numbers(&tenths(&[100, 1, 1000]).sum_dim([0, 2])) => sum, 2e-6;
        "mean": numbers(&tenths(&[MANY]).mean()) => [0.1_f32 as f64], 2e-6;
        "mean of rows": numbers(&tenths(&[MANY, 1]).mean_dim(0)) => [0.1_f32 as f64], 2e-6;
        "broadcast, backward": slope(tenths(&[1]), |x| x.expand([MANY as isize]) * 0.1) => sum, 2e-6;
        "bias of linear, backward": {
            let (x, weight) = (tenths(&[MANY, 1]), tenths(&[1, 1]));
            slope(tenths(&[1]), |bias| x.linear(&weight, Some(bias)) * 0.1)
        } => sum, 2e-6;
        "weight of linear, backward": {
            let (x, bias) = (tenths(&[MANY, 1]), tenths(&[1]));
            slope(tenths(&[1, 1]), |weight| x.linear(weight, Some(&bias)))
        } => sum, 1e-5;
        "matmul": numbers(&tenths(&[1, MANY]).matmul(&Tensor::ones([MANY, 1]))) => sum, 1e-5;
        "matmul that is added": {
            let (x, weight) = (tenths(&[1, MANY]), tenths(&[1, MANY]));
            numbers(&x.linear(&weight, Some(&Tensor::full([1], 1000.0))))
        } => [1000.0 + sum[0] * 0.1_f32 as f64], 1e-5;
        "weight of conv2d, backward": {
            let image = tenths(&[1, 1, 256, 256]);
            slope(tenths(&[1, 1, 1, 1]), |weight| image.conv2d(weight, None, Conv2dOptions::new()))
        } => [0.1_f32 as f64 * 256.0 * 256.0], 1e-5;
        "weight of conv2d over rows, backward": {
            let image = tenths(&[1, 1, 1, MANY]);
            slope(tenths(&[1, 1, 1, 1]), |weight| image.conv2d(weight, None, Conv2dOptions::new()))
        } => sum, 1e-5;
        "weight of conv2d with channels, backward": {
            let image = tenths(&[1, 4, 150, 150]);
            slope(tenths(&[8, 4, 1, 1]), |weight| image.conv2d(weight, None, Conv2dOptions::new()))[..1].to_vec()
        } => [0.1_f32 as f64 * 22500.0], 1e-5;
        "bias of conv2d, backward": {
            let (image, weight) = (tenths(&[1, 1, 256, 256]), tenths(&[1, 1, 1, 1]));
            slope(tenths(&[1]), |bias| image.conv2d(&weight, Some(bias), Conv2dOptions::new()) * 0.1)
        } => [0.1_f32 as f64 * 256.0 * 256.0], 2e-6;
        "conv2d of a large window":
            numbers(&tenths(&[1, 1, 150, 150]).conv2d(&Tensor::ones([1, 1, 150, 150]), None, Conv2dOptions::new()))
            => [0.1_f32 as f64 * 22500.0], 1e-5;
        "conv2d of a large window, backward":
            slope(tenths(&[1, 1, 200, 200]), |x| x.conv2d(&tenths(&[1, 1, 101, 101]), None, Conv2dOptions::new()))
            [100 * 200 + 100..][..1].to_vec() => [0.1_f32 as f64 * 100.0 * 100.0], 1e-5;
        "logsumexp": numbers(&Tensor::<f32>::zeros([MANY]).logsumexp(0)) => [(MANY as f64).ln()], 1e-6;
        "softmax": last(&Tensor::<f32>::zeros([MANY]).softmax(0)) => [1.0 / MANY as f64], 1e-6;
        "log_softmax": last(&Tensor::<f32>::zeros([MANY]).log_softmax(0)) => [-(MANY as f64).ln()], 1e-6;
        "norm": numbers(&tenths(&[MANY]).norm()) => [0.1_f32 as f64 * (MANY as f64).sqrt()], 1e-6;
        "mse_loss": numbers(&tenths(&[MANY]).mse_loss(&Tensor::zeros([MANY]))) => [(0.1_f32 as f64).powi(2)], 1e-6;
        "var of rows": numbers(&Tensor::<f32>::cat(&[&tenths(&[MANY, 1]), &-tenths(&[MANY, 1])], 0).var_dim(0, 0))
            => [(0.1_f32 as f64).powi(2)], 1e-6;
    });
}

#[test]
fn norms_of_very_large_and_very_small_numbers() {
    type F = f32;
    type D = f64;
    let three_four = |unit: f64| Tensor::<D>::new([3.0 * unit, 4.0 * unit]);
    let narrow = |unit: f64| Tensor::<F>::new([3.0 * unit, 4.0 * unit]);
    let lanes = || Tensor::<F>::new([[3e-23, 4e-23], [3.0, 4.0], [3e30, -4e30], [0.0, 0.0]]);
    check(rows! {
        "norm, f32 tiny": numbers(&narrow(1e-23).norm()) => [5e-23], 2e-7;
        "norm, f32 subnormal": numbers(&narrow(1e-41).norm()) => [5e-41], 1e-4;
        "norm, f32 huge": numbers(&narrow(1e20).norm()) => [5e20], 2e-7;
        "norm, f32 largest": numbers(&narrow(5e37).norm()) => [2.5e38], 2e-7;
        "norm of one": numbers(&Tensor::<F>::new([1e-25]).norm()) => [1e-25_f32 as f64], 0.0;
        "norm of one, huge": numbers(&Tensor::<F>::new([-3e38]).norm()) => [3e38_f32 as f64], 0.0;
        "norm of one, smallest": numbers(&Tensor::<D>::new([5e-324]).norm()) => [5e-324], 0.0;
        "norm, f64 tiny": numbers(&three_four(1e-200).norm()) => [5e-200], 1e-15;
        "norm, f64 huge": numbers(&three_four(1e200).norm()) => [5e200], 1e-15;
        "norm of infinity": numbers(&Tensor::<F>::new([1e30, f64::NEG_INFINITY]).norm()) => [f64::INFINITY], 0.0;
        "norm of lanes": numbers(&lanes().norm_dim(1)) => [5e-23, 5.0, 5e30, 0.0], 2e-7;
        "norm of lanes, gradient":
            slope(lanes(), |x| x.norm_dim(1)) => [0.6, 0.8, 0.6, 0.8, 0.6, -0.8, 0.0, 0.0], 2e-7;
        "norm across lanes": numbers(&lanes().t().norm_keepdim(0)) => [5e-23, 5.0, 5e30, 0.0], 2e-7;
        "norm, f32 tiny, gradient": slope(narrow(1e-23), Tensor::norm) => [0.6, 0.8], 2e-7;
        "norm, f32 smallest, gradient":
            slope(Tensor::<F>::new([1e-45, 1e-45]), Tensor::norm) => [0.5_f64.sqrt(); 2], 2e-7;
        "norm that is too large, gradient":
            slope(Tensor::<F>::new([3e38, 3e38]), Tensor::norm) => [0.5_f64.sqrt(); 2], 2e-7;
        "norm, f64 tiny, gradient": slope(three_four(1e-200), Tensor::norm) => [0.6, 0.8], 1e-15;
        "norm, f64 huge, gradient": slope(three_four(1e200), Tensor::norm) => [0.6, 0.8], 1e-15;
        "norm_p(3), tiny": numbers(&narrow(1e-20).norm_p(3)) => [91_f64.cbrt() * 1e-20], 1e-6;
        "norm_p(3), huge": numbers(&three_four(1e200).norm_p(3)) => [91_f64.cbrt() * 1e200], 1e-14;
        "norm_p(3), gradient": slope(three_four(1e200), |x| x.norm_p(3))
            => [9.0, 16.0].map(|square: f64| square / 91_f64.powf(2.0 / 3.0)), 1e-14;
        "norm_p(3) of lanes":
            numbers(&lanes().norm_p_dim(3, 1)) => [1e-23, 1.0, 1e30, 0.0].map(|u| 91_f64.cbrt() * u), 1e-6;
        "norm_p(1/2), huge": numbers(&narrow(1e37).norm_p(0.5)) => [1.392_820_323_027_551e38], 1e-6;
        "norm_p(-2), huge": numbers(&three_four(1e200).norm_p(-2)) => [2.4e200], 1e-14;
        "norm_p(-2), tiny": numbers(&three_four(1e-200).norm_p(-2)) => [2.4e-200], 1e-14;
        "norm_p(1000)": numbers(&narrow(1.0).norm_p(1000)) => [4.0], 2e-7;
        "norm_p(-1000)": numbers(&narrow(1.0).norm_p(-1000)) => [3.0], 2e-7;
        "norm_p(-1) with 0": numbers(&Tensor::<F>::new([0.0, 1e30]).norm_p(-1)) => [0.0], 0.0;
    });
}

#[test]
fn slopes_far_out() {
    check(rows! {
        "gelu_tanh":
            slope(Tensor::<f32>::new([-3e38, -2e19, 2e19, 3e38]), Tensor::gelu_tanh) => [0.0, 0.0, 1.0, 1.0], 0.0;
        "gelu_tanh, f64":
            slope(Tensor::<f64>::new([-1e300, 1e103, 1e300]), Tensor::gelu_tanh) => [0.0, 1.0, 1.0], 0.0;
        "gelu": slope(Tensor::<f32>::new([-3e38, -2e19, 2e19, 3e38]), Tensor::gelu) => [0.0, 0.0, 1.0, 1.0], 0.0;
        "silu": slope(Tensor::<f32>::new([-3e38, 2e19, 3e38]), Tensor::silu) => [0.0, 1.0, 1.0], 0.0;
    });
}

#[test]
fn variances_of_numbers_close_together() {
    let constant = |n: usize| Tensor::<f32>::full([n, 1], 12345.678);
    let alternating = |n: usize| {
        let numbers = (0..n).map(|i| 1e6 + (i % 2) as f32).collect();
        Tensor::from_vec(numbers, [n]).unwrap()
    };
    let signs: Vec<f64> = (0..10_000).map(|i| f64::from(i % 2) * 2.0 - 1.0).collect();
    let running = |x: &Tensor<f32>| {
        let (mean, variance) = (Tensor::zeros([1]), Tensor::zeros([1]));
        x.batch_norm(Some((&mean, &variance)), None, None, true, 1.0, 1e-5);
        vec![mean.item(), variance.item()]
    };
    let normed = |x: &Tensor<f32>| x.batch_norm(None, None, None, true, 0.1, 0.0);
    let uneven = Tensor::<f64>::new([1.0, -2.0, 0.5, 4.0]);
    let shifted = |by: f64| &uneven + by;
    let close = (1u64 << 52) as f64;
    check(rows! {
        "batch norm of 3":
            largest(&numbers(&constant(3).batch_norm(None, None, None, true, 0.1, 1e-5))) => [0.0], 0.0;
        "batch norm of 4097":
            largest(&numbers(&constant(4097).batch_norm(None, None, None, true, 0.1, 1e-5))) => [0.0], 0.0;
        "batch norm of images": largest(&numbers(&constant(4097).expand([4097, 3]).reshape([-1, 3, 1, 1])
            .batch_norm(None, None, None, true, 0.1, 1e-5))) => [0.0], 0.0;
        "running moments": running(&constant(4097)) => [12345.678_f32 as f64, 0.0], 0.0;
        "running moments, alternating":
            running(&alternating(10_000).reshape([-1, 1])) => [1e6 + 0.5, 0.25 / 0.9999], 1e-6;
        "batch norm, alternating": numbers(&normed(&alternating(10_000).reshape([-1, 1]))) => signs, 1e-6;
        "layer norm, alternating": numbers(&alternating(10_000).layer_norm(10_000, None, None, 0.0)) => signs, 1e-6;
        "layer norm of equal numbers":
            largest(&numbers(&constant(1000).layer_norm([1000, 1], None, None, 1e-5))) => [0.0], 0.0;
        "var": numbers(&alternating(10_000).var_dim(0, 0)) => [0.25], 1e-6;
        "var of rows": numbers(&alternating(10_000).reshape([-1, 1]).var_dim(0, 0)) => [0.25], 1e-6;
        "var of many rows":
            numbers(&alternating(10_000).reshape([2, -1]).expand([2, 5000]).var_dim(1, 0)) => [0.25, 0.25], 1e-6;
        "var of f64":
            numbers(&shifted(close).var_dim(0, 0))
            => numbers(&(&uneven * 2 / 2 + close - close).var_dim(0, 0)), 1e-12;
        "std": numbers(&constant(10).std()) => [0.0], 0.0;
        "std of many": numbers(&constant(1_000_001).std()) => [0.0], 0.0;
        "std, gradient": slope(constant(10), Tensor::std) => [0.0; 10], 0.0;
        "std of f64": numbers(&Tensor::<f64>::full([1001], 0.1).std()) => [0.0], 0.0;
        "var, gradient": largest(&slope(constant(10), Tensor::var)) => [0.0], 0.0;
        "var, alternating, gradient": slope(alternating(1000), Tensor::var)[..2] => [-1.0 / 999.0, 1.0 / 999.0], 1e-6;
        "std, alternating, gradient": slope(alternating(1000), |x| x.std_dim(0, 0))[..2] => [-1e-3, 1e-3], 1e-6;
        "layer norm, gradient far from 0": {
            // Subtracting its mean from the upstream gradient does not change the gradient of x.
            let (x, seed) = (Tensor::<f64>::new([0.0, 1.0, 3.0, -2.0]), Tensor::<f64>::new([0.5, -1.0, 2.0, 0.0]));
            let near = slope(x.copy(), |x| x.layer_norm(4, None, None, 0.0) * &seed);
            let far = slope(x.cast::<f32>(), |x| x.layer_norm(4, None, None, 0.0) * (seed.cast::<f32>() + 1048576.0));
            let apart = near.iter().zip(&far).map(|(near, far)| (near - far).abs());
            apart.map(|d| f64::from(u8::from(d > 1e-6))).collect::<Vec<_>>()
        } => [0.0; 4], 0.0;
    });
}

#[test]
fn deviations_of_very_large_and_very_small_numbers() {
    let pair = |size: f64| Tensor::<f32>::new([-size, size]);
    let wide = |size: f64| Tensor::<f64>::new([-size, size]);
    let root = 2_f64.sqrt();
    let direction = [-root / 2.0, root / 2.0];
    let normed =
        |x: &Tensor<f32>, eps: f64| x.reshape([-1, 1]).batch_norm(None, None, None, true, 0.1, eps).flatten();
    let seed = Tensor::<f32>::new([3.0, 1.0, 2.0]);
    check(rows! {
        "std, huge": numbers(&pair(1e30).std()) => [root * 1e30], 2e-7;
        "std, largest": numbers(&pair(3e38).std_dim(0, 0)) => [3e38], 2e-7;
        "std, tiny": numbers(&pair(1e-30).std()) => [root * 1e-30], 2e-7;
        "std, subnormal": numbers(&pair(1e-42).std_dim(0, 0)) => [1e-42], 1e-3;
        "std, f64": numbers(&wide(1e200).std()) => [root * 1e200], 1e-15;
        "std, f64, tiny": numbers(&wide(1e-200).std()) => [root * 1e-200], 1e-15;
        "std of lanes":
            numbers(&Tensor::<f32>::new([[-1e30, 1e30], [-1.0, 1.0], [-1e-30, 1e-30], [5.0, 5.0]]).std_dim(1, 0))
            => [1e30, 1.0, 1e-30, 0.0], 2e-7;
        "std, huge, gradient": slope(pair(1e30), Tensor::std) => direction, 2e-7;
        "std, largest, gradient": slope(pair(3e38), Tensor::std) => direction, 2e-7;
        "std, tiny, gradient": slope(pair(1e-30), Tensor::std) => direction, 2e-7;
        "std, smallest, gradient": slope(pair(1e-45), |x| x.std_dim(0, 0)) => [-0.5, 0.5], 2e-7;
        "std, f64, gradient": slope(wide(1e200), Tensor::std) => direction, 1e-15;
        "std, f64, tiny, gradient": slope(wide(1e-200), Tensor::std) => direction, 1e-15;
        "var whose squares overflow":
            numbers(&Tensor::<f32>::cat(&[&pair(1.9e19), &Tensor::zeros([998])], 0).var_dim(0, 0))
            => [1.9e19_f64.powi(2) / 500.0], 1e-6;
        "var, huge, gradient": slope(pair(1e25), |x| x.var_dim(0, 0)) => [-1e25, 1e25], 2e-7;
        "layer norm, huge": numbers(&pair(1e30).layer_norm(2, None, None, 1e-5)) => [-1.0, 1.0], 2e-7;
        "layer norm, largest": numbers(&pair(3e38).layer_norm(2, None, None, 1e-5)) => [-1.0, 1.0], 2e-7;
        "layer norm, tiny": numbers(&pair(1e-30).layer_norm(2, None, None, 0.0)) => [-1.0, 1.0], 2e-7;
        "layer norm, tiny with eps": numbers(&pair(1e-30).layer_norm(2, None, None, 1e-4)) => [-1e-28, 1e-28], 2e-7;
        "layer norm, f64": numbers(&wide(1e200).layer_norm(2, None, None, 1e-5)) => [-1.0, 1.0], 1e-15;
        "layer norm, huge, gradient":
            slope(Tensor::<f32>::new([-1e30, 0.0, 1e30]), |x| x.layer_norm(3, None, None, 1e-5) * &seed)
            => [1.5_f64.sqrt() * 5e-31, -1.5_f64.sqrt() * 1e-30, 1.5_f64.sqrt() * 5e-31], 1e-6;
        "batch norm, huge": numbers(&normed(&pair(1e30), 1e-5)) => [-1.0, 1.0], 2e-7;
        "batch norm, tiny": numbers(&normed(&pair(1e-30), 0.0)) => [-1.0, 1.0], 2e-7;
        "running mean of huge numbers": {
            let (mean, variance) = (Tensor::zeros([1]), Tensor::zeros([1]));
            Tensor::<f32>::full([1000, 1], 3e38).batch_norm(Some((&mean, &variance)), None, None, true, 1.0, 1e-5);
            [mean.item(), variance.item()]
        } => [3e38_f32 as f64, 0.0], 0.0;
        "mean that overflows on its way":
            numbers(&Tensor::<f32>::full([1000], 3e38).mean()) => [3e38_f32 as f64], 1e-6;
        "mean of lanes that overflow":
            numbers(&Tensor::<f32>::full([1000, 2], -3e38).mean_dim(0)) => [-3e38; 2], 1e-6;
        "mse_loss that overflows on its way":
            numbers(&Tensor::<f32>::full([1000], 1.8e19).mse_loss(&Tensor::zeros([1000])))
            => [1.8e19_f64.powi(2)], 1e-6;
        "mse_loss whose squares overflow":
            numbers(&Tensor::<f32>::cat(&[&pair(3e19), &Tensor::zeros([98])], 0).mse_loss(&Tensor::zeros([100])))
            => [9e38 / 50.0], 1e-6;
    });
}
