//! Matrix products with any strides.

use crate::element::KernelFloat;
use crate::gemm::{Layout, Offsets, Plan};
use crate::memory;

/// A matrix in a buffer: element (i, j) is `data[i * row_stride + j * col_stride]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a, T> {
    /// The buffer, which begins at element (0, 0).
    pub data: &'a [T],
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// The offset from one row to the next.
    pub row_stride: usize,
    /// The offset from one column to the next.
    pub col_stride: usize,
}

/// With fewer columns than this, a plain loop runs down the columns of the right matrix instead of along its rows.
const MIN_COLUMNS_BY_ROW: usize = 4;

/// The number of multiplications up to which a plain loop is faster than planning tiles.
const MAX_FLOPS_BY_LOOP: usize = 4096;

/// The depth up to which sums are accumulated in the type of the elements.
const MAX_DEPTH_OF_ONE_SUM: usize = 1 << 15;

impl<'a, T: KernelFloat> Matrix<'a, T> {
    /// The transposed matrix of the same data.
    pub fn transposed(self) -> Self {
        let Matrix { data, rows, cols, row_stride, col_stride } = self;
        Matrix { data, rows: cols, cols: rows, row_stride: col_stride, col_stride: row_stride }
    }

    /// Writes the product with another matrix to the row-major `out`, or adds it to what is there.
    ///
    /// # Panics
    /// When the sizes do not fit.
    #[track_caller]
    pub fn write_product(self, other: Matrix<'_, T>, out: &mut [T], accumulate: bool) {
        assert!(
            self.cols == other.rows && out.len() == self.rows * other.cols,
            "the sizes of the matrices do not match"
        );
        if self.cols > MAX_DEPTH_OF_ONE_SUM && !out.is_empty() {
            return self.write_deep_product(other, out, accumulate);
        }
        // Saturating, because views that repeat their elements may have more products than a `usize` holds.
        if self.rows.saturating_mul(self.cols).saturating_mul(other.cols) <= MAX_FLOPS_BY_LOOP {
            if !accumulate {
                out.fill(T::zero());
            }
            return self.add_product_by_loop(other, out);
        }
        let (rows, inner) =
            (Offsets::strided(self.row_stride, self.rows), Offsets::strided(self.col_stride, self.cols));
        let other_inner = Offsets::strided(other.row_stride, other.rows);
        let cols = Offsets::strided(other.col_stride, other.cols);
        let (out_rows, out_cols) = (Offsets::strided(other.cols, self.rows), Offsets::strided(1, other.cols));
        let left = Layout { row_offsets: &rows, col_offsets: &inner };
        let right = Layout { row_offsets: &other_inner, col_offsets: &cols };
        Plan::new(left, right, Layout { row_offsets: &out_rows, col_offsets: &out_cols })
            .compute(self.data, other.data, out, accumulate);
    }

    /// As [`Matrix::write_product`] for a large depth: computes it in blocks and accumulates their sums in `f64`.
    #[track_caller]
    fn write_deep_product(self, other: Matrix<'_, T>, out: &mut [T], accumulate: bool) {
        let mut sums = memory::listed(out.iter().map(|out| if accumulate { out.widen() } else { 0.0 }));
        for first in (0..self.cols).step_by(MAX_DEPTH_OF_ONE_SUM) {
            let depth = MAX_DEPTH_OF_ONE_SUM.min(self.cols - first);
            let left = Matrix { data: &self.data[first * self.col_stride..], cols: depth, ..self };
            let right = Matrix { data: &other.data[first * other.row_stride..], rows: depth, ..other };
            left.write_product(right, out, false);
            sums.iter_mut().zip(&*out).for_each(|(sum, part)| *sum += part.widen());
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::narrow(sum));
    }

    fn add_product_by_loop(self, other: Matrix<'_, T>, out: &mut [T]) {
        if out.is_empty() || self.cols == 0 {
            return;
        }
        for (i, out) in out.chunks_exact_mut(other.cols).enumerate() {
            if other.cols < MIN_COLUMNS_BY_ROW {
                for (j, sum) in out.iter_mut().enumerate() {
                    let (mut left, mut right) = (i * self.row_stride, j * other.col_stride);
                    for _ in 0..self.cols {
                        *sum += self.data[left] * other.data[right];
                        left += self.col_stride;
                        right += other.row_stride;
                    }
                }
                continue;
            }
            for k in 0..self.cols {
                let factor = self.data[i * self.row_stride + k * self.col_stride];
                let row = &other.data[k * other.row_stride..];
                match other.col_stride {
                    0 => out.iter_mut().for_each(|sum| *sum += factor * row[0]),
                    1 => out.iter_mut().zip(row).for_each(|(sum, &x)| *sum += factor * x),
                    step => out.iter_mut().zip(row.iter().step_by(step)).for_each(|(sum, &x)| *sum += factor * x),
                }
            }
        }
    }
}
