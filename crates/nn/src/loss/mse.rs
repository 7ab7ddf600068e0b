//! `MSELoss`: squared differences.

use downhill_tensor::{Float, Tensor};

use crate::loss::{Reduction, check_targets, module};

/// The squared difference between outputs and targets: `(y - t)²`.
///
/// ```
/// use downhill_nn::{MSELoss, Reduction};
/// use downhill_tensor::Tensor;
/// let (outputs, targets) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 4.0]));
/// assert_eq!(MSELoss::new().forward(&outputs, &targets).item(), 2.0);
/// assert_eq!(MSELoss::new().reduction(Reduction::Sum).forward(&outputs, &targets).item(), 4.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MSELoss {
    reduction: Reduction,
}
module!(MSELoss);

impl MSELoss {
    /// The mean over all elements.
    pub fn new() -> Self {
        MSELoss::default()
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        MSELoss { reduction }
    }

    /// The loss of outputs against targets of the same shape.
    ///
    /// # Panics
    /// When the shapes differ. PyTorch broadcasts with a warning: `[n, 1]` against `[n]` then compares every output
    /// with every target, and the model learns their mean.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets("mse_loss", outputs, targets);
        match self.reduction {
            Reduction::Mean => outputs.mse_loss(targets),
            reduction => reduction.reduce((outputs - targets).square()),
        }
    }
}
