//! `Embedding`: a trained vector for each index, such as each word of a vocabulary.

use downhill_tensor::{CreateFloat, Error, Float, Tensor, no_grad};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::parameter::Parameter;
use crate::part::Part;
use crate::summary::display_as_summary;

/// Looks up rows of a weight `[n, d]` by indices of any shape `[...]`, giving `[..., d]`; see [`Tensor::embedding`].
///
/// The weight is initialised from the standard normal distribution, as in PyTorch. In a `Sequential` it comes first:
/// [`Sequential::starting_with`](crate::Sequential::starting_with).
///
/// ```
/// use downhill_nn::{Embedding, Layer};
/// use downhill_tensor::Tensor;
/// let layer = Embedding::new(10, 3).padding_idx(0);
/// let y = layer.forward(&Tensor::from([[4, 2], [9, 0]]));
/// assert_eq!(y.shape(), [2, 2, 3]);
/// assert_eq!(y.at([1, 1, 2]), 0.0);
/// ```
#[derive(Clone, Debug)]
pub struct Embedding<T: Float = f32> {
    /// The weight, `[n, d]`: a row for each index.
    pub weight: Parameter<T>,
    padding_idx: Option<usize>,
}

impl Embedding<f32> {
    /// A layer of `f32` for the indices 0 to `num_embeddings - 1`, each with a vector of `embedding_dim` elements.
    #[track_caller]
    pub fn new(num_embeddings: usize, embedding_dim: usize) -> Self {
        Embedding::of(num_embeddings, embedding_dim)
    }
}

impl<T: Float> Embedding<T>
where
    Tensor<T>: CreateFloat,
{
    /// A layer of any float type.
    #[track_caller]
    pub fn of(num_embeddings: usize, embedding_dim: usize) -> Self {
        Embedding { weight: Parameter::new(Tensor::<T>::randn([num_embeddings, embedding_dim])), padding_idx: None }
    }
}

impl<T: Float> Embedding<T> {
    /// The index that stands for padding: its row is set to 0 and not trained. A negative index counts from the end.
    ///
    /// # Panics
    /// When there is no such row.
    #[track_caller]
    pub fn padding_idx(self, padding_idx: isize) -> Self {
        let n = self.weight.shape()[0] as isize;
        let row = if padding_idx < 0 { padding_idx + n } else { padding_idx };
        if !(0..n).contains(&row) {
            let expected = "one of the numbers that have a row, or negative to count from the last";
            Error::Argument {
                op: "Embedding",
                name: "padding_idx",
                given: format!("{padding_idx} of {n}"),
                expected,
            }
            .raise();
        }
        let zeros = self.weight.detach().narrow(0, row, 1).zeros_like();
        no_grad(|| self.weight.slice_assign_(0, row..row + 1, &zeros));
        Embedding { padding_idx: Some(row as usize), ..self }
    }
}

impl<T: Float> DeepCopy for Embedding<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Embedding { weight: self.weight.copy_with(copies), ..self.clone() }
    }
}

impl<T: Float> Module for Embedding<T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.weight.visit_as("weight", visitor);
    }

    fn name(&self) -> &'static str {
        "Embedding"
    }

    fn extra_repr(&self) -> String {
        let padding = self.padding_idx.map_or(String::new(), |row| format!(", padding_idx={row}"));
        format!("{}, {}{padding}", self.weight.shape()[0], self.weight.shape()[1])
    }
}

impl<T: Float> Layer<Tensor<i64>> for Embedding<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<i64>) -> Tensor<T> {
        self.weight.embedding(input, self.padding_idx.map(|row| row as isize))
    }
}

display_as_summary!(Embedding<T>, T: Float);
