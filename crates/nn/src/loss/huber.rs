//! `HuberLoss` and `SmoothL1Loss`: quadratic near the target and linear far away, so that outliers do not dominate.

use downhill_tensor::{Error, Float, IntoScalar, Tensor};

use crate::loss::{Reduction, check_targets, module};

/// `d²/2` where `|d| < delta`, and `delta (|d| - delta/2)` beyond.
///
/// With c the difference clamped to ±delta, both cases are c (d - c/2). The gradient is c.
#[track_caller]
fn huber<T: Float>(difference: Tensor<T>, delta: f64) -> Tensor<T> {
    let cut = difference.clamp(-delta, delta);
    &cut * (difference - &cut / 2)
}

/// `d²/2` for differences `d = y - t` up to `delta`, and `delta (|d| - delta/2)` beyond: the gradient is `d` clamped
/// to `±delta`.
///
/// P. J. Huber, *Robust Estimation of a Location Parameter*, 1964.
///
/// ```
/// use downhill_nn::{HuberLoss, Reduction};
/// use downhill_tensor::Tensor;
/// let loss = HuberLoss::new().delta(2).reduction(Reduction::None);
/// assert_eq!(loss.forward(&Tensor::from([1.0, 10.0]), &Tensor::zeros([2])).to_vec(), [0.5, 18.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HuberLoss {
    delta: f64,
    reduction: Reduction,
}
module!(HuberLoss);

impl Default for HuberLoss {
    fn default() -> Self {
        HuberLoss { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl HuberLoss {
    /// The mean over all elements, linear beyond a difference of 1.
    pub fn new() -> Self {
        HuberLoss::default()
    }

    /// The absolute difference at which the loss becomes linear; 1 by default.
    ///
    /// # Panics
    /// When it is not positive.
    #[track_caller]
    pub fn delta(self, delta: impl IntoScalar) -> Self {
        let delta = delta.into_scalar();
        if delta.is_nan() || delta <= 0.0 {
            Error::Argument { op: "huber_loss", name: "delta", given: delta.to_string(), expected: "positive" }
                .raise();
        }
        HuberLoss { delta, ..self }
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        HuberLoss { reduction, ..self }
    }

    /// The loss of outputs against targets of the same shape.
    ///
    /// # Panics
    /// When the shapes differ; PyTorch broadcasts with a warning.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets("huber_loss", outputs, targets);
        self.reduction.reduce(huber(outputs - targets, self.delta))
    }
}

/// `d²/2beta` for differences `d = y - t` up to `beta`, and `|d| - beta/2` beyond: the slope is ±1 far away, without
/// a kink at 0.
///
/// R. Girshick, *Fast R-CNN*, 2015, with `beta` 1. It is the Huber loss divided by `beta`, and
/// [`L1Loss`](crate::L1Loss) when `beta` is 0.
///
/// ```
/// use downhill_nn::{Reduction, SmoothL1Loss};
/// use downhill_tensor::Tensor;
/// let loss = SmoothL1Loss::new().beta(2).reduction(Reduction::None);
/// assert_eq!(loss.forward(&Tensor::from([1.0, 10.0]), &Tensor::zeros([2])).to_vec(), [0.25, 9.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SmoothL1Loss {
    beta: f64,
    reduction: Reduction,
}
module!(SmoothL1Loss);

impl Default for SmoothL1Loss {
    fn default() -> Self {
        SmoothL1Loss { beta: 1.0, reduction: Reduction::Mean }
    }
}

impl SmoothL1Loss {
    /// The mean over all elements, linear beyond a difference of 1.
    pub fn new() -> Self {
        SmoothL1Loss::default()
    }

    /// The absolute difference at which the loss becomes linear; 1 by default.
    ///
    /// # Panics
    /// When it is negative.
    #[track_caller]
    pub fn beta(self, beta: impl IntoScalar) -> Self {
        let beta = beta.into_scalar();
        if beta.is_nan() || beta < 0.0 {
            Error::Argument {
                op: "smooth_l1_loss",
                name: "beta",
                given: beta.to_string(),
                expected: "0 or positive",
            }
            .raise();
        }
        SmoothL1Loss { beta, ..self }
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        SmoothL1Loss { reduction, ..self }
    }

    /// The loss of outputs against targets of the same shape.
    ///
    /// # Panics
    /// When the shapes differ; PyTorch broadcasts with a warning.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets("smooth_l1_loss", outputs, targets);
        let difference = outputs - targets;
        let losses = if self.beta == 0.0 { difference.abs() } else { huber(difference, self.beta) / self.beta };
        self.reduction.reduce(losses)
    }
}
