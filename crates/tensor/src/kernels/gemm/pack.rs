//! Operands of a product written side by side, so that they are read as vectors.

#![allow(unsafe_code)]

use std::ops::Range;

use super::compute::LINE;
use super::places::runs;
use crate::element::Float;
use crate::kernels::lanes::{prefetch, prefetch_far};
use crate::kernels::simd::{Kernel, MulAdd, vectorized};

/// How many numbers must lie side by side to be copied rather than collected.
pub(super) const SIDE_BY_SIDE: usize = 8;

/// How many rows ahead numbers are asked for.
const ROWS_AHEAD: usize = 8;

/// A part of a matrix.
#[derive(Clone, Copy)]
pub(super) struct Block<'a, T> {
    pub(super) data: &'a [T],
    pub(super) rows: &'a [usize],
    pub(super) cols: &'a [usize],
}

impl<T> Block<'_, T> {
    pub(super) fn transposed(self) -> Self {
        Block { data: self.data, rows: self.cols, cols: self.rows }
    }
}

/// Writes panels of some columns of a matrix one after the other, each row by row. What fills the last panel up to the width is
/// never used. The columns behind these are probably packed next.
pub(super) fn pack<T: Float>(matrix: Block<'_, T>, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let block = Block { cols: &matrix.cols[columns.clone()], ..matrix };
    let pieces = runs(block.cols).count();
    if pieces * SIDE_BY_SIDE <= block.cols.len() || runs(block.rows).count() * 4 > block.rows.len() {
        vectorized(PackRows { block, width, packed });
    } else {
        pack_columns(matrix, columns, width, packed);
    }
}

/// Rows that consist of pieces which lie side by side.
struct PackRows<'a, 'b, T> {
    block: Block<'a, T>,
    width: usize,
    packed: &'b mut [T],
}

impl<T: Float> Kernel for PackRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let PackRows { block: Block { data, rows, cols }, width, packed } = self;
        let (size, line) = (width * rows.len(), LINE / size_of::<T>());
        // Where each piece begins, where it is written to in its row of its panel, and how long it is.
        let mut pieces = Vec::new();
        for (panel, cols) in cols.chunks(width).enumerate() {
            let mut place = panel * size;
            for run in runs(cols) {
                pieces.push((run[0], place, run.len()));
                place += run.len();
            }
        }
        // Row by row, as what lies side by side is read sooner than pieces from far apart.
        for (i, &row) in rows.iter().enumerate() {
            for &(col, place, length) in &pieces {
                let ahead = data.as_ptr().wrapping_add(rows[(i + ROWS_AHEAD).min(rows.len() - 1)] + col);
                // The line in which the first numbers lie was read with the piece before.
                for end in (0..length).map(|first| first + line - 1).step_by(line) {
                    prefetch(ahead.wrapping_add(end.min(length - 1)));
                }
                let (from, to) = (&data[row + col..][..length], &mut packed[place + i * width..][..length]);
                // A call of `memcpy` takes longer than the few numbers of a piece.
                let (from, to) = (from.as_chunks::<8>(), to.as_chunks_mut::<8>());
                for (to, from) in to.0.iter_mut().zip(from.0) {
                    *to = *from;
                }
                let (from, to) = (from.1.as_chunks::<4>(), to.1.as_chunks_mut::<4>());
                for (to, from) in to.0.iter_mut().zip(from.0) {
                    *to = *from;
                }
                for (to, from) in to.1.iter_mut().zip(from.1) {
                    *to = *from;
                }
            }
        }
    }
}

/// Columns that consist of pieces which lie side by side: four of them are read as vectors and written as rows.
fn pack_columns<T: Float>(matrix: Block<'_, T>, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let Block { data, rows, cols } = matrix;
    let last = |places: &[usize]| places.iter().copied().max().unwrap_or(0);
    assert!(
        last(rows) + last(&cols[columns.clone()]) < data.len()
            && columns.len().next_multiple_of(width) * rows.len() <= packed.len()
    );
    let (data, line) = (data.as_ptr(), LINE / size_of::<T>());
    for (first, panel) in columns.clone().step_by(width).zip(packed.chunks_mut(width * rows.len())) {
        let (cols, next) = cols[first..].split_at(width.min(columns.end - first));
        let mut out = panel.as_mut_ptr();
        // Line by line, so that the part of the panel which they are written to stays in the cache.
        for rows in runs(rows).flat_map(|run| run.chunks(line)) {
            for (j, four) in cols.chunks(4).enumerate() {
                for &col in next.iter().skip(j * 4).take(4) {
                    prefetch_far(data.wrapping_add(rows[0] + col));
                }
                // SAFETY: the assertion says that all numbers lie in the data, and that the panel has `width` places for each
                // row. Beyond the last column it is written once more, to places that nobody reads.
                unsafe {
                    let column = |i: usize| data.add(rows[0] + four[i.min(four.len() - 1)]);
                    let out = out.add(j * 4);
                    let whole = if j * 4 + 4 <= width { rows.len() / 4 * 4 } else { 0 };
                    let columns = [column(0), column(1), column(2), column(3)];
                    for p in (0..whole).step_by(4) {
                        T::transpose(columns.map(|column| column.add(p)), out.add(p * width), width);
                    }
                    for p in whole..rows.len() {
                        for (i, column) in columns[..four.len()].iter().enumerate() {
                            *out.add(p * width + i) = *column.add(p);
                        }
                    }
                }
            }
            // SAFETY: as above.
            out = unsafe { out.add(rows.len() * width) };
        }
    }
}
