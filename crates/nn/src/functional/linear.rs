//! Products with a weight: of all its rows, or of those that numbers name.

use downhill_tensor::{Float, Tensor};

/// `input Wᵀ + b`: see [`Tensor::linear`].
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn linear<T: Float>(input: &Tensor<T>, weight: &Tensor<T>, bias: Option<&Tensor<T>>) -> Tensor<T> {
    input.linear(weight, bias)
}

/// The rows of `weight` that the numbers of `input` name: see [`Tensor::embedding`].
///
/// ```
/// use downhill_nn::functional as F;
/// use downhill_tensor::Tensor;
/// let weight = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::embedding(&Tensor::from([1, 1]), &weight, None).to_vec(), [3.0, 4.0, 3.0, 4.0]);
/// ```
///
/// # Panics
/// When a row does not exist, or the weight has not two dimensions.
#[track_caller]
pub fn embedding<T: Float>(
    input: &Tensor<i64>,
    weight: &Tensor<T>,
    padding_idx: impl Into<Option<isize>>,
) -> Tensor<T> {
    weight.embedding(input, padding_idx)
}

/// A row with a 1 at the place of each number; -1 for `num_classes` counts up to the largest: see [`Tensor::one_hot`].
///
/// # Panics
/// When a number is not one of the classes.
#[track_caller]
pub fn one_hot(input: &Tensor<i64>, num_classes: isize) -> Tensor<i64> {
    input.one_hot(num_classes)
}
