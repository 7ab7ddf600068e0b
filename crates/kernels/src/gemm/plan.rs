//! How a product is split: which operand is read as vectors, by which micro-kernels, and what is packed.

use std::ops::Range;

use super::KC;
use super::offsets::{Offsets, runs};
use super::pack::MIN_RUN;
use crate::element::KernelFloat;
use crate::simd::{Level, widest};
use crate::tile::{MicroKernels, kernels};

/// The number of rows up to which a right operand with contiguous columns is read without packing it.
const MAX_ROWS_UNPACKED: usize = 96;

/// The number of micro-panels that are packed in one go, so that rows are read in pieces long enough for the hardware
/// prefetcher.
const PANELS_PER_BLOCK: usize = 4;

/// Where the elements of a matrix are in a buffer: element (i, j) is `data[row_offsets[i] + col_offsets[j]]`.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub row_offsets: &'a Offsets,
    pub col_offsets: &'a Offsets,
}

impl Layout<'_> {
    /// The layout of the transposed matrix in the same buffer.
    pub fn transposed(self) -> Self {
        Layout { row_offsets: self.col_offsets, col_offsets: self.row_offsets }
    }

    /// The length that a buffer must have: 0 for a matrix without elements. [`Offsets`] has checked that no offset is
    /// beyond `isize::MAX`, so the sum of two does not wrap.
    pub(super) fn size(self) -> usize {
        if self.row_offsets.len() == 0 || self.col_offsets.len() == 0 {
            return 0;
        }
        self.row_offsets.last() + self.col_offsets.last() + 1
    }
}

/// How to compute products of matrices with given layouts.
pub struct Plan<'a, T: 'static> {
    pub(super) kernels: &'static [MicroKernels<T>],
    /// Whether the transposed product is computed, (A B)ᵀ = Bᵀ Aᵀ, because it is faster to read the other operand as
    /// vectors.
    pub(super) swapped: bool,
    pub(super) a: Layout<'a>,
    pub(super) b: Layout<'a>,
    pub(super) out: Layout<'a>,
    pub(super) column_blocks: Vec<ColumnBlock>,
}

/// Adjacent columns of the right operand that are multiplied by the same micro-kernels: one micro-panel, or several
/// that are packed together.
pub(super) struct ColumnBlock {
    pub(super) columns: Range<usize>,
    /// The index of the micro-kernels in the plan.
    pub(super) index: usize,
    pub(super) pack: bool,
}

impl<'a, T: KernelFloat> Plan<'a, T> {
    /// A plan for `out = a b`.
    ///
    /// # Panics
    /// When the sizes do not match, or elements of the product share an offset.
    #[track_caller]
    pub fn new(a: Layout<'a>, b: Layout<'a>, out: Layout<'a>) -> Self {
        Plan::for_level(widest(), a, b, out)
    }

    pub(super) fn for_level(level: Level, a: Layout<'a>, b: Layout<'a>, out: Layout<'a>) -> Self {
        let Layout { row_offsets, col_offsets } = out;
        assert!(
            a.col_offsets.len() == b.row_offsets.len()
                && a.row_offsets.len() == row_offsets.len()
                && b.col_offsets.len() == col_offsets.len()
        );
        assert!(
            out.size() == 0 || row_offsets.is_apart_from(col_offsets) || col_offsets.is_apart_from(row_offsets),
            "elements of the product share an offset"
        );
        let mut straight =
            Plan { kernels: kernels::<T>(level), swapped: false, a, b, out, column_blocks: Vec::new() };
        straight.cut_all();
        let (a, b, out) = (b.transposed(), a.transposed(), out.transposed());
        let mut swapped = Plan { kernels: kernels::<T>(level), swapped: true, a, b, out, column_blocks: Vec::new() };
        swapped.cut_all();
        if straight.cost() <= swapped.cost() { straight } else { swapped }
    }

    fn cut_all(&mut self) {
        let (cols, mut next) = (self.b.col_offsets, 0);
        let narrowest = self.kernels[self.kernels.len() - 1].nr;
        // Contiguous columns can be read without packing them, if they fill a vector.
        if self.a.row_offsets.len() <= MAX_ROWS_UNPACKED && cols.shortest_run >= narrowest.min(cols.len()) {
            for run in runs(&cols.values) {
                self.cut(next..next + run.len(), true);
                next += run.len();
            }
        } else {
            self.cut(0..cols.len(), false);
        }
    }

    /// Splits columns into micro-panels of the widths of the available micro-kernels; `direct` ones are read
    /// unpacked.
    fn cut(&mut self, columns: Range<usize>, direct: bool) {
        let mut first = columns.start;
        while first < columns.end {
            let left = columns.end - first;
            let index = self.kernels.iter().rposition(|kernels| kernels.nr >= left).unwrap_or(0);
            let nr = self.kernels[index].nr;
            // A vector may reach beyond the last column, but not beyond the buffer.
            let reach = (self.b.row_offsets.last() + self.b.col_offsets.values[first]).saturating_add(nr);
            let pack = !direct || reach > self.b.size();
            let columns = first..first + nr.min(left);
            first = columns.end;
            match self.column_blocks.last_mut() {
                Some(last)
                    if pack && last.pack && last.index == index && last.columns.len() < PANELS_PER_BLOCK * nr =>
                {
                    last.columns.end = columns.end;
                }
                _ => self.column_blocks.push(ColumnBlock { columns, index, pack }),
            }
        }
    }

    /// An estimate of the number of cycles that a product takes.
    pub fn cost(&self) -> f64 {
        let (m, k) = (self.a.row_offsets.len() as f64, self.a.col_offsets.len() as f64);
        let lanes = self.kernels[0].nr as f64 / 2.0;
        let stores = (k / KC as f64).ceil();
        let block_cost = |ColumnBlock { columns, index, pack }: &ColumnBlock| {
            let (n, nr) = (columns.len(), self.kernels[*index].nr);
            let multiply = m * k * n.next_multiple_of(nr) as f64 / lanes;
            let pack = match pack {
                false => 0.0,
                true if self.b.col_offsets.shortest_run >= MIN_RUN => 0.1,
                true => 0.5,
            };
            let store = if self.out.col_offsets.shortest_run >= MIN_RUN { 0.1 } else { 2.0 };
            multiply + (pack * k + store * m * stores) * n as f64
        };
        self.column_blocks.iter().map(block_cost).sum()
    }
}
