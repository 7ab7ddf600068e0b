//! Linear layers, embeddings and one-hot vectors.

use downhill_tensor::{Float, Tensor};

/// `input Wᵀ + b`: see [`Tensor::linear`].
///
/// # Panics
/// When the shapes do not match.
#[track_caller]
pub fn linear<T: Float>(input: &Tensor<T>, weight: &Tensor<T>, bias: Option<&Tensor<T>>) -> Tensor<T> {
    input.linear(weight, bias)
}

/// The rows of `weight` at the indices `input`: see [`Tensor::embedding`].
///
/// ```
/// use downhill_nn::functional as F;
/// use downhill_tensor::Tensor;
/// let weight = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::embedding(&Tensor::from([1, 1]), &weight, None).to_vec(), [3.0, 4.0, 3.0, 4.0]);
/// ```
///
/// # Panics
/// When an index is out of range, or the weight does not have two dimensions.
#[track_caller]
pub fn embedding<T: Float>(
    input: &Tensor<i64>,
    weight: &Tensor<T>,
    padding_idx: impl Into<Option<isize>>,
) -> Tensor<T> {
    weight.embedding(input, padding_idx)
}

/// A one-hot vector for each index. With -1 for `num_classes` there are as many classes as the largest index needs:
/// see [`Tensor::one_hot`].
///
/// # Panics
/// When an index is not below the number of classes.
#[track_caller]
pub fn one_hot(input: &Tensor<i64>, num_classes: isize) -> Tensor<i64> {
    input.one_hot(num_classes)
}
