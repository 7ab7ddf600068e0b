//! Losses as functions of outputs and targets, with PyTorch's default options.
//!
//! For other options use the struct: `F.cross_entropy(x, y, label_smoothing=0.1)` is
//! `CrossEntropyLoss::new().label_smoothing(0.1).forward(&x, &y)`.

use downhill_tensor::{Float, Tensor};

use crate::loss::{
    BCEWithLogitsLoss, ClassTarget, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss,
};

/// The mean of [`MSELoss`].
///
/// ```
/// use downhill_nn::functional as F;
/// use downhill_tensor::Tensor;
/// assert_eq!(F::mse_loss(&Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 4.0])).item(), 2.0);
/// ```
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn mse_loss<T: Float>(outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
    MSELoss::new().forward(outputs, targets)
}

/// The mean of [`L1Loss`].
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn l1_loss<T: Float>(outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
    L1Loss::new().forward(outputs, targets)
}

/// The mean of [`SmoothL1Loss`], linear beyond a difference of 1.
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn smooth_l1_loss<T: Float>(outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
    SmoothL1Loss::new().forward(outputs, targets)
}

/// The mean of [`HuberLoss`], linear beyond a difference of 1.
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn huber_loss<T: Float>(outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
    HuberLoss::new().forward(outputs, targets)
}

/// The mean of [`CrossEntropyLoss`] of logits `[rows, classes]` against labels `[rows]` or probabilities
/// `[rows, classes]`.
///
/// ```
/// use downhill_nn::functional as F;
/// use downhill_tensor::Tensor;
/// let outputs = Tensor::from([[0.0, 0.0], [0.0, 0.0]]);
/// assert_eq!(F::cross_entropy(&outputs, &Tensor::from([1, 0])).item(), f64::from(2f32.ln()));
/// assert_eq!(F::cross_entropy(&outputs, &Tensor::from([[0.0, 1.0], [1.0, 0.0]])).item(), f64::from(2f32.ln()));
/// ```
///
/// # Panics
/// When the shapes do not match, or a label is not a class.
#[track_caller]
pub fn cross_entropy<'a, T: Float>(outputs: &Tensor<T>, target: impl Into<ClassTarget<'a, T>>) -> Tensor<T> {
    CrossEntropyLoss::new().forward(outputs, target)
}

/// The mean of [`NLLLoss`] of log-probabilities `[rows, classes]` against labels `[rows]`.
///
/// # Panics
/// When the shapes do not match, or a label is not a class.
#[track_caller]
pub fn nll_loss<T: Float>(log_probabilities: &Tensor<T>, labels: &Tensor<i64>) -> Tensor<T> {
    NLLLoss::new().forward(log_probabilities, labels)
}

/// The mean of [`BCEWithLogitsLoss`].
///
/// # Panics
/// When the shapes differ.
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Float>(outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
    BCEWithLogitsLoss::new().forward(outputs, targets)
}
