//! Operands of a product written side by side, so that they are read as vectors.

#![allow(unsafe_code)]

use std::ops::Range;

use super::offsets::runs;
use crate::aligned::CACHE_LINE_BYTES;
use crate::element::KernelFloat;
use crate::lanes::{prefetch, prefetch_far};
use crate::simd::{MulAdd, SimdLoop, widest};

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
pub(super) fn pack<T: KernelFloat>(matrix: Block<'_, T>, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let block = Block { cols: &matrix.cols[columns.clone()], ..matrix };
    let pieces = runs(block.cols).count();
    if pieces * SIDE_BY_SIDE <= block.cols.len() || runs(block.rows).count() * 4 > block.rows.len() {
        widest().apply_avx2_at_most(PackRows { block, width, packed });
    } else {
        widest().apply_avx2_at_most(PackColumns { matrix, columns, width, packed });
    }
}

/// Rows that consist of pieces which lie side by side.
struct PackRows<'a, 'b, T> {
    block: Block<'a, T>,
    width: usize,
    packed: &'b mut [T],
}

impl<T: KernelFloat> SimdLoop for PackRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let PackRows { block: Block { data, rows, cols }, width, packed } = self;
        let (size, line) = (width * rows.len(), CACHE_LINE_BYTES / size_of::<T>());
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
            let ahead = data.as_ptr().wrapping_add(rows[(i + ROWS_AHEAD).min(rows.len() - 1)]);
            for &(col, place, length) in &pieces {
                let (ahead, from) = (ahead.wrapping_add(col), &data[row + col..][..length]);
                let to = &mut packed[place + i * width..][..length];
                // A call of `memcpy` takes longer than the few numbers of a piece.
                let (from, to) = (from.as_chunks::<16>(), to.as_chunks_mut::<16>());
                for (j, (to, from)) in to.0.iter_mut().zip(from.0).enumerate() {
                    // The line in which the first number lies was asked for with the piece before, if it does not begin there.
                    for last in (line..=16).step_by(line) {
                        prefetch(ahead.wrapping_add(j * 16 + last - 1));
                    }
                    *to = *from;
                }
                if from.1.is_empty() {
                    continue;
                }
                prefetch(ahead.wrapping_add(length - 1));
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
struct PackColumns<'a, 'b, T> {
    matrix: Block<'a, T>,
    columns: Range<usize>,
    width: usize,
    packed: &'b mut [T],
}

impl<T: KernelFloat> SimdLoop for PackColumns<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let PackColumns { matrix: Block { data, rows, cols }, columns, width, packed } = self;
        let last = |places: &[usize]| places.iter().copied().max().unwrap_or(0);
        assert!(
            last(rows).saturating_add(last(&cols[columns.clone()])) < data.len()
                && columns.len().next_multiple_of(width).saturating_mul(rows.len()) <= packed.len()
        );
        let (data, line) = (data.as_ptr(), CACHE_LINE_BYTES / size_of::<T>());
        for (first, panel) in columns.clone().step_by(width).zip(packed.chunks_mut(width * rows.len())) {
            let (cols, next) = cols[first..].split_at(width.min(columns.end - first));
            let mut out = panel.as_mut_ptr();
            // Line by line, so that the part of the panel which they are written to stays in the cache.
            for rows in runs(rows).flat_map(|run| run.chunks(line)) {
                let from = data.wrapping_add(rows[0]);
                for &col in next.iter().take(width) {
                    prefetch_far(from.wrapping_add(col));
                }
                let (fours, whole) = (cols.as_chunks::<4>().0, rows.len() / 4 * 4);
                // SAFETY: the assertion says that all numbers lie in the data, and that the panel has `width` places for each
                // row.
                unsafe {
                    for (j, four) in fours.iter().enumerate() {
                        let (columns, out) = (four.map(|col| from.add(col)), out.add(j * 4));
                        let turn = |count: usize| {
                            for p in (0..count).step_by(4) {
                                T::transpose(columns.map(|column| column.add(p)), out.add(p * width), width);
                            }
                        };
                        // A loop whose length the compiler knows needs no counting.
                        if whole == line { turn(line) } else { turn(whole) }
                    }
                    for (j, &col) in cols.iter().enumerate() {
                        let done = if j < fours.len() * 4 { whole } else { 0 };
                        for p in done..rows.len() {
                            *out.add(p * width + j) = *from.add(col + p);
                        }
                    }
                    out = out.add(rows.len() * width);
                }
            }
        }
    }
}
