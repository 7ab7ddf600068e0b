//! The left operand of a product: read from its own buffer, or packed where that pays.

use std::ops::Range;

use super::PARALLEL_MIN_FLOPS;
use super::offsets::{Offsets, steps};
use super::pack::{Block, pack};
use super::plan::Plan;
use crate::buffer::{Buffer, dirty};
use crate::element::{KernelElement, KernelFloat};
use crate::threads;

/// The number of tiles that one thread packs in one go.
const TILES_PER_PART: usize = 8;

/// The smallest number of micro-panels of the right operand for which the left one is packed if its layout is slow to
/// read.
const MIN_PANELS_IF_SLOW: usize = 4;

/// The smallest number for which it is packed in any case, because tiles of two packed operands are faster.
const MIN_PANELS: usize = 12;

/// Addresses that differ by a multiple of this many bytes map to the same set of the first-level cache.
const CACHE_SET_STRIDE: usize = 4096;

/// Some rows of the left operand, over the range of the depth that is multiplied at a time.
pub(super) struct PackedLhs<'a, T: KernelElement> {
    /// Its rows in the product.
    pub(super) rows: Range<usize>,
    block: Block<'a, T>,
    packed: Option<Packed<T>>,
}

/// Tiles one after the other, each column by column.
struct Packed<T: KernelElement> {
    data: Buffer<T>,
    /// The row and column offsets inside each tile.
    row_offsets: Vec<usize>,
    col_offsets: Vec<usize>,
}

impl<'a, T: KernelFloat> PackedLhs<'a, T> {
    /// These rows and this range of the depth, from an operand with the layout of the plan; packed if that pays.
    #[track_caller]
    pub(super) fn new(plan: &'a Plan<'_, T>, data: &'a [T], rows: Range<usize>, depth: Range<usize>) -> Self {
        let (mr, kc, columns) = (plan.kernels[0].mr(), depth.len(), plan.b.col_offsets.len());
        let panels = columns.div_ceil(plan.kernels[0].nr);
        let row_offsets = &plan.a.row_offsets.values[rows.clone()];
        let faster = panels >= MIN_PANELS && plan.column_blocks.iter().all(|column_block| column_block.pack);
        let packs = faster || panels >= MIN_PANELS_IF_SLOW && is_slow_to_read::<T>(row_offsets, plan.a.col_offsets);
        let block = Block { data, row_offsets, col_offsets: &plan.a.col_offsets.values[depth] };
        let packed = if packs {
            let part_rows = TILES_PER_PART * mr;
            let mut data = dirty(rows.len().next_multiple_of(mr) * kc);
            let parts = (0..rows.len()).step_by(part_rows).zip(data.chunks_mut(part_rows * kc)).collect();
            threads::for_each(parts, rows.len() * kc * columns >= PARALLEL_MIN_FLOPS, |(first, part)| {
                pack(block.transposed(), first..(first + part_rows).min(rows.len()), mr, part);
            });
            Some(Packed { data, row_offsets: steps(1, mr), col_offsets: steps(mr, kc) })
        } else {
            None
        };
        PackedLhs { rows, block, packed }
    }

    pub(super) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// The rows of a tile, counted from the first row of this block.
    pub(super) fn tile(&self, rows: Range<usize>) -> Block<'_, T> {
        match &self.packed {
            Some(Packed { data, row_offsets, col_offsets }) => Block {
                data: &data[rows.start * col_offsets.len()..],
                row_offsets: &row_offsets[..rows.len()],
                col_offsets,
            },
            None => Block { row_offsets: &self.block.row_offsets[rows], ..self.block },
        }
    }
}

/// Whether all rows map to the same cache sets and evict each other, or a row is not contiguous.
fn is_slow_to_read<T>(row_offsets: &[usize], col_offsets: &Offsets) -> bool {
    let collide = |pair: &[usize]| (pair[0].abs_diff(pair[1]) * size_of::<T>()).is_multiple_of(CACHE_SET_STRIDE);
    !col_offsets.is_contiguous() || row_offsets.len() > 1 && row_offsets.windows(2).all(collide)
}
