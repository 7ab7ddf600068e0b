//! Products of matrices with any strides.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::array::Array;
use crate::buffer;
use crate::element::Float;
use crate::shape::IntoShape;
use crate::strided::Strided;

/// A matrix in a buffer: element (i, j) is `data[i * row_stride + j * col_stride]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) col_stride: usize,
}

/// The number of multiplications up to which a plain loop is faster than packing the operands.
const SMALL: usize = 4096;

/// Adds the product of two matrices to the row-major `out`.
pub(crate) fn add_product<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, out: &mut [T]) {
    debug_assert!(a.cols == b.rows && out.len() == a.rows * b.cols);
    if a.rows * a.cols * b.cols <= SMALL {
        return add_product_by_loop(a, b, out);
    }
    let mut out = ArrayViewMut2::from_shape((a.rows, b.cols), out).expect("one place for each element of the product");
    general_mat_mul(T::one(), &a.view(), &b.view(), T::one(), &mut out);
}

impl<'a, T: Float> Matrix<'a, T> {
    /// An array of two dimensions.
    pub(crate) fn of(array: &'a Array<T>) -> Self {
        let Strided { data, offset, strides } = array.strided();
        let (rows, cols) = (array.shape()[0], array.shape()[1]);
        let data = if array.numel() == 0 { &[] } else { &data[offset..] };
        Matrix { data, rows, cols, row_stride: strides[0], col_stride: strides[1] }
    }

    /// The same numbers with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        let Matrix { data, rows, cols, row_stride, col_stride } = self;
        Matrix { data, rows: cols, cols: rows, row_stride: col_stride, col_stride: row_stride }
    }

    /// The product with another matrix, as an array of its own.
    pub(crate) fn product(self, other: Matrix<'_, T>) -> Array<T> {
        let mut out = buffer::zeroed(self.rows * other.cols);
        add_product(self, other, &mut out);
        Array::own([self.rows, other.cols].into_shape(), out)
    }

    fn view(&self) -> ArrayView2<'a, T> {
        let shape = (self.rows, self.cols).strides((self.row_stride, self.col_stride));
        ArrayView2::from_shape(shape, self.data).expect("the strides of a matrix stay inside its buffer")
    }
}

fn add_product_by_loop<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, out: &mut [T]) {
    if out.is_empty() || a.cols == 0 {
        return;
    }
    for (i, out) in out.chunks_exact_mut(b.cols).enumerate() {
        for k in 0..a.cols {
            let factor = a.data[i * a.row_stride + k * a.col_stride];
            let row = &b.data[k * b.row_stride..];
            match b.col_stride {
                0 => out.iter_mut().for_each(|sum| *sum += factor * row[0]),
                1 => out.iter_mut().zip(row).for_each(|(sum, &x)| *sum += factor * x),
                step => out.iter_mut().zip(row.iter().step_by(step)).for_each(|(sum, &x)| *sum += factor * x),
            }
        }
    }
}
