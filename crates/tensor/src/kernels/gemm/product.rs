//! How a product is cut: which columns are read as vectors, by which kernels, and what is packed.

#![allow(unsafe_code)]

use std::ops::Range;

use super::Grid;
use super::compute::DEPTH;
use super::pack::SIDE_BY_SIDE;
use super::places::{Places, runs};
use crate::element::Float;
use crate::kernels::tile::Kernels;

/// From how many rows on the right operand is packed although it could be read where it lies.
const ROWS_FOR_PACKING: usize = 96;

/// How many panels are packed in one go, so that rows are read in pieces that the processor recognises as such.
const STRIP: usize = 4;

/// A [`GridMut`](super::GridMut) that the parts of a product share.
pub(super) struct Out<'a, T> {
    pub(super) data: *mut T,
    pub(super) rows: &'a Places,
    pub(super) cols: &'a Places,
}

// SAFETY: the parts of a product on several threads write different elements, and `gemm_at` has checked that these have
// different places.
unsafe impl<T: Send> Sync for Out<'_, T> {}

/// A product and how it is cut.
pub(super) struct Product<'a, T: 'static> {
    pub(super) kernels: &'a [Kernels<T>],
    pub(super) a: Grid<'a, T>,
    pub(super) b: Grid<'a, T>,
    pub(super) out: Out<'a, T>,
    pub(super) accumulate: bool,
    pub(super) strips: Vec<Strip>,
}

/// Neighbouring columns of the right operand that are multiplied by the same kernels: one panel, or several that are packed
/// together.
pub(super) struct Strip {
    pub(super) columns: Range<usize>,
    /// Which kernels.
    pub(super) index: usize,
    pub(super) pack: bool,
}

impl<'a, T: Float> Product<'a, T> {
    pub(super) fn new(
        kernels: &'a [Kernels<T>],
        a: Grid<'a, T>,
        b: Grid<'a, T>,
        out: Out<'a, T>,
        accumulate: bool,
    ) -> Self {
        let mut product = Product { kernels, a, b, out, accumulate, strips: Vec::new() };
        let mut next = 0;
        let narrowest = kernels[kernels.len() - 1].width;
        // Columns that lie side by side can be read where they lie; a single number is no vector.
        if a.rows.len() <= ROWS_FOR_PACKING && b.cols.shortest_run >= narrowest.min(b.cols.len()) {
            for run in runs(&b.cols.at) {
                product.cut(next..next + run.len(), true);
                next += run.len();
            }
        } else {
            product.cut(0..b.cols.len(), false);
        }
        product
    }

    /// Cuts columns into panels of the widths that there are kernels for.
    fn cut(&mut self, columns: Range<usize>, direct: bool) {
        let mut first = columns.start;
        while first < columns.end {
            let left = columns.end - first;
            let index = self.kernels.iter().rposition(|kernels| kernels.width >= left).unwrap_or(0);
            let width = self.kernels[index].width;
            // A vector may reach beyond the last column, but not beyond the buffer.
            let pack = !direct || self.b.rows.last() + self.b.cols.at[first] + width > self.b.data.len();
            let columns = first..first + width.min(left);
            first = columns.end;
            match self.strips.last_mut() {
                Some(last) if pack && last.pack && last.index == index && last.columns.len() < STRIP * width => {
                    last.columns.end = columns.end;
                }
                _ => self.strips.push(Strip { columns, index, pack }),
            }
        }
    }

    /// An estimate of the cycles that this takes.
    pub(super) fn cost(&self) -> f64 {
        let (m, k) = (self.a.rows.len() as f64, self.a.cols.len() as f64);
        let lanes = self.kernels[0].width as f64 / 2.0;
        let stores = (k / DEPTH as f64).ceil();
        let of_strip = |Strip { columns, index, pack }: &Strip| {
            let (n, width) = (columns.len(), self.kernels[*index].width);
            let multiply = m * k * n.next_multiple_of(width) as f64 / lanes;
            let pack = match pack {
                false => 0.0,
                true if self.b.cols.shortest_run >= SIDE_BY_SIDE => 0.1,
                true => 0.5,
            };
            let store = match self.out.cols.shortest_run >= SIDE_BY_SIDE {
                true if n.is_multiple_of(width) => 0.1,
                true => 0.3,
                false => 2.0,
            };
            multiply + (pack * k + store * m * stores) * n as f64
        };
        self.strips.iter().map(of_strip).sum()
    }
}
