//! `embedding`: looks up rows of a table by index; a row used for padding can be excluded from training.

use crate::base::shape::position;
use crate::ops::prelude::*;

impl<T: Float> Tensor<T> {
    /// The rows of this table `[n, d]` at the positions in `index`: `[..., d]` for an index of shape `[...]`.
    ///
    /// The row `padding_idx`, which counts from the end when negative, gets the gradient 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let table = Tensor::from([[1.0], [2.0]]).requires_grad_(true);
    /// let y = table.embedding(&Tensor::from([0, 1, 1]), 0);
    /// assert_eq!(y.to_vec(), [1.0, 2.0, 2.0]);
    /// y.sum().backward();
    /// assert_eq!(table.grad().unwrap().to_vec(), [0.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// When a row does not exist, or the table does not have two dimensions.
    #[track_caller]
    pub fn embedding(&self, index: &Tensor<i64>, padding_idx: impl Into<Option<isize>>) -> Tensor<T> {
        if self.ndim() != 2 {
            let (expected, given) = ("a table [n, d]", format!("{:?}", self.shape()));
            Error::expected("embedding", expected, given).raise();
        }
        let rows = self.rows_of("embedding", index);
        let Some(padding_idx) = padding_idx.into() else { return rows };
        let padding = position("embedding (padding_idx)", padding_idx, 0, self.shape()).or_raise();
        // Rows looked up for padding are detached: same values, no gradient.
        Tensor::where_(&index.eq(padding as i64).unsqueeze(-1), &rows.detach(), &rows)
    }
}
