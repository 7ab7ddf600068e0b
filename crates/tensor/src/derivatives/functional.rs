//! Derivatives of functions: the Jacobian, the Hessian, and its product with a vector.
//!
//! These take a closure, as PyTorch's `torch.autograd.functional` does. The results are detached.

use crate::array::Array;
use crate::autograd::backward::Backward;
use crate::autograd::grad_mode::enable_grad;
use crate::autograd::tensor::Tensor;
use crate::base::element::Float;
use crate::base::shape::IntoShape;
use downhill_kernels::buffer;
use downhill_kernels::error::Error;

/// The derivative of every element of `f(x)` with respect to every element of `x`, in the shape of `f(x)` followed by
/// that of `x`.
///
/// It takes one backward pass for each element of `f(x)`.
///
/// ```
/// use downhill_tensor::{Tensor, jacobian};
/// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// let j = jacobian(|x| a.matmul(x), &Tensor::from([0.5, -0.5]));
/// assert_eq!(j.to_vec(), a.to_vec());
/// ```
#[track_caller]
pub fn jacobian<T: Float>(f: impl FnOnce(&Tensor<T>) -> Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    let x = leaf(x);
    rows("jacobian", &enable_grad(|| f(&x)), &x)
}

/// The gradient of each element of `y`, one after the other.
#[track_caller]
fn rows<T: Float>(op: &'static str, y: &Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    let shape = [y.shape(), x.shape()].concat().into_shape();
    let mut data = buffer::of_shape(op, shape.slice());
    data.fill(T::zero());
    if y.requires_grad() {
        // Nothing to write if there are no rows, or rows without elements.
        for (element, row) in data.chunks_exact_mut(x.numel().max(1)).enumerate() {
            let mut seed = Array::filled(op, y.shape().into_shape(), T::zero());
            seed.slice_mut()[element] = T::one();
            let [grad] = Backward::with(y, &Tensor::from_array(seed)).retain_graph().grads([x]);
            if let Some(grad) = grad {
                row.copy_from_slice(grad.array().contiguous().slice());
            }
        }
    }
    Tensor::from_array(Array::own(shape, data))
}

/// The second derivatives of the scalar `f(x)` with respect to every pair of elements of `x`; the shape is that of
/// `x` twice.
///
/// ```
/// use downhill_tensor::{Tensor, hessian};
/// // x²y has the Hessian [[2y, 2x], [2x, 0]].
/// let h = hessian(|v| v.select(0, 0).square() * v.select(0, 1), &Tensor::from([3.0, 5.0]));
/// assert_eq!(h.to_vec(), [10.0, 6.0, 6.0, 0.0]);
/// ```
///
/// # Panics
/// When `f` gives more than one element.
#[track_caller]
pub fn hessian<T: Float>(f: impl FnOnce(&Tensor<T>) -> Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    let x = leaf(x);
    let y = enable_grad(|| f(&x));
    rows("hessian", &gradient(&y, &x), &x)
}

/// The Hessian of the scalar `f(x)` times `v`, which has the shape of `x`, without computing the Hessian: two
/// backward passes.
///
/// ```
/// use downhill_tensor::{Tensor, hvp};
/// let (x, v) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, -1.0]));
/// assert_eq!(hvp(|x| x.pow(3).sum(), &x, &v).to_vec(), [6.0, -12.0]);
/// ```
///
/// # Panics
/// When `f` gives more than one element, or the shapes of `x` and `v` differ.
#[track_caller]
pub fn hvp<T: Float>(f: impl FnOnce(&Tensor<T>) -> Tensor<T>, x: &Tensor<T>, v: &Tensor<T>) -> Tensor<T> {
    if v.shape() != x.shape() {
        let expected = format!("a vector in the shape of x, {:?}", x.shape());
        Error::expected("hvp", expected, format!("{:?}", v.shape())).raise();
    }
    let x = leaf(x);
    let y = enable_grad(|| f(&x));
    let gradient = gradient(&y, &x);
    if !gradient.requires_grad() {
        return x.zeros_like();
    }
    let [product] = Backward::with(&gradient, &v.detach()).grads([&x]);
    match product {
        Some(product) => product,
        None => x.zeros_like(),
    }
}

/// The same values as a leaf of a new graph.
fn leaf<T: Float>(x: &Tensor<T>) -> Tensor<T> {
    x.detach().requires_grad_(true)
}

/// The gradient of a scalar, recorded so that it can be differentiated; zeros if the scalar does not depend on `x`.
#[track_caller]
fn gradient<T: Float>(y: &Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    if (y.requires_grad() || y.numel() != 1)
        && let [Some(gradient)] = Backward::of(y).create_graph().grads([x])
    {
        return gradient;
    }
    x.zeros_like()
}
