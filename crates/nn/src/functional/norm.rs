//! Layer and batch normalisation.

use downhill_tensor::{Float, IntoShape, Tensor};

/// Normalises each example over its last dimensions: see [`Tensor::layer_norm`].
///
/// # Panics
/// When the shapes do not match.
#[track_caller]
pub fn layer_norm<T: Float>(
    input: &Tensor<T>,
    normalized_shape: impl IntoShape,
    weight: Option<&Tensor<T>>,
    bias: Option<&Tensor<T>>,
    eps: f64,
) -> Tensor<T> {
    input.layer_norm(normalized_shape, weight, bias, eps)
}

/// Normalises each channel, with running mean and variance as a pair: see [`Tensor::batch_norm`].
///
/// # Panics
/// When the shapes do not match, there is only one value per channel in training, or there are no running averages in
/// evaluation.
#[track_caller]
pub fn batch_norm<T: Float>(
    input: &Tensor<T>,
    running: Option<(&Tensor<T>, &Tensor<T>)>,
    weight: Option<&Tensor<T>>,
    bias: Option<&Tensor<T>>,
    training: bool,
    momentum: f64,
    eps: f64,
) -> Tensor<T> {
    input.batch_norm(running, weight, bias, training, momentum, eps)
}
