//! `matmul`: products of matrices, of batches of them, and of vectors.

use crate::array::matmul::{as_matrix, product};
use crate::array::strided::{Strided, for_each_run};
use crate::base::shape::broadcast;
use crate::ops::prelude::*;
use downhill_kernels::buffer::of_shape;
use downhill_kernels::matmul::Matrix;

pub(crate) struct Matmul;

impl<T: Float> Op<T> for Matmul {
    type Arity = Fixed<2>;
    const NAME: &'static str = "matmul";
    const FORMULA: &'static str = "A B";
    const DERIVATIVE: &'static str = "grad Bᵀ; Aᵀ grad";
    const SAVES: Saves = Saves::OtherInputs;
    const BROADCASTS: bool = true;

    /// `[..., m, k]` and `[..., k, n]` give `[..., m, n]`; the leading dimensions broadcast.
    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        if a.shape().len() == 2 && b.shape().len() == 2 {
            return product(as_matrix(&a), as_matrix(&b));
        }
        let (batch_a, m, k) = split(a.shape());
        let (batch_b, _, n) = split(b.shape());
        let batch = broadcast("matmul", batch_a, batch_b).or_raise();
        let sizes = |rows, cols| [batch.slice(), &[rows, cols]].concat();
        let shape = sizes(m, n);
        let mut out = of_shape("matmul", &shape);
        out.fill(T::zero());
        if !out.is_empty() && k > 0 {
            let a = a.strided().expanded(a.shape(), &sizes(m, k));
            let b = b.strided().expanded(b.shape(), &sizes(k, n));
            let steps = a.strides.slice().iter().zip(b.strides.slice());
            let dims: Vec<_> = batch.slice().iter().zip(steps).map(|(&size, (&a, &b))| (size, a, b)).collect();
            let mut products = out.chunks_exact_mut(m * n);
            for_each_run(&dims, a.offset, b.offset, |i, j| {
                let product = products.next().expect("one product for each pair of matrices");
                matrix(&a, i, m, k).write_product(matrix(&b, j, k, n), product, false);
            });
        }
        Array::own(shape.into_shape(), out)
    }

    // C = A B:  ∂L/∂A = ∂L/∂C Bᵀ,  ∂L/∂B = Aᵀ ∂L/∂C
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        [
            saved.wants(0).then(|| Matmul.apply([&grad, &saved.input(1).transpose(-2, -1)])),
            saved.wants(1).then(|| Matmul.apply([&saved.input(0).transpose(-2, -1), &grad])),
        ]
    }
}

/// The batch dimensions, and the rows and columns of each matrix.
fn split(shape: &[usize]) -> (&[usize], usize, usize) {
    let (batch, matrix) = shape.split_at(shape.len() - 2);
    (batch, matrix[0], matrix[1])
}

/// The matrix that starts at this offset of a batch.
fn matrix<'a, T>(batch: &Strided<'a, T>, place: usize, rows: usize, cols: usize) -> Matrix<'a, T> {
    let rank = batch.strides.ndim();
    let (row_stride, col_stride) = (batch.strides[rank - 2], batch.strides[rank - 1]);
    Matrix { data: &batch.data[place..], rows, cols, row_stride, col_stride }
}

impl<T: Float> Tensor<T> {
    /// The product of matrices `[m, k]` and `[k, n]`, of vectors, or of batches of matrices, whose other dimensions
    /// broadcast.
    ///
    /// A vector on the left is a row, on the right a column; that dimension is removed from the result.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&Tensor::from([1.0, 1.0])).to_vec(), [3.0, 7.0]);
    /// assert_eq!(Tensor::zeros([5, 2, 3]).matmul(&Tensor::zeros([3, 4])).shape(), [5, 2, 4]);
    /// ```
    ///
    /// # Panics
    /// When the inner dimensions differ, the batch dimensions do not broadcast, or an operand is 0-d.
    #[track_caller]
    pub fn matmul(&self, other: &Tensor<T>) -> Tensor<T> {
        let (left, right) = (self.shape(), other.shape());
        let inner = if right.len() < 2 { right.first() } else { right.get(right.len() - 2) };
        if left.is_empty() || right.is_empty() || left.last() != inner {
            let expected = match (left.last(), inner) {
                (Some(k), Some(n)) => format!("the last dimension of the left ({k}) must equal {n} of the right"),
                _ => "both must have at least one dimension (`*` multiplies by a number)".to_owned(),
            };
            Error::Matmul { op: "matmul", left: left.to_vec(), right: right.to_vec(), expected }.raise();
        }
        match (left.len(), right.len()) {
            (2, 2) => Matmul.apply([self, other]),
            (1, 1) => self.unsqueeze(0).matmul(&other.unsqueeze(1)).reshape([]),
            (1, _) => self.unsqueeze(0).matmul(other).squeeze_dim(-2),
            (_, 1) => self.matmul(&other.unsqueeze(1)).squeeze_dim(-1),
            // Fold the batch into the rows: one product of a tall matrix instead of one product per matrix of the
            // batch.
            (_, 2) => {
                let rows = self.flatten_dims(0, -2).matmul(other);
                let mut shape = left.to_vec();
                shape[left.len() - 1] = right[1];
                rows.reshaped(Shape::checked("matmul", shape).or_raise())
            }
            _ => {
                let batches = broadcast("matmul", &left[..left.len().max(2) - 2], &right[..right.len() - 2]);
                if batches.is_err() {
                    let expected = "the dimensions in front of the last two must broadcast".to_owned();
                    Error::Matmul { op: "matmul", left: left.to_vec(), right: right.to_vec(), expected }.raise();
                }
                Matmul.apply([self, other])
            }
        }
    }
}
