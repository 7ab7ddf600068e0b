//! How a product is cut: which operand is read as vectors, by which kernels, and what is packed.

use std::ops::Range;

use super::KC;
use super::offsets::{Offsets, runs};
use super::pack::SIDE_BY_SIDE;
use crate::element::KernelFloat;
use crate::simd::{Level, widest};
use crate::tile::{MicroKernels, kernels};

/// From how many rows on the right operand is packed although it could be read where it lies.
const ROWS_FOR_PACKING: usize = 96;

/// How many panels are packed in one go, so that rows are read in pieces that the processor recognises as such.
const STRIP: usize = 4;

/// Where the elements of a matrix lie: element (i, j) is `data[rows[i] + cols[j]]`.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub rows: &'a Offsets,
    pub cols: &'a Offsets,
}

impl Layout<'_> {
    fn transposed(self) -> Self {
        Layout { rows: self.cols, cols: self.rows }
    }

    /// How many numbers there must be. A matrix without elements needs none. [`Offsets`] has made sure that no place is beyond
    /// `isize::MAX`, so the sum of two does not wrap.
    pub(super) fn size(self) -> usize {
        if self.rows.len() == 0 || self.cols.len() == 0 {
            return 0;
        }
        self.rows.last() + self.cols.last() + 1
    }
}

/// How products of matrices that lie in the same way are computed.
pub struct Plan<'a, T: 'static> {
    pub(super) kernels: &'static [MicroKernels<T>],
    /// (A B)ᵀ = Bᵀ Aᵀ: which of the two operands is read as vectors is a question of speed.
    pub(super) swapped: bool,
    pub(super) a: Layout<'a>,
    pub(super) b: Layout<'a>,
    pub(super) out: Layout<'a>,
    pub(super) column_blocks: Vec<ColumnBlock>,
}

/// Neighbouring columns of the right operand that are multiplied by the same kernels: one panel, or several that are packed
/// together.
pub(super) struct ColumnBlock {
    pub(super) columns: Range<usize>,
    /// Which kernels.
    pub(super) index: usize,
    pub(super) pack: bool,
}

impl<'a, T: KernelFloat> Plan<'a, T> {
    /// A plan for `out = a b`.
    ///
    /// # Panics
    /// When the sizes do not fit, or elements of the product share places.
    #[track_caller]
    pub fn new(a: Layout<'a>, b: Layout<'a>, out: Layout<'a>) -> Self {
        Plan::at(widest(), a, b, out)
    }

    pub(super) fn at(level: Level, a: Layout<'a>, b: Layout<'a>, out: Layout<'a>) -> Self {
        let Layout { rows, cols } = out;
        assert!(a.cols.len() == b.rows.len() && a.rows.len() == rows.len() && b.cols.len() == cols.len());
        assert!(
            out.size() == 0 || rows.is_apart_from(cols) || cols.is_apart_from(rows),
            "the elements of the product have places of their own"
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
        let (cols, mut next) = (self.b.cols, 0);
        let narrowest = self.kernels[self.kernels.len() - 1].nr;
        // Columns that lie side by side can be read where they lie; a single number is no vector.
        if self.a.rows.len() <= ROWS_FOR_PACKING && cols.shortest_run >= narrowest.min(cols.len()) {
            for run in runs(&cols.at) {
                self.cut(next..next + run.len(), true);
                next += run.len();
            }
        } else {
            self.cut(0..cols.len(), false);
        }
    }

    /// Cuts columns into panels of the widths that there are kernels for.
    fn cut(&mut self, columns: Range<usize>, direct: bool) {
        let mut first = columns.start;
        while first < columns.end {
            let left = columns.end - first;
            let index = self.kernels.iter().rposition(|kernels| kernels.nr >= left).unwrap_or(0);
            let width = self.kernels[index].nr;
            // A vector may reach beyond the last column, but not beyond the buffer.
            let pack = !direct || (self.b.rows.last() + self.b.cols.at[first]).saturating_add(width) > self.b.size();
            let columns = first..first + width.min(left);
            first = columns.end;
            match self.column_blocks.last_mut() {
                Some(last) if pack && last.pack && last.index == index && last.columns.len() < STRIP * width => {
                    last.columns.end = columns.end;
                }
                _ => self.column_blocks.push(ColumnBlock { columns, index, pack }),
            }
        }
    }

    /// An estimate of the cycles that this takes.
    pub fn cost(&self) -> f64 {
        let (m, k) = (self.a.rows.len() as f64, self.a.cols.len() as f64);
        let lanes = self.kernels[0].nr as f64 / 2.0;
        let stores = (k / KC as f64).ceil();
        let of_strip = |ColumnBlock { columns, index, pack }: &ColumnBlock| {
            let (n, width) = (columns.len(), self.kernels[*index].nr);
            let multiply = m * k * n.next_multiple_of(width) as f64 / lanes;
            let pack = match pack {
                false => 0.0,
                true if self.b.cols.shortest_run >= SIDE_BY_SIDE => 0.1,
                true => 0.5,
            };
            let store = if self.out.cols.shortest_run >= SIDE_BY_SIDE { 0.1 } else { 2.0 };
            multiply + (pack * k + store * m * stores) * n as f64
        };
        self.column_blocks.iter().map(of_strip).sum()
    }
}
