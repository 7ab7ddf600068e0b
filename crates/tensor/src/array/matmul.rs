//! 2-d arrays as matrices, and their products.

use crate::array::Array;
use crate::array::strided::Strided;
use crate::base::element::Float;
use crate::base::shape::IntoShape;
use downhill_kernels::buffer::of_shape;
use downhill_kernels::matmul::Matrix;

/// A 2-d array as a matrix, without a copy.
pub(crate) fn as_matrix<T: Float>(array: &Array<T>) -> Matrix<'_, T> {
    let (rows, cols) = (array.shape()[0], array.shape()[1]);
    if let Some(data) = array.as_slice() {
        return Matrix { data, rows, cols, row_stride: cols, col_stride: 1 };
    }
    let Strided { data, offset, strides } = array.strided();
    Matrix { data: &data[offset..], rows, cols, row_stride: strides[0], col_stride: strides[1] }
}

/// The product of two matrices, as a new array.
#[track_caller]
pub(crate) fn product<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>) -> Array<T> {
    let shape = [a.rows, b.cols];
    let mut out = of_shape("matmul", &shape);
    a.write_product(b, &mut out, false);
    Array::own(shape.into_shape(), out)
}
