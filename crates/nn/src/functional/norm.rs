//! Normalisations: each example or each channel on a common scale.

use downhill_tensor::{Float, IntoShape, Tensor};

/// Each example on a common scale over its last dimensions: see [`Tensor::layer_norm`].
///
/// # Panics
/// When the shapes do not fit.
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

/// Each channel on a common scale, with running mean and variance as a pair: see [`Tensor::batch_norm`].
///
/// # Panics
/// When the shapes do not fit, there is one value per channel in training, or nothing running outside training.
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
