//! Products of matrices whose elements may lie anywhere, as fast as the machine multiplies and adds.
//!
//! A [`Grid`] is a matrix given by where its rows and its columns begin: element (i, j) is `data[rows[i] + cols[j]]`. That
//! covers any strides, a transposed matrix, and the columns of an image under a convolution without writing them out.
//!
//! The product is cut as usual (Goto, van de Geijn: Anatomy of high-performance matrix multiplication, 2008): a block of the
//! right operand that stays in the cache, and tiles of sums that stay in registers. The left operand is broadcast number by
//! number and the right one read as vectors, so an operand is rewritten ("packed") only where that pays. Every sum runs
//! over the depth in the same order, whatever the number of threads.

mod compute;
mod pack;
mod places;
mod product;
#[cfg(test)]
mod tests;

use crate::element::Float;
use crate::kernels::simd::{Level, widest};
use crate::kernels::tile::kernels;

pub(crate) use places::Places;
use product::{Out, Product};

/// A matrix whose element (i, j) is `data[rows[i] + cols[j]]`.
#[derive(Clone, Copy)]
pub(crate) struct Grid<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) rows: &'a Places,
    pub(crate) cols: &'a Places,
}

impl<T> Grid<'_, T> {
    fn transposed(self) -> Self {
        Grid { data: self.data, rows: self.cols, cols: self.rows }
    }
}

/// The matrix that a product is written to: element (i, j) is `data[rows[i] + cols[j]]`. No two elements share a place.
pub(crate) struct GridMut<'a, T> {
    pub(crate) data: &'a mut [T],
    pub(crate) rows: &'a Places,
    pub(crate) cols: &'a Places,
}

/// Writes the product of two matrices, or adds it to what is there.
pub(crate) fn gemm<T: Float>(a: Grid<'_, T>, b: Grid<'_, T>, out: GridMut<'_, T>, accumulate: bool) {
    gemm_at(widest(), a, b, out, accumulate);
}

fn gemm_at<T: Float>(level: Level, a: Grid<'_, T>, b: Grid<'_, T>, out: GridMut<'_, T>, accumulate: bool) {
    let GridMut { data, rows, cols } = out;
    assert!(a.cols.len() == b.rows.len() && a.rows.len() == rows.len() && b.cols.len() == cols.len());
    if rows.len() == 0 || cols.len() == 0 {
        return;
    }
    assert!(rows.last().saturating_add(cols.last()) < data.len(), "the product has a place for each element");
    assert!(
        rows.is_apart_from(cols) || cols.is_apart_from(rows),
        "the elements of the product have places of their own"
    );
    if a.cols.len() == 0 {
        if !accumulate {
            rows.iter().for_each(|row| cols.iter().for_each(|col| data[row + col] = T::zero()));
        }
        return;
    }
    for operand in [a, b] {
        let last = operand.rows.last().saturating_add(operand.cols.last());
        assert!(last < operand.data.len(), "an operand lies inside its buffer");
    }
    let kernels = kernels::<T>(level);
    let (at, bt) = (a.transposed(), b.transposed());
    let data = data.as_mut_ptr();
    // (A B)ᵀ = Bᵀ Aᵀ: which of the two is read as vectors is a question of speed.
    let straight = Product::new(&kernels, a, b, Out { data, rows, cols }, accumulate);
    let turned = Product::new(&kernels, bt, at, Out { data, rows: cols, cols: rows }, accumulate);
    if straight.cost() <= turned.cost() { straight.compute() } else { turned.compute() }
}
