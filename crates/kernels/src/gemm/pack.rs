//! Packing: copies operands of a product so that the micro-kernels read them contiguously, as vectors.

#![allow(unsafe_code)]

use std::ops::Range;

use super::offsets::runs;
use crate::aligned::CACHE_LINE_BYTES;
use crate::element::KernelFloat;
use crate::lanes::{prefetch, prefetch_far};
use crate::simd::{MulAdd, SimdLoop, widest};

/// The smallest average length of runs for which rows are copied run by run instead of element by element.
pub(super) const MIN_RUN: usize = 8;

/// How many rows ahead elements are prefetched.
const PREFETCH_ROWS: usize = 8;

/// A part of a matrix: element (i, j) is `data[row_offsets[i] + col_offsets[j]]`.
#[derive(Clone, Copy)]
pub(super) struct Block<'a, T> {
    pub(super) data: &'a [T],
    pub(super) row_offsets: &'a [usize],
    pub(super) col_offsets: &'a [usize],
}

impl<T> Block<'_, T> {
    pub(super) fn transposed(self) -> Self {
        Block { data: self.data, row_offsets: self.col_offsets, col_offsets: self.row_offsets }
    }
}

/// Packs some columns of a matrix into micro-panels of `width` columns, one after the other, each row by row. The
/// last one is padded to the width with elements that are never used. The columns after these are probably packed
/// next.
pub(super) fn pack<T: KernelFloat>(matrix: Block<'_, T>, columns: Range<usize>, width: usize, packed: &mut [T]) {
    let block = Block { col_offsets: &matrix.col_offsets[columns.clone()], ..matrix };
    let (row_offsets, col_offsets) = (block.row_offsets, block.col_offsets);
    if runs(col_offsets).count() * MIN_RUN <= col_offsets.len() || runs(row_offsets).count() * 4 > row_offsets.len() {
        widest().apply_avx2_at_most(PackRows { block, width, packed });
    } else {
        widest().apply_avx2_at_most(PackColumns { matrix, columns, width, packed });
    }
}

/// Packs rows that consist of contiguous runs.
struct PackRows<'a, 'b, T> {
    block: Block<'a, T>,
    width: usize,
    packed: &'b mut [T],
}

impl<T: KernelFloat> SimdLoop for PackRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let PackRows { block: Block { data, row_offsets: rows, col_offsets: cols }, width, packed } = self;
        let (panel_len, line) = (width * rows.len(), CACHE_LINE_BYTES / size_of::<T>());
        // The column offset of each run, its position in the first row of its panel, and its length.
        let mut pieces = Vec::new();
        for (panel, cols) in cols.chunks(width).enumerate() {
            let mut position = panel * panel_len;
            for run in runs(cols) {
                pieces.push((run[0], position, run.len()));
                position += run.len();
            }
        }
        // Row by row across all panels, because contiguous reads are faster than runs that are far apart.
        for (i, &row) in rows.iter().enumerate() {
            let ahead = data.as_ptr().wrapping_add(rows[(i + PREFETCH_ROWS).min(rows.len() - 1)]);
            for &(col, position, length) in &pieces {
                let (ahead, from) = (ahead.wrapping_add(col), &data[row + col..][..length]);
                let to = &mut packed[position + i * width..][..length];
                // Calling `memcpy` would take longer than copying the few elements of a run.
                let (from, to) = (from.as_chunks::<16>(), to.as_chunks_mut::<16>());
                for (j, (to, from)) in to.0.iter_mut().zip(from.0).enumerate() {
                    // If the first element is in the middle of a cache line, that line was prefetched with the run
                    // before.
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

/// Packs columns that consist of contiguous runs: reads four columns as vectors and writes them transposed, as rows.
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
        let PackColumns { matrix: Block { data, row_offsets: rows, col_offsets: cols }, columns, width, packed } =
            self;
        let last = |offsets: &[usize]| offsets.iter().copied().max().unwrap_or(0);
        assert!(
            last(rows).saturating_add(last(&cols[columns.clone()])) < data.len()
                && columns.len().next_multiple_of(width).saturating_mul(rows.len()) <= packed.len()
        );
        let (data, line) = (data.as_ptr(), CACHE_LINE_BYTES / size_of::<T>());
        for (first, panel) in columns.clone().step_by(width).zip(packed.chunks_mut(width * rows.len())) {
            let (cols, next) = cols[first..].split_at(width.min(columns.end - first));
            let mut out = panel.as_mut_ptr();
            // One cache line of each column at a time, so that the part of the panel that they are written to stays
            // in the cache.
            for rows in runs(rows).flat_map(|run| run.chunks(line)) {
                let from = data.wrapping_add(rows[0]);
                for &col in next.iter().take(width) {
                    prefetch_far(from.wrapping_add(col));
                }
                let (fours, whole) = (cols.as_chunks::<4>().0, rows.len() / 4 * 4);
                // SAFETY: the assertion, made in release too, says that all elements are inside `data` and that the
                // panel has room for `width` elements in each row.
                unsafe {
                    for (j, four) in fours.iter().enumerate() {
                        let (columns, out) = (four.map(|col| from.add(col)), out.add(j * 4));
                        let transpose = |count: usize| {
                            for p in (0..count).step_by(4) {
                                T::transpose(columns.map(|column| column.add(p)), out.add(p * width), width);
                            }
                        };
                        // The compiler unrolls a loop whose length it knows.
                        if whole == line { transpose(line) } else { transpose(whole) }
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
