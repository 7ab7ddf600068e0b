//! Class labels, checked against the outputs of a classifier.

use downhill_tensor::{AnyTensor, Error, Float, Tensor};

use crate::loss::Reduction;

/// The dimension of the classes: 0 for a single row, otherwise 1.
#[track_caller]
pub(crate) fn class_dim<T: Float>(op: &'static str, outputs: &Tensor<T>) -> usize {
    if outputs.ndim() == 0 {
        let expected = "outputs [classes] or [rows, classes, ...]";
        Error::expected(op, expected, "[]").raise();
    }
    outputs.ndim().min(2) - 1
}

/// Checks the shape: one label for each row, or for outputs `[rows, classes, d1, ...]` one for each position in each
/// row.
#[track_caller]
pub(crate) fn check_labels<T: Float>(op: &'static str, outputs: &Tensor<T>, labels: &Tensor<i64>) {
    let mut shape = outputs.shape().to_vec();
    shape.remove(class_dim(op, outputs));
    if labels.shape() != shape {
        let expected = format!("labels of shape {shape:?} for outputs of shape {:?}", outputs.shape());
        let given = match outputs.shape().split_last() {
            // One label for each row of classes, with the classes in the last dimension as a `Linear` gives them.
            Some((_, places)) if places.len() > 1 && labels.shape() == places => {
                let last = places.len() - 1;
                let places = places.iter().product::<usize>();
                format!(
                    "{:?}; if the classes are the last dimension, call `flatten_dims(0, {last})` on the outputs and \
                     on the labels, which makes {places} rows of them",
                    labels.shape()
                )
            }
            _ => super::given_shape(labels.shape(), &shape),
        };
        Error::expected(op, expected, given).raise();
    }
}

/// The weight of each class, if classes have weights.
#[track_caller]
pub(super) fn class_weight<T: Float>(
    op: &'static str,
    weight: Option<&AnyTensor>,
    outputs: &Tensor<T>,
) -> Option<Tensor<T>> {
    let weight = weight?;
    let classes = outputs.shape()[class_dim(op, outputs)];
    if weight.shape() != [classes] {
        let expected = format!("a weight of shape [{classes}], one for each class");
        Error::expected(op, expected, format!("{:?}", weight.shape())).raise();
    }
    Some(weight.cast())
}

/// The labels.
pub(super) struct Labels {
    class_dim: isize,
    /// The classes; 0 where the label is ignored.
    index: Tensor<i64>,
    ignored: Tensor<bool>,
}

impl Labels {
    /// Labels `[rows, d1, ...]` for outputs `[rows, classes, d1, ...]`. Ignored labels may have any value.
    #[track_caller]
    pub(super) fn new<T: Float>(
        op: &'static str,
        outputs: &Tensor<T>,
        labels: &Tensor<i64>,
        ignore_index: i64,
    ) -> Labels {
        check_labels(op, outputs, labels);
        let class_dim = class_dim(op, outputs);
        let classes = outputs.shape()[class_dim];
        let ignored = labels.eq(ignore_index);
        let class = |label, ignored| if ignored { 0 } else { label };
        let index = Tensor::from_array(labels.array().zip_to(op, &ignored.array(), class));
        let wrong = |&label: &i64| label < 0 || label as usize >= classes;
        if let Some(place) = index.to_vec().iter().position(wrong) {
            refuse(op, labels, place, classes);
        }
        Labels { class_dim: class_dim as isize, index, ignored }
    }

    /// The negative log-probability of the class, times its weight; 0 where the label is ignored.
    #[track_caller]
    pub(super) fn negative_log_likelihood<T: Float>(
        &self,
        log_probabilities: &Tensor<T>,
        weight: Option<&Tensor<T>>,
    ) -> Tensor<T> {
        let index = self.index.unsqueeze(self.class_dim);
        let mut losses = -log_probabilities.gather(self.class_dim, &index).squeeze_dim(self.class_dim);
        if let Some(weight) = weight {
            losses = losses * weight.rows(&self.index);
        }
        self.without_ignored(losses)
    }

    /// Sets the losses of ignored labels to 0.
    #[track_caller]
    pub(super) fn without_ignored<T: Float>(&self, losses: Tensor<T>) -> Tensor<T> {
        losses.masked_fill(&self.ignored, 0)
    }

    /// The mean divides by the sum of the weights of the labels; if all labels are ignored, it is 0/0, which is NaN.
    #[track_caller]
    pub(super) fn reduce<T: Float>(
        &self,
        losses: Tensor<T>,
        weight: Option<&Tensor<T>>,
        reduction: Reduction,
    ) -> Tensor<T> {
        match reduction {
            Reduction::Mean => {
                let weights = match weight {
                    Some(weight) => weight.rows(&self.index),
                    None => losses.ones_like(),
                };
                losses.sum() / self.without_ignored(weights).sum()
            }
            reduction => reduction.reduce(losses),
        }
    }
}

/// Panics with the label that is not a class and its row, or its index if there are more dimensions.
#[track_caller]
fn refuse(op: &'static str, labels: &Tensor<i64>, place: usize, classes: usize) -> ! {
    let label = labels.to_vec()[place];
    if labels.ndim() <= 1 {
        Error::Label { op, row: place, label, classes }.raise();
    }
    let mut at = vec![0; labels.ndim()];
    let mut rest = place;
    for (at, &size) in at.iter_mut().zip(labels.shape()).rev() {
        (*at, rest) = (rest % size, rest / size);
    }
    let expected = format!("labels from 0 to {}", classes as i64 - 1);
    Error::expected(op, expected, format!("label {label} at {at:?}")).raise()
}
