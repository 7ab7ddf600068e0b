//! `BCEWithLogitsLoss`: the binary cross-entropy, from logits.

use downhill_tensor::{AnyTensor, Error, Float, Tensor};

use crate::loss::{Reduction, check_targets, constant, module};

/// The binary cross-entropy of the sigmoid of the outputs: `-t ln σ(y) - (1 - t) ln(1 - σ(y))`. The outputs are
/// logits, directly from a linear layer. Large logits neither overflow nor lose accuracy.
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

    /// A factor for each loss, in a shape that broadcasts to that of the outputs. The mean still divides by the
    /// number of elements.
    pub fn weight<T: Float>(self, weight: &Tensor<T>) -> Self {
        BCEWithLogitsLoss { weight: constant(weight), ..self }
    }

    /// The weight of positive targets, in a shape that broadcasts to that of the outputs: `[questions]` for outputs
    /// `[n, questions]`.
    pub fn pos_weight<T: Float>(self, pos_weight: &Tensor<T>) -> Self {
        BCEWithLogitsLoss { pos_weight: constant(pos_weight), ..self }
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        BCEWithLogitsLoss { reduction, ..self }
    }

    /// The loss of logits against targets of the same shape: 1 for positive, 0 for negative, or a probability.
    ///
    /// # Panics
    /// When the shapes differ, or a weight does not broadcast to them.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        check_targets(OP, outputs, targets);
        let weight = broadcasting("a weight", self.weight.as_ref(), outputs);
        let pos_weight = broadcasting("a pos_weight", self.pos_weight.as_ref(), outputs);
        // With 1 - σ(y) = σ(y) e⁻ʸ this is (1 - t) y - (1 - t + p t) ln σ(y), where p is the weight of positive
        // targets.
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

/// A weight that broadcasts to the shape of the outputs.
#[track_caller]
fn broadcasting<T: Float>(name: &str, weight: Option<&AnyTensor>, outputs: &Tensor<T>) -> Option<Tensor<T>> {
    let weight = weight?;
    let (from, to) = (weight.shape(), outputs.shape());
    let fits = |(&from, &to): (&usize, &usize)| from == to || from == 1;
    if from.len() > to.len() || !from.iter().rev().zip(to.iter().rev()).all(fits) {
        let expected = format!("{name} that broadcasts to {to:?}, the shape of the outputs");
        Error::expected(OP, expected, format!("{from:?}")).raise();
    }
    Some(weight.cast())
}
