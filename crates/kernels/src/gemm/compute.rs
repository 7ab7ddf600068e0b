//! A product block by block, part by part and tile by tile.

#![allow(unsafe_code)]

use std::ops::Range;
use std::slice;

use super::offsets::steps;
use super::pack::{Block, pack};
use super::packed_lhs::PackedLhs;
use super::plan::{ColumnBlock, Layout, Plan};
use super::{COLUMN_BLOCK_BYTES, KC, MC, PARALLEL_MIN_FLOPS};
use crate::aligned::CACHE_LINE_BYTES;
use crate::buffer::dirty;
use crate::element::KernelFloat;
use crate::threads;
use crate::tile::{MAX_MR, MAX_NR, MicroKernels, Tile};

/// Into how many parts a product is cut for several threads: enough for the last ones to end at about the same time.
const PARTS: usize = 32;

/// From how many bytes of the product on its places are asked for ahead. A smaller one is in a cache already, perhaps in that of
/// another processor: from there it would come twice, once to be read and once to be written.
const AHEAD: usize = 1 << 20;

/// Columns of the right operand, ready to be read as vectors.
struct MicroPanel<'a, T: 'static> {
    kernels: &'a MicroKernels<T>,
    /// Its columns in the product.
    columns: Range<usize>,
    /// Where its first number lies, and how far from there each of its rows begins.
    data: &'a [T],
    rows: &'a [usize],
    /// Whether it is packed, row by row.
    packed: bool,
    /// Whether its columns lie side by side in the product, so that they are stored as vectors.
    side_by_side: bool,
}

/// A planned product of these numbers.
struct Product<'a, T: 'static> {
    plan: &'a Plan<'a, T>,
    a: &'a [T],
    b: &'a [T],
    out: *mut T,
    /// Whether the product is added to what is there.
    accumulate: bool,
    /// Whether places of the product are asked for ahead.
    ahead: bool,
}

// SAFETY: the parts of a product on several threads write different elements, and `Plan::at` has checked that these have
// different places.
unsafe impl<T: Send + Sync> Sync for Product<'_, T> {}

impl<T: KernelFloat> Plan<'_, T> {
    /// Writes the product of two matrices to `out`, or adds it to what is there.
    ///
    /// # Panics
    /// When a matrix does not lie inside its buffer.
    #[track_caller]
    pub fn compute(&self, a: &[T], b: &[T], out: &mut [T], accumulate: bool) {
        let Layout { rows, cols } = self.out;
        let (a, b) = if self.swapped { (b, a) } else { (a, b) };
        assert!(self.out.size() <= out.len(), "the product has a place for each element");
        assert!(self.a.size() <= a.len() && self.b.size() <= b.len(), "an operand lies inside its buffer");
        if self.out.size() == 0 {
            return;
        }
        if self.b.rows.len() > 0 {
            let ahead = self.out.size() * size_of::<T>() >= AHEAD;
            Product { plan: self, a, b, out: out.as_mut_ptr(), accumulate, ahead }.compute();
        } else if !accumulate {
            rows.iter().for_each(|row| cols.iter().for_each(|col| out[row + col] = T::zero()));
        }
    }
}

impl<T: KernelFloat> Product<'_, T> {
    #[track_caller]
    fn compute(&self) {
        let Plan { kernels, a, b, column_blocks, .. } = self.plan;
        let (rows, depth) = (a.rows.len(), b.rows.len());
        let deep = depth.div_ceil(depth.div_ceil(KC));
        // Where the rows of packed panels begin, for each width.
        // No list is longer than the depth that is multiplied at a time.
        let steps: Vec<_> = kernels.iter().map(|kernels| steps(kernels.nr, deep)).collect();
        let block = COLUMN_BLOCK_BYTES / (deep * size_of::<T>());
        for before in (0..depth).step_by(deep) {
            let depth = before..(before + deep).min(depth);
            for first in (0..rows).step_by(MC) {
                let left = PackedLhs::new(self.plan, self.a, first..(first + MC).min(rows), depth.clone());
                let mut column_blocks = column_blocks.as_slice();
                while let Some(first) = column_blocks.first() {
                    let end = first.columns.start + block;
                    let (block, rest) = column_blocks
                        .split_at(column_blocks.partition_point(|column_block| column_block.columns.start < end));
                    self.compute_block(&left, block, depth.clone(), &steps);
                    column_blocks = rest;
                }
            }
        }
    }

    /// What a part of the depth adds to some rows and columns of the product.
    #[track_caller]
    fn compute_block(
        &self,
        left: &PackedLhs<'_, T>,
        column_blocks: &[ColumnBlock],
        depth: Range<usize>,
        steps: &[Vec<usize>],
    ) {
        let Plan { kernels, b, out, .. } = self.plan;
        let (depth, before) = (depth.len(), depth.start);
        let columns: usize = column_blocks.iter().map(|column_block| column_block.columns.len()).sum();
        let parallel = left.rows.len() * columns * depth >= PARALLEL_MIN_FLOPS;
        let b = Block { data: self.b, rows: &b.rows.at[before..before + depth], cols: &b.cols.at };
        let width_of = |column_block: &ColumnBlock| kernels[column_block.index].nr;
        let size_of_strip = |column_block: &ColumnBlock| {
            if column_block.pack {
                column_block.columns.len().next_multiple_of(width_of(column_block)) * depth
            } else {
                0
            }
        };
        let mut packed = dirty::<T>(column_blocks.iter().map(size_of_strip).sum::<usize>() + CACHE_LINE_BYTES);
        // Vectors that do not cross a line of the cache are read twice as fast.
        let aligned = packed.as_ptr().align_offset(CACHE_LINE_BYTES).min(CACHE_LINE_BYTES);
        let mut free = &mut packed[aligned..];
        let mut parts = Vec::with_capacity(column_blocks.len());
        for column_block in column_blocks.iter().filter(|column_block| column_block.pack) {
            let (part, rest) = free.split_at_mut(size_of_strip(column_block));
            free = rest;
            parts.push((column_block, part));
        }
        threads::for_each(parts, parallel, |(column_block, part)| {
            pack(b, column_block.columns.clone(), width_of(column_block), part);
        });
        let mut place = aligned;
        let mut panels = Vec::with_capacity(column_blocks.len());
        for column_block in column_blocks {
            let (kernels, width) = (&kernels[column_block.index], width_of(column_block));
            for first in column_block.columns.clone().step_by(width) {
                let columns = first..(first + width).min(column_block.columns.end);
                let side_by_side = out.cols.are_run(columns.clone());
                let (data, rows) = if column_block.pack {
                    place += width * depth;
                    (&packed[place - width * depth..place], &steps[column_block.index][..depth])
                } else {
                    (&b.data[b.cols[first]..], b.rows)
                };
                panels.push(MicroPanel { kernels, columns, data, rows, packed: column_block.pack, side_by_side });
            }
        }
        let accumulate = self.accumulate || before > 0;
        let parts = if parallel && threads::num_threads() > 1 { PARTS } else { 1 };
        threads::for_each(self.parts(left.rows.clone(), panels.len(), parts), parallel, |(rows, columns)| {
            self.compute_part(left, rows, &panels[columns], accumulate);
        });
    }

    /// About so many pairs of ranges, of these rows and of panels, that are computed each for themselves.
    fn parts(&self, rows: Range<usize>, panels: usize, parts: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let tall = self.plan.kernels[0].mr();
        let tiles = rows.len().div_ceil(tall);
        let across = tiles.min(parts);
        let along = (parts / across).min(panels);
        let cut = |whole: usize, parts: usize, i: usize| whole * i / parts..whole * (i + 1) / parts;
        let rows_of =
            |tiles: Range<usize>| rows.start + tiles.start * tall..(rows.start + tiles.end * tall).min(rows.end);
        let all = (0..across).flat_map(|i| (0..along).map(move |j| (i, j)));
        all.map(|(i, j)| (rows_of(cut(tiles, across, i)), cut(panels, along, j))).collect()
    }

    fn compute_part(
        &self,
        left: &PackedLhs<'_, T>,
        rows: Range<usize>,
        panels: &[MicroPanel<'_, T>],
        accumulate: bool,
    ) {
        let tall = self.plan.kernels[0].mr();
        let mut scratch = [T::zero(); MAX_MR * MAX_NR];
        for first in rows.clone().step_by(tall) {
            let rows = first..(first + tall).min(rows.end);
            let a = left.tile(rows.start - left.rows.start..rows.end - left.rows.start);
            for panel in panels {
                let (mut rows, packed) = (rows.clone(), left.is_packed() && panel.packed);
                while !rows.is_empty() {
                    rows.start += self.compute_tile(a, rows.clone(), packed, panel, accumulate, &mut scratch);
                }
            }
        }
    }

    /// Computes a tile as tall as there is a kernel for, and says how tall. These rows of the product are the last ones of `a`;
    /// `packed` is whether both operands are.
    #[inline]
    fn compute_tile(
        &self,
        a: Block<'_, T>,
        rows: Range<usize>,
        packed: bool,
        panel: &MicroPanel<'_, T>,
        accumulate: bool,
        scratch: &mut [T; MAX_MR * MAX_NR],
    ) -> usize {
        let (count, kernel) = panel.kernels.for_rows(rows.len(), packed);
        let first = a.rows.len() - rows.len();
        let out = self.plan.out;
        let out_rows = &out.rows.at[rows.start..rows.start + count];
        let columns = &out.cols.at[panel.columns.clone()];
        let tile = Tile {
            a: a.data.as_ptr(),
            a_rows: &a.rows[first..first + count],
            a_cols: a.cols,
            b: panel.data.as_ptr(),
            b_rows: panel.rows,
            out: self.out,
            out_rows,
            columns: columns.len(),
            accumulate,
            ahead: self.ahead,
        };
        // SAFETY: `Plan::compute` has checked, in release too, that the largest places lie inside the operands and the product,
        // and the others with them; `Offsets` has checked that none of them wraps; `Plan::cut` has checked that panels that are read where they lie reach no further than their buffer;
        // packed panels are as wide and as tall as the kernels, and as deep as `a`; a tile fits into the scratch; the level of
        // the kernels is one of this machine.
        unsafe {
            if panel.side_by_side {
                kernel(&Tile { out: self.out.add(columns[0]), ..tile });
                return count;
            }
            let width = panel.kernels.nr;
            let steps: [usize; MAX_MR] = std::array::from_fn(|i| i * width);
            let out = scratch.as_mut_ptr();
            kernel(&Tile { out, out_rows: &steps, columns: width, accumulate: false, ahead: false, ..tile });
            self.write_columns(scratch, width, out_rows, columns, accumulate);
        }
        count
    }

    /// Writes a tile whose rows have this width to its places in the product, column by column: of a swapped product it is the
    /// rows that lie side by side there.
    ///
    /// # Safety
    /// These are some rows and columns of the product, and nobody else writes to them.
    unsafe fn write_columns(
        &self,
        tile: &[T; MAX_MR * MAX_NR],
        width: usize,
        rows: &[usize],
        columns: &[usize],
        accumulate: bool,
    ) {
        let mut swapped = [[T::zero(); MAX_MR]; MAX_NR];
        let numbers = swapped.as_mut_ptr().cast::<T>();
        for j in (0..width).step_by(4) {
            for i in (0..rows.len()).step_by(4) {
                let four = [0, 1, 2, 3].map(|row| tile[(i + row) * width + j..][..4].as_ptr());
                // SAFETY: four numbers each, and room for the columns of the largest tile.
                unsafe { T::transpose(four, numbers.add(j * MAX_MR + i), MAX_MR) };
            }
        }
        let add = |sum: &mut T, part: T| *sum = if accumulate { *sum + part } else { part };
        let side_by_side = rows[rows.len() - 1] - rows[0] == rows.len() - 1;
        for (&column, parts) in columns.iter().zip(&swapped) {
            // SAFETY: the caller's. Offsets rise, as `Plan::at` has checked.
            unsafe {
                if side_by_side {
                    let sums = slice::from_raw_parts_mut(self.out.add(rows[0] + column), rows.len());
                    sums.iter_mut().zip(parts).for_each(|(sum, &part)| add(sum, part));
                } else {
                    rows.iter().zip(parts).for_each(|(row, &part)| add(&mut *self.out.add(row + column), part));
                }
            }
        }
    }
}
