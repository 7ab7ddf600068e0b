//! All parameters as one long vector, for second-order methods.

use downhill_tensor::{Float, Tensor, no_grad};

/// The number of elements of all parameters.
pub(crate) fn numel<T: Float>(parameters: &[Tensor<T>]) -> usize {
    parameters.iter().map(Tensor::numel).sum()
}

/// The values of all parameters.
pub(crate) fn values<T: Float>(parameters: &[Tensor<T>]) -> Vec<T> {
    parameters.iter().flat_map(Tensor::to_vec).collect()
}

/// The gradients of all parameters; zeros for a parameter without a gradient.
pub(crate) fn grads<T: Float>(parameters: &[Tensor<T>]) -> Vec<T> {
    let grad = |p: &Tensor<T>| p.grad().map_or_else(|| vec![T::zero(); p.numel()], |grad| grad.to_vec());
    parameters.iter().flat_map(grad).collect()
}

/// Sets the parameters to `begin + step * direction`.
#[track_caller]
pub(crate) fn set_moved<T: Float>(parameters: &[Tensor<T>], begin: &[T], direction: &[T], step: f64) {
    let mut moved = begin.to_vec();
    add_scaled(&mut moved, direction, step);
    let mut rest = moved.as_slice();
    no_grad(|| {
        for parameter in parameters {
            let (own, others) = rest.split_at(parameter.numel());
            parameter.update_(|values| values.copy_from_slice(own));
            rest = others;
        }
    });
}

/// `a + alpha * b`, in place.
pub(crate) fn add_scaled<T: Float>(a: &mut [T], b: &[T], alpha: f64) {
    let alpha = T::of(alpha);
    for (a, &b) in a.iter_mut().zip(b) {
        *a += alpha * b;
    }
}

/// The dot product.
pub(crate) fn dot<T: Float>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.to_scalar() * b.to_scalar()).sum()
}

/// The largest absolute value; NaN if any element is NaN.
pub(crate) fn max_abs<T: Float>(a: &[T]) -> f64 {
    a.iter().map(|x| x.to_scalar().abs()).fold(0.0, |max, x| if x > max || x.is_nan() { x } else { max })
}
