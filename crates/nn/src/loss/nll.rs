//! `NLLLoss`: the negative log-likelihood of class labels, from log-probabilities.

use downhill_tensor::{AnyTensor, Float, Tensor};

use crate::loss::labels::{Labels, class_weight};
use crate::loss::{Reduction, constant, module};

/// The negative log-probability of the label; the outputs are log-probabilities, such as those of `log_softmax`.
///
/// ```
/// use downhill_nn::NLLLoss;
/// use downhill_tensor::Tensor;
/// let log_probabilities = Tensor::from([[-0.5, -1.5], [-2.0, -0.25]]);
/// assert_eq!(NLLLoss::new().forward(&log_probabilities, &Tensor::from([0, 0])).item(), 1.25);
/// ```
#[derive(Clone, Debug)]
pub struct NLLLoss {
    weight: Option<AnyTensor>,
    ignore_index: i64,
    reduction: Reduction,
}
module!(NLLLoss, weight);

impl Default for NLLLoss {
    fn default() -> Self {
        NLLLoss { weight: None, ignore_index: -100, reduction: Reduction::Mean }
    }
}

impl NLLLoss {
    /// The mean over all rows.
    pub fn new() -> Self {
        NLLLoss::default()
    }

    /// The weight of each class, `[classes]`. The mean divides the sum of the weighted losses by the sum of their
    /// weights.
    pub fn weight<T: Float>(self, weight: &Tensor<T>) -> Self {
        NLLLoss { weight: constant(weight), ..self }
    }

    /// The label whose rows are ignored; -100 by default.
    pub fn ignore_index(self, ignore_index: i64) -> Self {
        NLLLoss { ignore_index, ..self }
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        NLLLoss { reduction, ..self }
    }

    /// The loss of log-probabilities `[rows, classes]`, `[classes]` or `[rows, classes, d1, ...]` against labels
    /// `[rows]`, `[]` or `[rows, d1, ...]`, which start at 0. If all labels are ignored, the mean is NaN and its
    /// gradient 0.
    ///
    /// # Panics
    /// When the shapes do not match, or a label is neither a class nor ignored: the message names the row, the label
    /// and the number of classes.
    #[track_caller]
    pub fn forward<T: Float>(&self, log_probabilities: &Tensor<T>, labels: &Tensor<i64>) -> Tensor<T> {
        let op = "nll_loss";
        let labels = Labels::new(op, log_probabilities, labels, self.ignore_index);
        let weight = class_weight(op, self.weight.as_ref(), log_probabilities);
        let losses = labels.negative_log_likelihood(log_probabilities, weight.as_ref());
        labels.reduce(losses, weight.as_ref(), self.reduction)
    }
}
