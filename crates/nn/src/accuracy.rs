//! `accuracy`: the fraction of rows that are classified correctly.

use downhill_tensor::{Float, Tensor};

use crate::loss::{check_labels, class_dim};

/// The fraction of rows whose largest output is at their label, from 0 to 1; NaN when there are no rows.
///
/// Outputs are `[rows, classes]` (or `[classes]`, `[rows, classes, d1, ...]`) and labels `[rows]` (or `[]`,
/// `[rows, d1, ...]`). In PyTorch: `(outputs.argmax(1) == labels).float().mean()`.
///
/// ```
/// use downhill_nn::accuracy;
/// use downhill_tensor::Tensor;
/// let outputs = Tensor::from([[0.1, 0.9], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6]]);
/// assert_eq!(accuracy(&outputs, &Tensor::from([1, 0, 1, 1])), 0.75);
/// ```
///
/// # Panics
/// When the shapes do not match, or there are no classes.
#[track_caller]
pub fn accuracy<T: Float>(outputs: &Tensor<T>, labels: &Tensor<i64>) -> f64 {
    let op = "accuracy";
    check_labels(op, outputs, labels);
    outputs.argmax_dim(class_dim(op, outputs) as isize).eq(labels).cast::<f64>().mean().item()
}
