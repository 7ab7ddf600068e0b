//! `BCEWithLogitsLoss`: the cross-entropy of yes-or-no questions, from logits.

use downhill_tensor::{AnyTensor, Error, Float, Tensor};

use crate::loss::{Reduction, check_targets, constant, module};

/// The binary cross-entropy of targets under the sigmoid of the outputs: `-t ln σ(y) - (1 - t) ln(1 - σ(y))`, for outputs
/// straight from a linear layer. Large logits neither overflow nor lose their accuracy.
///
/// ```
/// use downhill_nn::BCEWithLogitsLoss;
/// use downhill_tensor::Tensor;
/// let (outputs, targets) = (Tensor::from([1000.0, -1000.0]), Tensor::from([1.0, 1.0]));
/// assert_eq!(BCEWithLogitsLoss::new().forward(&outputs, &targets).item(), 500.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct BCEWithLogitsLoss {
    weight: Option<AnyTensor>,
    pos_weight: Option<AnyTensor>,
    reduction: Reduction,
}
module!(BCEWithLogitsLoss, weight, pos_weight);

impl BCEWithLogitsLoss {
    /// The mean over all elements.
    pub fn new() -> Self {
        BCEWithLogitsLoss::default()
    }

    /// A factor for each loss, in a shape that broadcasts to that of the outputs. The mean is still divided by the number of
    /// elements.
    pub fn weight<T: Float>(self, weight: &Tensor<T>) -> Self {
        BCEWithLogitsLoss { weight: constant(weight), ..self }
    }

    /// How much a "yes" counts, in a shape that broadcasts to that of the outputs: `[questions]` for outputs `[n, questions]`.
    pub fn pos_weight<T: Float>(self, pos_weight: &Tensor<T>) -> Self {
        BCEWithLogitsLoss { pos_weight: constant(pos_weight), ..self }
    }

    /// Another way to make one number of many.
    pub fn reduction(self, reduction: Reduction) -> Self {
        BCEWithLogitsLoss { reduction, ..self }
    }

    /// The loss of logits against targets of the same shape: 1 for yes, 0 for no, or a probability between.
    ///
    /// # Panics
    /// When the shapes differ, or a weight does not broadcast to them.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets(OP, outputs, targets);
        let weight = broadcasting("a weight", self.weight.as_ref(), outputs);
        let pos_weight = broadcasting("a pos_weight", self.pos_weight.as_ref(), outputs);
        // With 1 - σ(y) = σ(y) e⁻ʸ this is (1 - t) y - (1 - t + p t) ln σ(y), where p is the weight of a yes.
        let yes = outputs.log_sigmoid();
        let yes = match pos_weight {
            Some(pos_weight) => yes * (targets * (pos_weight - 1) + 1),
            None => yes,
        };
        let mut losses = (1 - targets) * outputs - yes;
        if let Some(weight) = weight {
            losses = losses * weight;
        }
        self.reduction.reduce(losses)
    }
}

const OP: &str = "binary_cross_entropy_with_logits";

/// A weight that stretches to the shape of the outputs, and does not stretch them.
#[track_caller]
fn broadcasting<T: Float>(name: &str, weight: Option<&AnyTensor>, outputs: &Tensor<T>) -> Option<Tensor<T>> {
    let weight = weight?;
    let (from, to) = (weight.shape(), outputs.shape());
    let fits = |(&from, &to): (&usize, &usize)| from == to || from == 1;
    if from.len() > to.len() || !from.iter().rev().zip(to.iter().rev()).all(fits) {
        let expected = format!("{name} that broadcasts to {to:?}, the shape of the outputs");
        Error::Expected { op: OP, expected, given: format!("{from:?}") }.raise();
    }
    Some(weight.cast())
}
