//! Operands of a product written side by side, so that they are read as vectors.

#![allow(unsafe_code)]

use super::places::runs;
use crate::element::Float;
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

/// Writes panels of a matrix one after the other, each row by row. What fills the last panel up to the width is never used.
pub(super) fn pack<T: Float>(block: Block<'_, T>, width: usize, packed: &mut [T]) {
    let pieces = runs(block.cols).count();
    if pieces * SIDE_BY_SIDE <= block.cols.len() || runs(block.rows).count() * 4 > block.rows.len() {
        vectorized(PackRows { block, width, packed });
    } else {
        pack_columns(block, width, packed);
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
        let size = width * rows.len();
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
                let ahead = rows[(i + ROWS_AHEAD).min(rows.len() - 1)];
                for line in (0..length).step_by(64 / size_of::<T>()) {
                    prefetch(data, ahead + col + line);
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

/// Asks for a number that will be read soon.
#[inline(always)]
fn prefetch<T>(data: &[T], place: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a wish for an address, which need not exist.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(data.as_ptr().wrapping_add(place).cast());
    }
}

/// Columns that consist of pieces which lie side by side: four of them are read as vectors and written as rows.
fn pack_columns<T: Float>(block: Block<'_, T>, width: usize, packed: &mut [T]) {
    let Block { data, rows, cols } = block;
    for (panel, cols) in packed.chunks_mut(width * rows.len()).zip(cols.chunks(width)) {
        let mut panel = panel;
        for run in runs(rows) {
            let (part, rest) = panel.split_at_mut(run.len() * width);
            panel = rest;
            let piece = |col: usize| &data[col + run[0]..][..run.len()];
            for (j, four) in cols.chunks(4).enumerate() {
                if j * 4 + 4 <= width {
                    // Beyond the last column it is written once more, to places that nobody reads.
                    let at = |i: usize| piece(four[i.min(four.len() - 1)]);
                    transpose([at(0), at(1), at(2), at(3)], width, &mut part[j * 4..]);
                    continue;
                }
                for (i, &col) in four.iter().enumerate() {
                    part[j * 4 + i..].iter_mut().step_by(width).zip(piece(col)).for_each(|(out, &x)| *out = x);
                }
            }
        }
    }
}

/// Writes four columns next to one another into rows of this width.
fn transpose<T: Float>(columns: [&[T]; 4], width: usize, packed: &mut [T]) {
    let length = columns[0].len();
    let whole = length / 4 * 4;
    assert!(
        columns.iter().all(|column| column.len() == length) && width >= 4 && packed.len() + width >= length * width + 4
    );
    for p in (0..whole).step_by(4) {
        // SAFETY: four numbers of each column follow, and the last of four rows ends where the assertion says.
        unsafe {
            let columns = columns.map(|column| column.as_ptr().add(p));
            T::transpose(columns, packed.as_mut_ptr().add(p * width), width);
        }
    }
    for p in whole..length {
        packed[p * width..p * width + 4].copy_from_slice(&columns.map(|column| column[p]));
    }
}
