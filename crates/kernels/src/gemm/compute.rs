//! Computes a planned product: block by block, part by part, tile by tile.

#![allow(unsafe_code)]

use std::ops::Range;
use std::slice;

use super::offsets::steps;
use super::pack::{Block, pack};
use super::packed_lhs::PackedLhs;
use super::plan::{ColumnBlock, Layout, Plan};
use super::{COLUMN_BLOCK_BYTES, KC, MC, PARALLEL_MIN_FLOPS};
use crate::aligned::CACHE_LINE_BYTES;
use crate::buffer::{Buffer, dirty};
use crate::element::{KernelElement, KernelFloat};
use crate::threads;
use crate::tile::{MAX_MR, MAX_NR, MicroKernels, Tile};

/// The number of parts that a product is split into for several threads: enough that all threads finish at about the
/// same time.
const PARTS: usize = 32;

/// The size of the smallest output whose tiles are prefetched. A smaller output is in a cache already, perhaps in
/// that of another core: its lines would then be transferred twice, once to be read and once to be written.
const PREFETCH_MIN_BYTES: usize = 1 << 20;

/// At most NR columns of the right operand, ready to be read as vectors.
struct MicroPanel<'a, T: 'static> {
    kernels: &'a MicroKernels<T>,
    /// Its columns in the product.
    columns: Range<usize>,
    /// The data, starting at the first element of the panel, and the offset of each row in it.
    data: &'a [T],
    row_offsets: &'a [usize],
    /// Whether it is packed, row by row.
    packed: bool,
    /// Whether its columns are contiguous in the output, so that whole vectors are stored.
    contiguous_out: bool,
}

/// Packed columns of the right operand, beginning at a cache line: vectors that do not cross one are read twice as
/// fast.
struct PackedColumns<T: KernelElement> {
    buffer: Buffer<T>,
    start: usize,
}

/// A planned product of given data.
struct Product<'a, T: 'static> {
    plan: &'a Plan<'a, T>,
    a: &'a [T],
    b: &'a [T],
    out: *mut T,
    /// Whether the product is added to what `out` holds.
    accumulate: bool,
    /// Whether the output tiles are prefetched.
    prefetch: bool,
}

// SAFETY: the parts of a product on several threads write different elements, and `Plan::for_level` has checked, in
// release too, that different elements have different offsets.
unsafe impl<T: Send + Sync> Sync for Product<'_, T> {}

impl<T: KernelFloat> Plan<'_, T> {
    /// Writes the product of two matrices to `out`, or adds it to what is there.
    ///
    /// # Panics
    /// When a matrix does not fit into its buffer.
    #[track_caller]
    pub fn compute(&self, a: &[T], b: &[T], out: &mut [T], accumulate: bool) {
        let Layout { row_offsets, col_offsets } = self.out;
        let (a, b) = if self.swapped { (b, a) } else { (a, b) };
        assert!(self.out.size() <= out.len(), "the output buffer is too small for the product");
        assert!(self.a.size() <= a.len() && self.b.size() <= b.len(), "an operand does not fit into its buffer");
        if self.out.size() == 0 {
            return;
        }
        if self.b.row_offsets.len() > 0 {
            let prefetch = self.out.size() * size_of::<T>() >= PREFETCH_MIN_BYTES;
            Product { plan: self, a, b, out: out.as_mut_ptr(), accumulate, prefetch }.compute();
        } else if !accumulate {
            row_offsets.iter().for_each(|row| col_offsets.iter().for_each(|col| out[row + col] = T::zero()));
        }
    }
}

impl<T: KernelFloat> Product<'_, T> {
    #[track_caller]
    fn compute(&self) {
        let Plan { kernels, a, b, column_blocks, .. } = self.plan;
        let (rows, depth) = (a.row_offsets.len(), b.row_offsets.len());
        let kc = depth.div_ceil(depth.div_ceil(KC));
        // The row offsets of packed micro-panels of each width; no list is longer than KC.
        let packed_rows: Vec<_> = kernels.iter().map(|kernels| steps(kernels.nr, kc)).collect();
        let block_columns = COLUMN_BLOCK_BYTES / (kc * size_of::<T>());
        for first_depth in (0..depth).step_by(kc) {
            let depth = first_depth..(first_depth + kc).min(depth);
            for first_row in (0..rows).step_by(MC) {
                let lhs = PackedLhs::new(self.plan, self.a, first_row..(first_row + MC).min(rows), depth.clone());
                let mut column_blocks = column_blocks.as_slice();
                while let Some(first) = column_blocks.first() {
                    let end = first.columns.start + block_columns;
                    let (block, rest) = column_blocks
                        .split_at(column_blocks.partition_point(|column_block| column_block.columns.start < end));
                    self.compute_block(&lhs, block, depth.clone(), &packed_rows);
                    column_blocks = rest;
                }
            }
        }
    }

    /// Computes what a range of the depth contributes to some rows and columns of the product.
    #[track_caller]
    fn compute_block(
        &self,
        lhs: &PackedLhs<'_, T>,
        column_blocks: &[ColumnBlock],
        depth: Range<usize>,
        packed_rows: &[Vec<usize>],
    ) {
        let Layout { row_offsets, col_offsets } = self.plan.b;
        let columns: usize = column_blocks.iter().map(|column_block| column_block.columns.len()).sum();
        let parallel = lhs.rows.len() * columns * depth.len() >= PARALLEL_MIN_FLOPS;
        let accumulate = self.accumulate || depth.start > 0;
        let rhs = Block { data: self.b, row_offsets: &row_offsets.values[depth], col_offsets: &col_offsets.values };
        let packed = self.pack_columns(rhs, column_blocks, parallel);
        let panels = self.micro_panels(rhs, column_blocks, &packed.buffer[packed.start..], packed_rows);
        self.compute_parts(lhs, &panels, accumulate, parallel);
    }

    /// Packs those column blocks that are to be packed, one after the other.
    #[track_caller]
    fn pack_columns(&self, rhs: Block<'_, T>, column_blocks: &[ColumnBlock], parallel: bool) -> PackedColumns<T> {
        let depth = rhs.row_offsets.len();
        let to_pack = || column_blocks.iter().filter(|column_block| column_block.pack);
        let packed_len = |column_block: &ColumnBlock| {
            column_block.columns.len().next_multiple_of(self.plan.kernels[column_block.index].nr) * depth
        };
        let mut buffer = dirty::<T>(to_pack().map(packed_len).sum::<usize>() + CACHE_LINE_BYTES);
        let start = buffer.as_ptr().align_offset(CACHE_LINE_BYTES).min(CACHE_LINE_BYTES);
        let mut free = &mut buffer[start..];
        let mut parts = Vec::with_capacity(column_blocks.len());
        for column_block in to_pack() {
            let (part, rest) = free.split_at_mut(packed_len(column_block));
            free = rest;
            parts.push((column_block, part));
        }
        threads::for_each(parts, parallel, |(column_block, part)| {
            pack(rhs, column_block.columns.clone(), self.plan.kernels[column_block.index].nr, part);
        });
        PackedColumns { buffer, start }
    }

    /// Splits column blocks into micro-panels, of `packed` where they are packed and of the right operand itself
    /// elsewhere.
    fn micro_panels<'a>(
        &'a self,
        rhs: Block<'a, T>,
        column_blocks: &[ColumnBlock],
        packed: &'a [T],
        packed_rows: &'a [Vec<usize>],
    ) -> Vec<MicroPanel<'a, T>> {
        let Plan { kernels, out, .. } = self.plan;
        let (depth, mut next) = (rhs.row_offsets.len(), 0);
        let mut panels = Vec::with_capacity(column_blocks.len());
        for &ColumnBlock { ref columns, index, pack } in column_blocks {
            let (kernels, nr, end) = (&kernels[index], kernels[index].nr, columns.end);
            for first in columns.clone().step_by(nr) {
                let columns = first..(first + nr).min(end);
                let contiguous_out = out.col_offsets.is_contiguous_in(columns.clone());
                let (data, row_offsets) = if pack {
                    next += nr * depth;
                    (&packed[next - nr * depth..next], &packed_rows[index][..depth])
                } else {
                    (&rhs.data[rhs.col_offsets[first]..], rhs.row_offsets)
                };
                panels.push(MicroPanel { kernels, columns, data, row_offsets, packed: pack, contiguous_out });
            }
        }
        panels
    }

    /// Multiplies the left operand with all micro-panels, in parts that threads share.
    #[track_caller]
    fn compute_parts(&self, lhs: &PackedLhs<'_, T>, panels: &[MicroPanel<'_, T>], accumulate: bool, parallel: bool) {
        let parts = if parallel && threads::num_threads() > 1 { PARTS } else { 1 };
        threads::for_each(self.parts(lhs.rows.clone(), panels.len(), parts), parallel, |(rows, columns)| {
            self.compute_part(lhs, rows, &panels[columns], accumulate);
        });
    }

    /// Splits these rows and panels into about `parts` pairs of ranges, each of which is computed on its own.
    fn parts(&self, rows: Range<usize>, panels: usize, parts: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let mr = self.plan.kernels[0].mr();
        let tiles = rows.len().div_ceil(mr);
        let row_parts = tiles.min(parts);
        let panel_parts = (parts / row_parts).min(panels);
        let range = |whole: usize, parts: usize, i: usize| whole * i / parts..whole * (i + 1) / parts;
        let rows_of =
            |tiles: Range<usize>| rows.start + tiles.start * mr..(rows.start + tiles.end * mr).min(rows.end);
        let all = (0..row_parts).flat_map(|i| (0..panel_parts).map(move |j| (i, j)));
        all.map(|(i, j)| (rows_of(range(tiles, row_parts, i)), range(panels, panel_parts, j))).collect()
    }

    fn compute_part(
        &self,
        lhs: &PackedLhs<'_, T>,
        rows: Range<usize>,
        panels: &[MicroPanel<'_, T>],
        accumulate: bool,
    ) {
        let mr = self.plan.kernels[0].mr();
        let mut scratch = [T::zero(); MAX_MR * MAX_NR];
        for first in rows.clone().step_by(mr) {
            let rows = first..(first + mr).min(rows.end);
            let a = lhs.tile(rows.start - lhs.rows.start..rows.end - lhs.rows.start);
            for panel in panels {
                let (mut rows, packed) = (rows.clone(), lhs.is_packed() && panel.packed);
                while !rows.is_empty() {
                    rows.start += self.compute_tile(a, rows.clone(), packed, panel, accumulate, &mut scratch);
                }
            }
        }
    }

    /// Computes a tile with the tallest micro-kernel that fits and returns its number of rows. These rows of the
    /// product are the last ones of `a`; `packed` says that both operands are packed.
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
        let first = a.row_offsets.len() - rows.len();
        let out = self.plan.out;
        let out_row_offsets = &out.row_offsets.values[rows.start..rows.start + count];
        let out_col_offsets = &out.col_offsets.values[panel.columns.clone()];
        let tile = Tile {
            a: a.data.as_ptr(),
            a_row_offsets: &a.row_offsets[first..first + count],
            a_col_offsets: a.col_offsets,
            b: panel.data.as_ptr(),
            b_row_offsets: panel.row_offsets,
            out: self.out,
            out_row_offsets,
            columns: out_col_offsets.len(),
            accumulate,
            prefetch: self.prefetch,
        };
        // SAFETY: `Plan::compute` has checked, in release too, that the largest offsets are inside the buffers of the
        // operands and of the product, and so do all others; `Offsets` has checked that none of them wraps.
        // `Plan::cut` has checked that panels that are read unpacked do not reach beyond their buffer. Packed panels
        // are as wide and as tall as the micro-kernels, and as deep as `a`. A tile fits into the scratch. The level
        // of the kernels is one of this machine.
        unsafe {
            if panel.contiguous_out {
                kernel(&Tile { out: self.out.add(out_col_offsets[0]), ..tile });
                return count;
            }
            let nr = panel.kernels.nr;
            let scratch_rows: [usize; MAX_MR] = std::array::from_fn(|i| i * nr);
            let out = scratch.as_mut_ptr();
            kernel(&Tile {
                out,
                out_row_offsets: &scratch_rows,
                columns: nr,
                accumulate: false,
                prefetch: false,
                ..tile
            });
            self.write_columns(scratch, nr, out_row_offsets, out_col_offsets, accumulate);
        }
        count
    }

    /// Writes a tile with `nr` columns to the output column by column: in a swapped product its rows are contiguous
    /// there.
    ///
    /// # Safety
    /// These are offsets of some rows and columns of the product, and nobody else writes to them.
    unsafe fn write_columns(
        &self,
        tile: &[T; MAX_MR * MAX_NR],
        nr: usize,
        row_offsets: &[usize],
        col_offsets: &[usize],
        accumulate: bool,
    ) {
        let rows = row_offsets.len();
        let mut transposed = [[T::zero(); MAX_MR]; MAX_NR];
        let elements = transposed.as_mut_ptr().cast::<T>();
        for j in (0..nr).step_by(4) {
            for i in (0..rows).step_by(4) {
                let four = [0, 1, 2, 3].map(|row| tile[(i + row) * nr + j..][..4].as_ptr());
                // SAFETY: each pointer is to four elements, and `transposed` has room for the columns of the largest
                // tile.
                unsafe { T::transpose(four, elements.add(j * MAX_MR + i), MAX_MR) };
            }
        }
        let add = |sum: &mut T, part: T| *sum = if accumulate { *sum + part } else { part };
        let contiguous = row_offsets[rows - 1] - row_offsets[0] == rows - 1;
        for (&col, parts) in col_offsets.iter().zip(&transposed) {
            // SAFETY: the caller's. The offsets ascend, as `Plan::for_level` has checked.
            unsafe {
                if contiguous {
                    let sums = slice::from_raw_parts_mut(self.out.add(row_offsets[0] + col), rows);
                    sums.iter_mut().zip(parts).for_each(|(sum, &part)| add(sum, part));
                } else {
                    row_offsets.iter().zip(parts).for_each(|(row, &part)| add(&mut *self.out.add(row + col), part));
                }
            }
        }
    }
}
