//! Products of matrices whose elements may lie anywhere, as fast as the machine multiplies and adds.
//!
//! A [`Grid`] is a matrix given by where its rows and its columns begin: element (i, j) is `data[rows[i] + cols[j]]`. That
//! covers any strides, a transposed matrix, and the columns of an image under a convolution without writing them out.
//!
//! The product is cut as usual (Goto, van de Geijn: Anatomy of high-performance matrix multiplication, 2008): a block of the
//! right operand that fits into the second cache, and tiles of sums that fit into registers. Every sum runs over the depth
//! in the same order whatever the number of threads.

#![allow(unsafe_code)]

use std::cell::RefCell;

use crate::element::Float;
use crate::kernels::simd::{Level, widest};
use crate::kernels::threads;
use crate::kernels::tile::{Kernels, Tile, kernels};

/// A matrix whose element (i, j) is `data[rows[i] + cols[j]]`.
#[derive(Clone, Copy)]
pub(crate) struct Grid<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) rows: &'a [usize],
    pub(crate) cols: &'a [usize],
}

impl<T> Grid<'_, T> {
    fn transposed(self) -> Self {
        Grid { data: self.data, rows: self.cols, cols: self.rows }
    }
}

/// How much of the depth, and how many columns, are multiplied at a time.
fn env(n: &str, d: usize) -> usize { std::env::var(n).ok().and_then(|t| t.parse().ok()).unwrap_or(d) }
fn pa() -> usize { static V: std::sync::OnceLock<usize> = std::sync::OnceLock::new(); *V.get_or_init(|| env("PA", 4)) }
fn depth_block() -> usize { static V: std::sync::OnceLock<usize> = std::sync::OnceLock::new(); *V.get_or_init(|| env("KC", 256)) }
fn col_block() -> usize { static V: std::sync::OnceLock<usize> = std::sync::OnceLock::new(); *V.get_or_init(|| env("NC", 512)) }

/// The product of two matrices, or its sum with what is in `out`, at the places `rows` and `cols` of `out`.
pub(crate) fn gemm<T: Float>(
    a: Grid<'_, T>,
    b: Grid<'_, T>,
    out: &mut [T],
    (rows, cols): (&[usize], &[usize]),
    accumulate: bool,
) {
    gemm_with(widest(), a, b, out, (rows, cols), accumulate);
}

fn gemm_with<T: Float>(
    level: Level,
    a: Grid<'_, T>,
    b: Grid<'_, T>,
    out: &mut [T],
    (rows, cols): (&[usize], &[usize]),
    accumulate: bool,
) {
    assert!(a.cols.len() == b.rows.len() && a.rows.len() == rows.len() && b.cols.len() == cols.len());
    if rows.is_empty() || cols.is_empty() {
        return;
    }
    let last = |places: &[usize]| places.iter().max().copied().unwrap_or(0);
    assert!(last(rows) + last(cols) < out.len(), "the product has a place for each element");
    if a.cols.is_empty() {
        if !accumulate {
            rows.iter().for_each(|row| cols.iter().for_each(|col| out[row + col] = T::zero()));
        }
        return;
    }
    assert!(last(a.rows) + last(a.cols) < a.data.len() && last(b.rows) + last(b.cols) < b.data.len());
    let kernels = kernels::<T>(level);
    let straight = cost(&kernels, a, b, cols);
    let turned = cost(&kernels, b.transposed(), a.transposed(), rows);
    let out = Out { data: out.as_mut_ptr(), rows, cols };
    if straight <= turned {
        Product { kernels: &kernels, a, b, out, accumulate }.compute();
    } else {
        let out = Out { rows: cols, cols: rows, ..out };
        Product { kernels: &kernels, a: b.transposed(), b: a.transposed(), out, accumulate }.compute();
    }
}

/// An estimate of the cycles of a product whose columns are vectors.
fn cost<T>(kernels: &[Kernels<T>], a: Grid<'_, T>, b: Grid<'_, T>, out_cols: &[usize]) -> f64 {
    let (m, k, n) = (a.rows.len() as f64, a.cols.len() as f64, b.cols.len());
    let padded: usize = panels(kernels, n).map(|(_, kernels)| kernels.width).sum();
    let lanes = kernels[0].width as f64 / 2.0;
    let multiply = m * k * padded as f64 / lanes;
    let pack = if is_run(b.cols) { 0.2 } else { 1.0 } * k * n as f64;
    let store = if is_run(out_cols) { 0.2 } else { 2.0 } * m * n as f64;
    multiply + pack + store
}

/// The columns of a product cut into panels: the first column and the kernels of each.
fn panels<T>(kernels: &[Kernels<T>], columns: usize) -> impl Iterator<Item = (usize, &Kernels<T>)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let left = columns - next;
        if left == 0 {
            return None;
        }
        // The narrowest that holds what is left, or the widest.
        let fitting = kernels.iter().rev().find(|kernels| kernels.width >= left).unwrap_or(&kernels[0]);
        let first = next;
        next += fitting.width.min(left);
        Some((first, fitting))
    })
}

/// Whether places follow one another.
fn is_run(places: &[usize]) -> bool {
    places.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

struct Out<'a, T> {
    data: *mut T,
    rows: &'a [usize],
    cols: &'a [usize],
}

// SAFETY: parts of a product on several threads write different rows.
unsafe impl<T: Send> Sync for Out<'_, T> {}

struct Product<'a, T> {
    kernels: &'a [Kernels<T>],
    a: Grid<'a, T>,
    b: Grid<'a, T>,
    out: Out<'a, T>,
    accumulate: bool,
}

/// Columns of the right operand, ready to be read as vectors.
struct Panel<'a, T> {
    kernels: &'a Kernels<T>,
    /// The columns of the product that it makes.
    first: usize,
    count: usize,
    /// Where it begins in the packed block, or among the columns of the operand when it is read where it lies.
    packed: Option<usize>,
    /// Whether its part of the product is stored as vectors.
    direct: bool,
}

impl<T: Float> Product<'_, T> {
    fn compute(&self) {
        let (n, k) = (self.b.cols.len(), self.b.rows.len());
        let mut packed = Vec::new();
        for first in (0..n).step_by(col_block()) {
            let columns = col_block().min(n - first);
            for depth in (0..k).step_by(depth_block()) {
                let depth = depth..(depth + depth_block()).min(k);
                let panels = self.panels(first, columns, depth.len());
                let size: usize = panels.iter().filter(|p| p.packed.is_some()).map(|p| p.kernels.width * depth.len()).sum();
                if packed.len() < size + 16 {
                    packed.resize(size + 16, T::zero());
                }
                let start = packed.as_ptr().align_offset(64);
                let packed = &mut packed[start..start + size];
                let b = Grid { rows: &self.b.rows[depth.clone()], ..self.b };
                for panel in &panels {
                    if let Some(place) = panel.packed {
                        let width = panel.kernels.width;
                        let b = Grid { cols: &b.cols[panel.first..panel.first + panel.count], ..b };
                        pack(b, width, &mut packed[place..place + width * depth.len()]);
                    }
                }
                let accumulate = self.accumulate || depth.start > 0;
                self.rows(&panels, packed, depth, accumulate);
            }
        }
    }

    fn panels(&self, first: usize, columns: usize, depth: usize) -> Vec<Panel<'_, T>> {
        let mut size = 0;
        let reused = self.a.rows.len() > 96;
        panels(self.kernels, columns)
            .map(|(start, kernels)| {
                let (first, count) = (first + start, kernels.width.min(columns - start));
                let columns = first..first + count;
                let whole = count == kernels.width;
                let packed = (reused || !whole || !is_run(&self.b.cols[columns.clone()])).then(|| {
                    size += kernels.width * depth;
                    size - kernels.width * depth
                });
                let direct = whole && is_run(&self.out.cols[columns]);
                Panel { kernels, first, count, packed, direct }
            })
            .collect()
    }

    /// All rows of the product for these panels and this part of the depth.
    fn rows(&self, panels: &[Panel<'_, T>], packed: &[T], depth: std::ops::Range<usize>, accumulate: bool) {
        let m = self.a.rows.len();
        let steps: Vec<Vec<usize>> =
            self.kernels.iter().map(|kernels| (0..depth.len()).map(|p| p * kernels.width).collect()).collect();
        let tall = self.kernels[0].by_rows[0].0;
        let tiles = m.div_ceil(tall);
        let work = m * depth.len() * panels.iter().map(|panel| panel.count).sum::<usize>();
        let parts = if work < PARALLEL { 1 } else { tiles.min(8) };
        threads::for_each(parts, |part| {
            let rows = tiles * part / parts * tall..(tiles * (part + 1) / parts * tall).min(m);
            let mut apacked = Vec::new();
            let mut buffer = [T::zero(); 16 * 32];
            let tall_steps: Vec<usize> = (0..depth.len()).map(|p| p * tall).collect();
            let tall_rows: [usize; 16] = std::array::from_fn(|i| i);
            for first in rows.clone().step_by(tall) {
                let rows = first..(first + tall).min(rows.end);
                let mut a = Grid { rows: &self.a.rows[rows.clone()], cols: &self.a.cols[depth.clone()], ..self.a };
                if panels.len() >= pa() {
                    apacked.resize(tall * depth.len(), T::zero());
                    pack(a.transposed(), tall, &mut apacked);
                    a = Grid { data: &apacked, rows: &tall_rows[..rows.len()], cols: &tall_steps };
                }
                for panel in panels {
                    let step = self.kernels.iter().position(|k| k.width == panel.kernels.width).unwrap();
                    self.tiles(a, &mut buffer, panel, packed, &steps[step], rows.clone(), depth.clone(), accumulate);
                }
            }
        });
    }

    #[allow(clippy::too_many_arguments)]
    fn tiles(
        &self,
        a: Grid<'_, T>,
        buffer: &mut [T; 16 * 32],
        panel: &Panel<'_, T>,
        packed: &[T],
        steps: &[usize],
        rows: std::ops::Range<usize>,
        depth: std::ops::Range<usize>,
        accumulate: bool,
    ) {
        let out = self.out.data;
        let width = panel.kernels.width;
        let mut first = rows.start;
        while first < rows.end {
            let &(count, kernel) = panel.kernels.by_rows.iter().find(|(count, _)| *count <= rows.end - first).unwrap();
            let (b, b_rows) = match panel.packed {
                Some(place) => (packed[place..].as_ptr(), steps),
                None => (self.b.data[self.b.cols[panel.first]..].as_ptr(), &self.b.rows[depth.clone()]),
            };
            let a_rows = &a.rows[first - rows.start..first - rows.start + count];
            let a_cols = a.cols;
            let out_rows = &self.out.rows[first..first + count];
            let a = a.data.as_ptr();
            // SAFETY: `gemm` has checked that the largest places of all rows and columns lie in the operands and in the
            // product, panels that are read or stored as vectors are whole runs of columns, and levels are available.
            unsafe {
                if panel.direct {
                    let out = out.add(self.out.cols[panel.first]);
                    kernel(&Tile { a, a_rows, a_cols, b, b_rows, out, out_rows, accumulate });
                } else {
                    let tile = Tile { a, a_rows, a_cols, b, b_rows, out: buffer.as_mut_ptr(), out_rows: &steps[..count], accumulate: false };
                    kernel(&tile);
                    for (j, &col) in self.out.cols[panel.first..panel.first + panel.count].iter().enumerate() {
                        for (i, &row) in out_rows.iter().enumerate() {
                            let place = out.add(row + col);
                            let sum = buffer[i * width + j];
                            *place = if accumulate { *place + sum } else { sum };
                        }
                    }
                }
            }
            first += count;
        }
    }
}

/// The number of multiplications from which several threads pay.
const PARALLEL: usize = 1 << 19;

/// Writes a matrix row by row, each row padded to the width with zeros.
fn pack<T: Float>(b: Grid<'_, T>, width: usize, packed: &mut [T]) {
    let count = b.cols.len();
    if is_run(b.cols) {
        for (&row, out) in b.rows.iter().zip(packed.chunks_exact_mut(width)) {
            let start = row + b.cols[0];
            out[..count].copy_from_slice(&b.data[start..start + count]);
            out[count..].fill(T::zero());
        }
        return;
    }
    if count < width {
        packed.fill(T::zero());
    }
    let mut done = 0;
    if is_run(b.rows) {
        // Columns that lie in one piece each, four at a time.
        let column = |j: usize| &b.data[b.cols[j] + b.rows[0]..][..b.rows.len()];
        while done + 4 <= count {
            transpose([column(done), column(done + 1), column(done + 2), column(done + 3)], width, &mut packed[done..]);
            done += 4;
        }
    }
    for (j, &col) in b.cols.iter().enumerate().skip(done) {
        for (to, &row) in packed[j..].iter_mut().step_by(width).zip(b.rows) {
            *to = b.data[row + col];
        }
    }
}

/// Writes four columns next to one another into rows of the given width.
#[inline(always)]
fn transpose<T: Copy>([a, b, c, d]: [&[T]; 4], width: usize, packed: &mut [T]) {
    let blocks = [a, b, c, d].map(|column| column.as_chunks::<4>());
    let [(a4, a), (b4, b), (c4, c), (d4, d)] = blocks;
    let mut rows = packed.chunks_mut(width);
    for (((a, b), c), d) in a4.iter().zip(b4).zip(c4).zip(d4) {
        for i in 0..4 {
            if let Some(row) = rows.next() {
                row[..4].copy_from_slice(&[a[i], b[i], c[i], d[i]]);
            }
        }
    }
    for (((&a, &b), &c), &d) in a.iter().zip(b).zip(c).zip(d) {
        if let Some(row) = rows.next() {
            row[..4].copy_from_slice(&[a, b, c, d]);
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<()> = const { RefCell::new(()) };
}

#[cfg(test)]
pub mod bench {
    use super::*;
}
pub fn bench_gemm<T: Float>(m: usize, k: usize, n: usize, ta: bool, tb: bool, a: &[T], b: &[T], out: &mut [T]) {
    let idx = |n: usize, s: usize| -> Vec<usize> { (0..n).map(|i| i * s).collect() };
    let (ar, ac) = if ta { (idx(m, 1), idx(k, m)) } else { (idx(m, k), idx(k, 1)) };
    let (br, bc) = if tb { (idx(k, 1), idx(n, k)) } else { (idx(k, n), idx(n, 1)) };
    gemm(Grid { data: a, rows: &ar, cols: &ac }, Grid { data: b, rows: &br, cols: &bc }, out, (&idx(m, n), &idx(n, 1)), false);
}
