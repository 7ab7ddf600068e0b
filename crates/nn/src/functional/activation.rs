//! Activation functions, softmax and dropout.

use downhill_tensor::{Error, Float, IntoScalar, Tensor};

use crate::Approximate;

/// Sets negative elements to 0: see [`Tensor::relu`].
pub fn relu<T: Float>(input: &Tensor<T>) -> Tensor<T> {
    input.relu()
}

/// The sigmoid of each element: see [`Tensor::sigmoid`].
pub fn sigmoid<T: Float>(input: &Tensor<T>) -> Tensor<T> {
    input.sigmoid()
}

/// The hyperbolic tangent of each element: see [`Tensor::tanh`].
pub fn tanh<T: Float>(input: &Tensor<T>) -> Tensor<T> {
    input.tanh()
}

/// x σ(x) of each element: see [`Tensor::silu`].
pub fn silu<T: Float>(input: &Tensor<T>) -> Tensor<T> {
    input.silu()
}

/// Multiplies negative elements by a slope, 0.01 by default in PyTorch: see [`Tensor::leaky_relu`].
pub fn leaky_relu<T: Float>(input: &Tensor<T>, negative_slope: impl IntoScalar) -> Tensor<T> {
    input.leaky_relu(negative_slope)
}

/// `alpha` (exp(x) - 1) for negative elements, with `alpha` 1 by default in PyTorch: see [`Tensor::elu`].
pub fn elu<T: Float>(input: &Tensor<T>, alpha: impl IntoScalar) -> Tensor<T> {
    input.elu(alpha)
}

/// x Φ(x) of each element: see [`Tensor::gelu`] and [`Tensor::gelu_tanh`].
pub fn gelu<T: Float>(input: &Tensor<T>, approximate: Approximate) -> Tensor<T> {
    match approximate {
        Approximate::None => input.gelu(),
        Approximate::Tanh => input.gelu_tanh(),
    }
}

/// log(1 + exp(β x)) / β, and x itself where β x is above the threshold; 1 and 20 by default in PyTorch: see
/// [`Tensor::softplus`].
pub fn softplus<T: Float>(input: &Tensor<T>, beta: impl IntoScalar, threshold: impl IntoScalar) -> Tensor<T> {
    input.softplus(beta, threshold)
}

/// Exponentials scaled to sum to 1 along a dimension: see [`Tensor::softmax`].
///
/// # Panics
/// When the dimension does not exist.
#[track_caller]
pub fn softmax<T: Float>(input: &Tensor<T>, dim: isize) -> Tensor<T> {
    input.softmax(dim)
}

/// The logarithm of [`softmax`]: see [`Tensor::log_softmax`].
///
/// # Panics
/// When the dimension does not exist.
#[track_caller]
pub fn log_softmax<T: Float>(input: &Tensor<T>, dim: isize) -> Tensor<T> {
    input.log_softmax(dim)
}

/// In training, sets each element to 0 with probability `p` and divides the others by 1 - p: see [`Tensor::dropout`].
///
/// ```
/// use downhill_nn::functional as F;
/// use downhill_tensor::Tensor;
/// let x = Tensor::ones([2]);
/// assert_eq!(F::dropout(&x, 0.5, false).to_vec(), [1.0, 1.0]);
/// assert_eq!(F::dropout(&x, 1.0, true).to_vec(), [0.0, 0.0]);
/// ```
///
/// # Panics
/// When `p` is not between 0 and 1.
#[track_caller]
pub fn dropout<T: Float>(input: &Tensor<T>, p: f64, training: bool) -> Tensor<T> {
    if !(0.0..=1.0).contains(&p) {
        Error::Argument { op: "dropout", name: "p", given: p.to_string(), expected: "from 0 to 1" }.raise();
    }
    if training { input.dropout(p) } else { input.clone() }
}
