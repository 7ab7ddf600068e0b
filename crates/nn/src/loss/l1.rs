//! `L1Loss`: absolute differences.

use downhill_tensor::{Float, Tensor};

use crate::loss::{Reduction, check_targets, module};

/// The absolute difference between outputs and targets: `|y - t|`, with the slope 0 where they are equal.
///
/// ```
/// use downhill_nn::L1Loss;
/// use downhill_tensor::Tensor;
/// let (outputs, targets) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 4.0]));
/// assert_eq!(L1Loss::new().forward(&outputs, &targets).item(), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct L1Loss {
    reduction: Reduction,
}
module!(L1Loss);

impl L1Loss {
    /// The mean over all elements.
    pub fn new() -> Self {
        L1Loss::default()
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        L1Loss { reduction }
    }

    /// The loss of outputs against targets of the same shape.
    ///
    /// # Panics
    /// When the shapes differ; PyTorch broadcasts with a warning.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets("l1_loss", outputs, targets);
        self.reduction.reduce((outputs - targets).abs())
    }
}
