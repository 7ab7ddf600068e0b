//! Products of matrices whose elements may lie anywhere, as fast as the machine multiplies and adds.
//!
//! A [`Grid`] is a matrix given by where its rows and its columns begin: element (i, j) is `data[rows[i] + cols[j]]`. That
//! covers any strides, a transposed matrix, and the columns of an image under a convolution without writing them out.
//!
//! The product is cut as usual (Goto, van de Geijn: Anatomy of high-performance matrix multiplication, 2008): a block of the
//! right operand that stays in the cache, and tiles of sums that stay in registers. The left operand is broadcast number by
//! number and the right one read as vectors, so an operand is rewritten ("packed") only where that pays. Every sum runs
//! over the depth in the same order, whatever the number of threads.

#![allow(unsafe_code)]

use std::ops::Range;

use crate::buffer::{Buffer, dirty};
use crate::element::Float;
use crate::kernels::simd::{Level, widest};
use crate::kernels::threads;
use crate::kernels::tile::{Kernels, MOST_ROWS, MOST_WIDTH, Tile, kernels};

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

/// The matrix that a product is written to: element (i, j) is `data[rows[i] + cols[j]]`.
pub(crate) struct GridMut<'a, T> {
    pub(crate) data: &'a mut [T],
    pub(crate) rows: &'a [usize],
    pub(crate) cols: &'a [usize],
}

/// The depth that is multiplied at a time.
const DEPTH: usize = 512;

/// The bytes of one row of the block of the right operand.
const BLOCK: usize = 4096;

/// The number of multiplications from which several threads pay.
const PARALLEL: usize = 1 << 18;

/// Into how many parts a product is cut for several threads.
const PARTS: usize = 16;

/// From how many rows on the right operand is packed although it could be read where it lies.
const ROWS_FOR_PACKING: usize = 96;

/// From how many panels on the left operand is packed if its numbers lie badly.
const PANELS_FOR_PACKING: usize = 4;

/// How many panels are packed in one go, so that rows are read in pieces that the processor recognises as such.
const STRIP: usize = 4;

/// The bytes of a line of the cache, and the distance at which lines compete for the same place in it.
const LINE: usize = 64;
const RIVALS: usize = 4096;

/// Writes the product of two matrices, or adds it to what is there.
pub(crate) fn gemm<T: Float>(a: Grid<'_, T>, b: Grid<'_, T>, out: GridMut<'_, T>, accumulate: bool) {
    gemm_at(widest(), a, b, out, accumulate);
}

fn gemm_at<T: Float>(level: Level, a: Grid<'_, T>, b: Grid<'_, T>, out: GridMut<'_, T>, accumulate: bool) {
    let GridMut { data, rows, cols } = out;
    assert!(a.cols.len() == b.rows.len() && a.rows.len() == rows.len() && b.cols.len() == cols.len());
    if rows.is_empty() || cols.is_empty() {
        return;
    }
    let reaches = |rows: &[usize], cols: &[usize]| {
        let last = |places: &[usize]| places.iter().max().copied().unwrap_or(0);
        last(rows) + last(cols)
    };
    assert!(reaches(rows, cols) < data.len(), "the product has a place for each element");
    if a.cols.is_empty() {
        if !accumulate {
            rows.iter().for_each(|row| cols.iter().for_each(|col| data[row + col] = T::zero()));
        }
        return;
    }
    for operand in [a, b] {
        assert!(reaches(operand.rows, operand.cols) < operand.data.len(), "an operand lies inside its buffer");
    }
    let kernels = kernels::<T>(level);
    let (at, bt) = (a.transposed(), b.transposed());
    let data = data.as_mut_ptr();
    // (A B)ᵀ = Bᵀ Aᵀ: which of the two is read as vectors is a question of speed.
    if cost(&kernels, a, b, cols) <= cost(&kernels, bt, at, rows) {
        Product::new(&kernels, a, b, Out { data, rows, cols }, accumulate).compute();
    } else {
        Product::new(&kernels, bt, at, Out { data, rows: cols, cols: rows }, accumulate).compute();
    }
}

/// An estimate of the cycles that a product takes when the columns of `b` are read as vectors.
fn cost<T>(kernels: &[Kernels<T>], a: Grid<'_, T>, b: Grid<'_, T>, out_cols: &[usize]) -> f64 {
    let (m, k, n) = (a.rows.len() as f64, a.cols.len() as f64, b.cols.len() as f64);
    let padded: usize = panels(kernels, b.cols.len()).map(|(_, index)| kernels[index].width).sum();
    let lanes = kernels[0].width as f64 / 2.0;
    let multiply = m * k * padded as f64 / lanes;
    let pack = if is_run(b.cols) { 0.1 } else { 0.5 } * k * n;
    let store = if is_run(out_cols) { 0.1 } else { 2.0 } * m * n * (k / DEPTH as f64).ceil();
    multiply + pack + store
}

/// Columns cut into panels of the widths that there are kernels for: the first column of each, and which kernels.
fn panels<T>(kernels: &[Kernels<T>], columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let left = columns - next;
        let index = kernels.iter().rposition(|kernels| kernels.width >= left).unwrap_or(0);
        let panel = (left > 0).then_some((next, index));
        next += kernels[index].width.min(left);
        panel
    })
}

/// Whether places follow one another.
fn is_run(places: &[usize]) -> bool {
    places.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// Places of the same distance from one another.
pub(crate) fn places(count: usize, step: usize) -> Vec<usize> {
    (0..count).map(|i| i * step).collect()
}

struct Out<'a, T> {
    data: *mut T,
    rows: &'a [usize],
    cols: &'a [usize],
}

// SAFETY: the parts of a product on several threads write different elements.
unsafe impl<T: Send> Sync for Out<'_, T> {}

struct Product<'a, T: 'static> {
    kernels: &'a [Kernels<T>],
    a: Grid<'a, T>,
    b: Grid<'a, T>,
    out: Out<'a, T>,
    accumulate: bool,
    /// Where the rows of a packed panel begin, for each width of kernels, and those of a packed tile of the left operand.
    steps: Vec<Vec<usize>>,
    tall_steps: Vec<usize>,
}

/// Neighbouring panels, which are packed in one go.
struct Strip<'a, T: 'static> {
    kernels: &'a Kernels<T>,
    /// Where the rows of a packed panel begin.
    steps: &'a [usize],
    columns: Range<usize>,
    pack: bool,
}

impl<T: Copy> Strip<'_, T> {
    /// Whether another panel can be packed together with these.
    fn fits(&self, width: usize, pack: bool) -> bool {
        self.kernels.width == width && self.pack == pack && self.columns.len() < STRIP * width
    }

    fn packed_size(&self, b: Grid<'_, T>) -> usize {
        let width = self.kernels.width;
        if self.pack { self.columns.len().next_multiple_of(width) * b.rows.len() } else { 0 }
    }
}

/// Columns of the right operand, ready to be read as vectors.
struct Panel<'a, T: 'static> {
    kernels: &'a Kernels<T>,
    /// Its columns in the product.
    columns: Range<usize>,
    /// Where its first number lies, and how far from there each of its rows begins.
    data: &'a [T],
    rows: &'a [usize],
    /// Whether its part of the product is stored as vectors.
    direct: bool,
}

impl<'a, T: Float> Product<'a, T> {
    fn new(kernels: &'a [Kernels<T>], a: Grid<'a, T>, b: Grid<'a, T>, out: Out<'a, T>, accumulate: bool) -> Self {
        let depth = DEPTH.min(a.cols.len());
        let steps = kernels.iter().map(|kernels| places(depth, kernels.width)).collect();
        let tall_steps = places(depth, kernels[0].tallest());
        Product { kernels, a, b, out, accumulate, steps, tall_steps }
    }

    fn compute(&self) {
        let (columns, depth) = (self.b.cols.len(), self.b.rows.len());
        let block = BLOCK / size_of::<T>();
        for first in (0..columns).step_by(block) {
            let columns = first..(first + block).min(columns);
            for first in (0..depth).step_by(DEPTH) {
                self.compute_block(columns.clone(), first..(first + DEPTH).min(depth));
            }
        }
    }

    /// What a part of the depth adds to some columns of the product.
    fn compute_block(&self, columns: Range<usize>, depth: Range<usize>) {
        let parallel = self.a.rows.len() * columns.len() * depth.len() >= PARALLEL;
        let b = Grid { rows: &self.b.rows[depth.clone()], ..self.b };
        let strips = self.strips(columns, b);
        let mut packed =
            Buffer::from(dirty::<T>(strips.iter().map(|strip| strip.packed_size(b)).sum::<usize>() + LINE));
        // Vectors that do not cross a line of the cache are read twice as fast.
        let aligned = packed.as_ptr().align_offset(LINE).min(LINE);
        let mut free = &mut packed[aligned..];
        let mut parts = Vec::with_capacity(strips.len());
        for strip in &strips {
            let (part, rest) = free.split_at_mut(strip.packed_size(b));
            free = rest;
            if strip.pack {
                parts.push((strip, part));
            }
        }
        threads::for_each(parts, parallel, |(strip, part)| {
            pack(Grid { cols: &b.cols[strip.columns.clone()], ..b }, strip.kernels.width, part);
        });
        let mut place = aligned;
        let mut panels = Vec::new();
        for strip in &strips {
            let width = strip.kernels.width;
            for first in strip.columns.clone().step_by(width) {
                let columns = first..(first + width).min(strip.columns.end);
                let direct = columns.len() == width && is_run(&self.out.cols[columns.clone()]);
                let (data, rows) = if strip.pack {
                    place += width * depth.len();
                    (&packed[place - width * depth.len()..place], &strip.steps[..depth.len()])
                } else {
                    (&b.data[b.cols[first]..], b.rows)
                };
                panels.push(Panel { kernels: strip.kernels, columns, data, rows, direct });
            }
        }
        let accumulate = self.accumulate || depth.start > 0;
        let parts = self.parts(panels.len());
        threads::for_each(parts, parallel, |(rows, columns)| {
            self.compute_part(rows, &panels[columns], depth.clone(), accumulate);
        });
    }

    /// Columns of the right operand cut into strips that are packed together, or not at all.
    fn strips(&self, columns: Range<usize>, b: Grid<'_, T>) -> Vec<Strip<'_, T>> {
        let mut strips: Vec<Strip<'_, T>> = Vec::new();
        for (first, index) in panels(self.kernels, columns.len()) {
            let (kernels, steps) = (&self.kernels[index], &self.steps[index]);
            let first = columns.start + first;
            let columns = first..(first + kernels.width).min(columns.end);
            let whole = columns.len() == kernels.width && is_run(&b.cols[columns.clone()]);
            let pack = !whole || self.a.rows.len() > ROWS_FOR_PACKING;
            match strips.last_mut() {
                Some(last) if last.fits(kernels.width, pack) => last.columns.end = columns.end,
                _ => strips.push(Strip { kernels, steps, columns, pack }),
            }
        }
        strips
    }

    /// Ranges of rows and of panels that are computed each for themselves.
    fn parts(&self, panels: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let (rows, tall) = (self.a.rows.len(), self.kernels[0].tallest());
        let tiles = rows.div_ceil(tall);
        let across = tiles.min(PARTS);
        let along = (PARTS / across).min(panels).max(1);
        let cut = |whole: usize, parts: usize, i: usize| whole * i / parts..whole * (i + 1) / parts;
        let mut parts = Vec::with_capacity(across * along);
        for i in 0..across {
            let tiles = cut(tiles, across, i);
            for j in 0..along {
                parts.push((tiles.start * tall..(tiles.end * tall).min(rows), cut(panels, along, j)));
            }
        }
        parts
    }

    fn compute_part(&self, rows: Range<usize>, panels: &[Panel<'_, T>], depth: Range<usize>, accumulate: bool) {
        let tall = self.kernels[0].tallest();
        let packs = panels.len() >= PANELS_FOR_PACKING && self.lies_badly(rows.clone());
        let mut packed = Buffer::from(dirty::<T>(if packs { tall * depth.len() } else { 0 }));
        let mut scratch = [T::zero(); MOST_ROWS * MOST_WIDTH];
        let counting: [usize; MOST_ROWS] = std::array::from_fn(|i| i);
        for first in rows.clone().step_by(tall) {
            let rows = first..(first + tall).min(rows.end);
            let mut a = Grid { rows: &self.a.rows[rows.clone()], cols: &self.a.cols[depth.clone()], ..self.a };
            if packs {
                pack(a.transposed(), tall, &mut packed);
                a = Grid { data: &packed, rows: &counting[..rows.len()], cols: &self.tall_steps[..depth.len()] };
            }
            for panel in panels {
                let mut first = 0;
                while first < rows.len() {
                    let count = self.compute_tile(a, first, panel, rows.start, accumulate, &mut scratch);
                    first += count;
                }
            }
        }
    }

    /// Whether the rows of the left operand drive each other out of the cache, or are spread over many pages of memory.
    fn lies_badly(&self, rows: Range<usize>) -> bool {
        let rivals = self.a.rows[rows].windows(2).all(|pair| pair[0].abs_diff(pair[1]) * size_of::<T>() % RIVALS == 0);
        rivals || !is_run(self.a.cols)
    }

    /// Computes a tile as tall as there is a kernel for, and says how tall. `first` counts its rows in `a`, `start` the rows of
    /// `a` in the product.
    #[inline]
    fn compute_tile(
        &self,
        a: Grid<'_, T>,
        first: usize,
        panel: &Panel<'_, T>,
        start: usize,
        accumulate: bool,
        scratch: &mut [T; MOST_ROWS * MOST_WIDTH],
    ) -> usize {
        let (count, kernel) = panel.kernels.for_rows(a.rows.len() - first);
        let out_rows = &self.out.rows[start + first..start + first + count];
        let columns = &self.out.cols[panel.columns.clone()];
        let width = panel.kernels.width;
        let steps: [usize; MOST_ROWS] = std::array::from_fn(|i| i * width);
        let tile = Tile {
            a: a.data.as_ptr(),
            a_rows: &a.rows[first..first + count],
            a_cols: a.cols,
            b: panel.data.as_ptr(),
            b_rows: panel.rows,
            out: scratch.as_mut_ptr(),
            out_rows: &steps,
            accumulate: false,
        };
        // SAFETY: `gemm_at` has checked that the largest places lie inside the operands and the product, and the others with
        // them; panels that are read or stored as vectors are whole runs of columns; a tile fits into the scratch; the
        // level of the kernels is one of this machine.
        unsafe {
            if panel.direct {
                kernel(&Tile { out: self.out.data.add(columns[0]), out_rows, accumulate, ..tile });
                return count;
            }
            kernel(&tile);
            for (j, &col) in columns.iter().enumerate() {
                for (i, &row) in out_rows.iter().enumerate() {
                    let place = &mut *self.out.data.add(row + col);
                    let sum = scratch[i * width + j];
                    *place = if accumulate { *place + sum } else { sum };
                }
            }
        }
        count
    }
}

/// Writes panels of a matrix one after the other, each row by row and the last padded to the width with zeros.
fn pack<T: Float>(matrix: Grid<'_, T>, width: usize, packed: &mut [T]) {
    if matrix.cols.len() % width != 0 {
        packed.fill(T::zero());
    }
    if is_run(matrix.cols) {
        widest().run(|| pack_rows(matrix, width, packed));
    } else {
        pack_columns(matrix, width, packed);
    }
}

#[inline(always)]
fn pack_rows<T: Float>(matrix: Grid<'_, T>, width: usize, packed: &mut [T]) {
    let Grid { data, rows, cols } = matrix;
    let mut panels: Vec<_> = packed.chunks_mut(width * rows.len()).map(|panel| panel.chunks_exact_mut(width)).collect();
    for &row in rows {
        let row = &data[row + cols[0]..][..cols.len()];
        for (panel, row) in panels.iter_mut().zip(row.chunks(width)) {
            let Some(out) = panel.next() else { continue };
            // A call of `memcpy` takes longer than the few numbers of a row.
            let ((out, out_rest), (row, rest)) = (out[..row.len()].as_chunks_mut::<4>(), row.as_chunks::<4>());
            out.iter_mut().zip(row).for_each(|(out, row)| *out = *row);
            out_rest.iter_mut().zip(rest).for_each(|(out, x)| *out = *x);
        }
    }
}

fn pack_columns<T: Float>(matrix: Grid<'_, T>, width: usize, packed: &mut [T]) {
    let Grid { data, rows, cols } = matrix;
    let whole = is_run(rows);
    for (panel, cols) in packed.chunks_mut(width * rows.len()).zip(cols.chunks(width)) {
        // Columns that lie in one piece each are read four at a time.
        let mut done = 0;
        if whole {
            for four in cols.as_chunks::<4>().0 {
                transpose(four.map(|col| &data[col + rows[0]..][..rows.len()]), width, &mut panel[done..]);
                done += 4;
            }
        }
        for (j, &col) in cols.iter().enumerate().skip(done) {
            panel[j..].iter_mut().step_by(width).zip(rows).for_each(|(out, &row)| *out = data[row + col]);
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

#[cfg(test)]
mod tests;
