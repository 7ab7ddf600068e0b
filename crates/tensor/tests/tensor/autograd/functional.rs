//! `jacobian`, `hessian` and `hvp` against closed forms and against each other.

use downhill_tensor::{Tensor, hessian, hvp, jacobian, no_grad};

use super::leaf;

/// The Rosenbrock function (1 - x)² + 100 (y - x²)².
fn rosenbrock(v: &Tensor<f64>) -> Tensor<f64> {
    let (x, y) = (v.select(0, 0), v.select(0, 1));
    (1 - &x).square() + 100 * (y - x.square()).square()
}

#[test]
fn the_jacobian_has_the_shape_of_the_output_and_then_of_the_input() {
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let sums = jacobian(|x| x.sum_dim(0), &x);
    assert_eq!(sums.shape(), [2, 3, 2]);
    assert_eq!(sums.to_vec(), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    // ∂(xy, x + y, 1)/∂(x, y); the last does not depend on either.
    let two = Tensor::<f64>::new([3.0, 5.0]);
    let f = |v: &Tensor<f64>| {
        let (x, y) = (v.select(0, 0), v.select(0, 1));
        Tensor::stack(&[&(&x * &y), &(&x + &y), &Tensor::<f64>::new(1.0)], 0)
    };
    assert_eq!(jacobian(f, &two).to_vec(), [5.0, 3.0, 1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn the_hessian_of_rosenbrocks_function() {
    let at = Tensor::<f64>::new([-1.5, 2.0]);
    // [[1200x² - 400y + 2, -400x], [-400x, 200]]
    let h = hessian(rosenbrock, &at);
    assert_eq!((h.shape(), h.to_vec()), (&[2, 2][..], vec![1902.0, 600.0, 600.0, 200.0]));
    let v = Tensor::<f64>::new([1.0, -2.0]);
    assert_eq!(hvp(rosenbrock, &at, &v).to_vec(), [702.0, 200.0]);
}

/// PyTorch 2.15: `torch.autograd.functional.hessian(lambda x: x.tanh().prod(), ...)`, which tests the second
/// derivatives of prod and tanh.
#[test]
fn a_hessian_of_pytorch() {
    let x = Tensor::<f64>::new([[0.5, -1.0], [0.0, 2.0]]);
    let h = hessian(|x| x.tanh().prod(), &x);
    let want = [
        0.0,
        0.0,
        -0.5774081726820748,
        0.0,
        0.0,
        0.0,
        0.18709591697753666,
        0.0,
        -0.5774081726820747,
        0.18709591697753666,
        0.0,
        -0.024865255869192568,
        0.0,
        0.0,
        -0.024865255869192568,
        0.0,
    ];
    assert_eq!(h.shape(), [2, 2, 2, 2]);
    for (i, (got, want)) in h.to_vec().into_iter().zip(want).enumerate() {
        assert!((got - want).abs() < 1e-15, "element {i} is {got} instead of {want}");
    }
}

#[test]
fn functions_that_do_not_depend_on_their_input_or_only_linearly() {
    let (x, v) = (leaf([1.0, 2.0]), Tensor::<f64>::new([1.0, 1.0]));
    let constant = |_: &Tensor<f64>| Tensor::<f64>::new([7.0]);
    assert_eq!(jacobian(constant, &x).to_vec(), [0.0, 0.0]);
    assert_eq!(hessian(|x| x.sum(), &x).to_vec(), [0.0; 4]);
    assert_eq!(hessian(constant, &x).shape(), [2, 2]);
    assert_eq!(hvp(|x| x.sum(), &x, &v).to_vec(), [0.0, 0.0]);
    assert_eq!(jacobian(|x| x.slice(0, 2..), &x).shape(), [0, 2]);
}

#[test]
fn the_input_is_left_alone_and_grad_mode_does_not_matter() {
    let x = leaf([1.0, 2.0]);
    let (j, h) = no_grad(|| (jacobian(|x| x.square(), &x), hessian(|x| x.pow(3).sum(), &x)));
    assert_eq!((j.to_vec(), h.to_vec()), (vec![2.0, 0.0, 0.0, 4.0], vec![6.0, 0.0, 0.0, 12.0]));
    assert!(x.grad().is_none() && !j.requires_grad() && !h.requires_grad());
}
