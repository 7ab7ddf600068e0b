//! The left operand of a product: read where it lies, or packed if that pays.

use std::ops::Range;

use super::PARALLEL_MIN_FLOPS;
use super::offsets::{Offsets, steps};
use super::pack::{Block, pack};
use super::plan::Plan;
use crate::buffer::{Buffer, dirty};
use crate::element::{KernelElement, KernelFloat};
use crate::threads;

/// How many tiles one above the other are packed in one go.
const TILES: usize = 8;

/// From how many panels of the right operand on the left one is packed if its numbers lie badly, and from how many on in any
/// case, as tiles of two packed operands are computed faster.
const PANELS_IF_BAD: usize = 4;
const PANELS: usize = 12;

/// The bytes from one line of the first-level cache to the next that competes for the same place in it.
const RIVALS: usize = 4096;

/// Some rows of the left operand, as many columns of them as are multiplied at a time.
pub(super) struct PackedLhs<'a, T: KernelElement> {
    /// Its rows in the product.
    pub(super) rows: Range<usize>,
    block: Block<'a, T>,
    packed: Option<Packed<T>>,
}

/// Tiles one after the other, each column by column.
struct Packed<T: KernelElement> {
    data: Buffer<T>,
    /// Where the rows and columns of each begin.
    rows: Vec<usize>,
    cols: Vec<usize>,
}

impl<'a, T: KernelFloat> PackedLhs<'a, T> {
    /// These rows and columns of an operand that lies as the plan says, packed if that pays.
    #[track_caller]
    pub(super) fn new(plan: &'a Plan<'_, T>, data: &'a [T], rows: Range<usize>, depth: Range<usize>) -> Self {
        let (tall, deep, columns) = (plan.kernels[0].mr(), depth.len(), plan.b.cols.len());
        let panels = columns.div_ceil(plan.kernels[0].nr);
        let faster = panels >= PANELS && plan.column_blocks.iter().all(|column_block| column_block.pack);
        let packs = faster || panels >= PANELS_IF_BAD && lies_badly::<T>(&plan.a.rows.at[rows.clone()], plan.a.cols);
        let block = Block { data, rows: &plan.a.rows.at[rows.clone()], cols: &plan.a.cols.at[depth] };
        let packed = if packs {
            let mut data = dirty(rows.len().next_multiple_of(tall) * deep);
            let parts = (0..rows.len()).step_by(TILES * tall).zip(data.chunks_mut(TILES * tall * deep)).collect();
            threads::for_each(parts, rows.len() * deep * columns >= PARALLEL_MIN_FLOPS, |(first, part)| {
                pack(block.transposed(), first..(first + TILES * tall).min(rows.len()), tall, part);
            });
            Some(Packed { data, rows: steps(1, tall), cols: steps(tall, deep) })
        } else {
            None
        };
        PackedLhs { rows, block, packed }
    }

    pub(super) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// The rows of a tile, counted from the first one here.
    pub(super) fn tile(&self, rows: Range<usize>) -> Block<'_, T> {
        match &self.packed {
            Some(Packed { data, rows: places, cols }) => {
                Block { data: &data[rows.start * cols.len()..], rows: &places[..rows.len()], cols }
            }
            None => Block { rows: &self.block.rows[rows], ..self.block },
        }
    }
}

/// Whether rows drive each other out of the cache, or are spread over many pages of memory.
fn lies_badly<T>(rows: &[usize], cols: &Offsets) -> bool {
    let are_rivals = |pair: &[usize]| (pair[0].abs_diff(pair[1]) * size_of::<T>()).is_multiple_of(RIVALS);
    !cols.is_run() || rows.len() > 1 && rows.windows(2).all(are_rivals)
}
