//! Gradients of gradients.

use downhill_tensor::{Backward, MaxPool2dOptions, Tensor, grad};

use super::{grad_of, leaf};

/// The derivative of a scalar, which can be differentiated again.
fn derivative(y: &Tensor<f64>, x: &Tensor<f64>) -> Tensor<f64> {
    let [dx] = Backward::of(y).create_graph().grads([x]);
    dx.expect("y depends on x")
}

/// A way to write a function of one variable.
type Form = fn(&Tensor<f64>) -> Tensor<f64>;

#[test]
fn every_derivative_of_x_to_the_fourth() {
    let forms: &[(&str, Form)] = &[
        ("pow", |x| x.pow(4)),
        ("squares", |x| x.square().square()),
        ("products", |x| x * x * x * x),
        ("a quotient", |x| x.pow(6) / x.square()),
    ];
    for (name, form) in forms {
        let x = leaf(2.0);
        let first = derivative(&form(&x), &x);
        let second = derivative(&first, &x);
        let third = derivative(&second, &x);
        let fourth = derivative(&third, &x);
        let found = [first.item(), second.item(), third.item(), fourth.item()];
        for (found, expected) in found.into_iter().zip([32.0, 48.0, 48.0, 24.0]) {
            assert!((found - expected).abs() < 1e-9, "{name}: {found} instead of {expected}");
        }
    }
}

#[test]
fn the_hessian_of_a_small_function() {
    // f = x²y + y³ has the Hessian [[2y, 2x], [2x, 6y]].
    let v = leaf([3.0, 5.0]);
    let (x, y) = (v.select(0, 0), v.select(0, 1));
    let gradient = derivative(&(x.square() * &y + y.pow(3)), &v);
    assert_eq!(gradient.to_vec(), [30.0, 84.0]);
    let row = |i| {
        let [row] = Backward::of(&gradient.select(0, i)).retain_graph().grads([&v]);
        row.unwrap().to_vec()
    };
    assert_eq!([row(0), row(1)], [[10.0, 6.0], [6.0, 30.0]]);
}

#[test]
fn a_hessian_vector_product_through_matrices() {
    // f = xᵀ A x has the gradient (A + Aᵀ) x, and so the Hessian A + Aᵀ.
    let a = Tensor::<f64>::new([[1.0, 2.0], [-3.0, 4.0]]);
    let (x, v) = (leaf([1.0, -1.0]), Tensor::<f64>::new([10.0, 1.0]));
    let gradient = derivative(&x.matmul(&a).matmul(&x), &x);
    assert_eq!(gradient.to_vec(), [3.0, -9.0]);
    let [product] = grad(&gradient.matmul(&v), [&x]);
    assert_eq!(product.unwrap().to_vec(), [19.0, -2.0]);
}

#[test]
fn create_graph_records_the_gradient_and_run_does_not() {
    let x = leaf(3.0);
    x.pow(3).backward();
    assert!(!x.grad().unwrap().requires_grad());
    x.zero_grad();
    Backward::of(&x.pow(3)).create_graph().run();
    let gradient = x.grad().unwrap();
    assert!(gradient.requires_grad());
    assert_eq!(gradient.item(), 27.0);
    x.zero_grad();
    gradient.backward();
    assert_eq!(grad_of(&x), [18.0]);
    x.zero_grad();
}

#[test]
fn a_gradient_penalty_trains_through_the_gradient() {
    // loss = (d(wx²)/dx)² = 4w²x², so ∂loss/∂w = 8wx².
    let (w, x) = (leaf(3.0), leaf(2.0));
    let slope = derivative(&(&w * x.square()), &x);
    slope.square().backward();
    assert_eq!(grad_of(&w), [96.0]);
}

#[test]
fn a_second_derivative_that_is_zero_does_not_depend_on_its_input() {
    let (x, y) = (leaf(3.0), leaf(2.0));
    let slope = derivative(&(&x * &y), &x);
    let [by_x, by_y] = grad(&slope, [&x, &y]);
    assert!(by_x.is_none());
    assert_eq!(by_y.unwrap().item(), 1.0);
}

/// The gradient of a maximum is linear in the upstream gradient: all of it goes to the position of the maximum.
#[test]
fn the_gradient_of_maxima_is_linear() {
    let options = MaxPool2dOptions::new(2).dilation(2).padding(1).stride([1, 2]);
    let x = leaf([[[1.0, 5.0], [4.0, 3.0]]]);
    let y = x.max_pool2d(options);
    assert_eq!((y.shape(), y.to_vec()), (&[1, 2, 1][..], vec![3.0, 5.0]));
    let seed = leaf([[[2.0], [3.0]]]);
    let [dx] = Backward::with(&y, &seed).create_graph().grads([&x]);
    let dx = dx.unwrap();
    assert_eq!(dx.to_vec(), [0.0, 3.0, 0.0, 2.0]);
    let [dseed] = grad(&(dx * Tensor::<f64>::new([[[10.0, 20.0], [30.0, 40.0]]])).sum(), [&seed]);
    assert_eq!(dseed.unwrap().to_vec(), [40.0, 20.0]);
}
