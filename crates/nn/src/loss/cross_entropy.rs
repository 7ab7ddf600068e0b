//! `CrossEntropyLoss`: the cross-entropy of classes, from logits.

use downhill_tensor::{AnyTensor, Error, Float, Tensor};

use crate::loss::labels::{Labels, class_dim, class_weight};
use crate::loss::{Reduction, constant, module};

/// The targets of a classification: `&labels` of `i64`, or `&probabilities` of the type and the shape of the outputs.
#[derive(Clone, Copy, Debug)]
pub enum ClassTarget<'a, T: Float = f32> {
    /// The index of the class for each row.
    Labels(&'a Tensor<i64>),
    /// The probability of each class for each row.
    Probabilities(&'a Tensor<T>),
}

impl<'a, T: Float> From<&'a Tensor<i64>> for ClassTarget<'a, T> {
    fn from(labels: &'a Tensor<i64>) -> Self {
        ClassTarget::Labels(labels)
    }
}

impl<'a> From<&'a Tensor<f32>> for ClassTarget<'a, f32> {
    fn from(probabilities: &'a Tensor<f32>) -> Self {
        ClassTarget::Probabilities(probabilities)
    }
}

impl<'a> From<&'a Tensor<f64>> for ClassTarget<'a, f64> {
    fn from(probabilities: &'a Tensor<f64>) -> Self {
        ClassTarget::Probabilities(probabilities)
    }
}

/// The cross-entropy of classes under the softmax of the outputs, which are logits, directly from a linear layer.
///
/// ```
/// use downhill_nn::CrossEntropyLoss;
/// use downhill_tensor::Tensor;
/// let outputs = Tensor::from([[0.0, 0.0], [1000.0, 0.0]]);
/// let loss = CrossEntropyLoss::new().forward(&outputs, &Tensor::from([1, 0]));
/// assert_eq!(loss.item(), 0.5 * f64::from(2f32.ln()));
///
/// // Probabilities instead of labels.
/// let loss = CrossEntropyLoss::new().forward(&outputs, &Tensor::from([[0.5, 0.5], [1.0, 0.0]]));
/// assert_eq!(loss.item(), 0.5 * f64::from(2f32.ln()));
///
/// // An ignored label, and a weight for each class.
/// let criterion = CrossEntropyLoss::new().ignore_index(0).weight(&Tensor::from([1.0, 2.0]));
/// assert_eq!(criterion.forward(&outputs, &Tensor::from([1, 0])).item(), f64::from(2f32.ln()));
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropyLoss {
    weight: Option<AnyTensor>,
    ignore_index: i64,
    label_smoothing: f64,
    reduction: Reduction,
}
module!(CrossEntropyLoss, weight);

impl Default for CrossEntropyLoss {
    fn default() -> Self {
        CrossEntropyLoss { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }
}

impl CrossEntropyLoss {
    /// The mean over all rows.
    pub fn new() -> Self {
        CrossEntropyLoss::default()
    }

    /// The weight of each class, `[classes]`. The mean divides by the sum of the weights of the labels; for
    /// probabilities, as in PyTorch, by the number of rows.
    pub fn weight<T: Float>(self, weight: &Tensor<T>) -> Self {
        CrossEntropyLoss { weight: constant(weight), ..self }
    }

    /// The label whose rows are ignored; -100 by default.
    pub fn ignore_index(self, ignore_index: i64) -> Self {
        CrossEntropyLoss { ignore_index, ..self }
    }

    /// The fraction of the target that is spread uniformly over all classes, 0 to 1. As in PyTorch, a negative value
    /// means 0.
    ///
    /// C. Szegedy et al., *Rethinking the Inception Architecture for Computer Vision*, 2015.
    ///
    /// # Panics
    /// When it is above 1 or NaN.
    #[track_caller]
    pub fn label_smoothing(self, label_smoothing: f64) -> Self {
        if label_smoothing.is_nan() || label_smoothing > 1.0 {
            let (given, expected) = (label_smoothing.to_string(), "between 0 and 1");
            Error::Argument { op: "cross_entropy", name: "label_smoothing", given, expected }.raise();
        }
        CrossEntropyLoss { label_smoothing: label_smoothing.max(0.0), ..self }
    }

    /// How the losses of the elements are combined; their mean by default.
    pub fn reduction(self, reduction: Reduction) -> Self {
        CrossEntropyLoss { reduction, ..self }
    }

    /// The loss of logits `[rows, classes]`, `[classes]` or `[rows, classes, d1, ...]`, against labels `[rows]`, `[]`
    /// or `[rows, d1, ...]`, which start at 0, or against probabilities of the shape of the logits.
    ///
    /// If all labels are ignored, the mean is NaN and its gradient 0.
    ///
    /// # Panics
    /// When the shapes do not match, or a label is neither a class nor ignored: the message names the row, the label
    /// and the number of classes. Also when `ignore_index` is set and the targets are probabilities.
    #[track_caller]
    pub fn forward<'a, T: Float>(&self, outputs: &Tensor<T>, target: impl Into<ClassTarget<'a, T>>) -> Tensor<T> {
        match target.into() {
            ClassTarget::Labels(labels) => self.of_labels(outputs, labels),
            ClassTarget::Probabilities(probabilities) => self.of_probabilities(outputs, probabilities),
        }
    }

    #[track_caller]
    fn of_labels<T: Float>(&self, outputs: &Tensor<T>, labels: &Tensor<i64>) -> Tensor<T> {
        let op = "cross_entropy";
        if self.is_plain(outputs, labels) {
            return self.reduction.reduce(outputs.cross_entropy(labels));
        }
        let labels = Labels::new(op, outputs, labels, self.ignore_index);
        let weight = class_weight(op, self.weight.as_ref(), outputs);
        let log_probabilities = outputs.log_softmax(class_dim(op, outputs) as isize);
        let weight = weight.as_ref();
        let losses = labels.negative_log_likelihood(&log_probabilities, weight);
        let loss = labels.reduce(losses, weight, self.reduction);
        if self.label_smoothing > 0.0 {
            let dim = class_dim(op, outputs);
            let share = self.label_smoothing / outputs.shape()[dim] as f64;
            let even = -weighted(log_probabilities, weight, dim).sum_dim(dim as isize);
            // Two means instead of the mean of a sum: they differ when the weights of all labels are 0.
            let even = labels.reduce(labels.without_ignored(even), weight, self.reduction);
            return loss * (1.0 - self.label_smoothing) + even * share;
        }
        loss
    }

    /// Whether the fused operation applies: a matrix of logits, and rows of equal weight.
    fn is_plain<T: Float>(&self, outputs: &Tensor<T>, labels: &Tensor<i64>) -> bool {
        self.weight.is_none()
            && self.label_smoothing == 0.0
            && outputs.ndim() == 2
            && labels.shape() == &outputs.shape()[..1]
            && !labels.to_vec().contains(&self.ignore_index)
    }

    #[track_caller]
    fn of_probabilities<T: Float>(&self, outputs: &Tensor<T>, probabilities: &Tensor<T>) -> Tensor<T> {
        let op = "cross_entropy";
        let dim = class_dim(op, outputs);
        if outputs.shape() != probabilities.shape() {
            let expected = format!("probabilities of shape {:?}, as the outputs have", outputs.shape());
            let given = format!("{:?}; class labels are integers: `labels.cast::<i64>()`", probabilities.shape());
            Error::expected(op, expected, given).raise();
        }
        if self.ignore_index >= 0 {
            let (given, expected) = (self.ignore_index.to_string(), "left out when the targets are probabilities");
            Error::Argument { op, name: "ignore_index", given, expected }.raise();
        }
        let weight = class_weight(op, self.weight.as_ref(), outputs);
        let mut target = probabilities.clone();
        if self.label_smoothing > 0.0 {
            let share = self.label_smoothing / outputs.shape()[dim] as f64;
            target = target * (1.0 - self.label_smoothing) + share;
        }
        let products = outputs.log_softmax(dim as isize) * target;
        self.reduction.reduce(-weighted(products, weight.as_ref(), dim).sum_dim(dim as isize))
    }
}

/// Multiplies each element by the weight of its class.
#[track_caller]
fn weighted<T: Float>(x: Tensor<T>, weight: Option<&Tensor<T>>, class_dim: usize) -> Tensor<T> {
    let Some(weight) = weight else { return x };
    // Dimensions of size 1 after the classes, so that the weight broadcasts.
    let mut shape = vec![1; x.ndim() - class_dim];
    shape[0] = weight.numel() as isize;
    x * weight.reshape(&shape[..])
}
