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
use crate::kernels::simd::{Kernel, Level, MulAdd, vectorized, widest};
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

/// The matrix that a product is written to: element (i, j) is `data[rows[i] + cols[j]]`. No two elements share a place.
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
        last(rows).saturating_add(last(cols))
    };
    assert!(reaches(rows, cols) < data.len(), "the product has a place for each element");
    assert!(are_apart(rows, cols) || are_apart(cols, rows), "the elements of the product have places of their own");
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
    let straight = Product::new(&kernels, a, b, Out { data, rows, cols }, accumulate);
    let turned = Product::new(&kernels, bt, at, Out { data, rows: cols, cols: rows }, accumulate);
    if straight.cost() <= turned.cost() { straight.compute() } else { turned.compute() }
}

/// Whether places follow one another.
fn is_run(places: &[usize]) -> bool {
    places.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// Whether no two sums of a row and a column are the same, as is certain where runs of columns fit between the rows, and all rows
/// between the beginnings of those runs.
fn are_apart(rows: &[usize], cols: &[usize]) -> bool {
    let increase = |places: &[usize]| places.windows(2).all(|pair| pair[0] < pair[1]);
    if !increase(rows) || !increase(cols) {
        return false;
    }
    let (mut longest, mut closest, mut start) = (0, usize::MAX, cols[0]);
    for run in cols.chunk_by(|left, right| left + 1 == *right) {
        longest = longest.max(run.len());
        if run[0] > start {
            closest = closest.min(run[0] - start);
            start = run[0];
        }
    }
    let between = rows.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(usize::MAX);
    longest <= between && rows[rows.len() - 1] - rows[0] + longest <= closest
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

// SAFETY: the parts of a product on several threads write different elements, and `gemm_at` has checked that these have
// different places.
unsafe impl<T: Send> Sync for Out<'_, T> {}

struct Product<'a, T: 'static> {
    kernels: &'a [Kernels<T>],
    a: Grid<'a, T>,
    b: Grid<'a, T>,
    out: Out<'a, T>,
    accumulate: bool,
    strips: Vec<Strip>,
}

/// Neighbouring columns of the right operand that are multiplied by the same kernels: one panel, or several that are packed
/// together.
struct Strip {
    columns: Range<usize>,
    /// Which kernels.
    index: usize,
    pack: bool,
}

/// Columns of the right operand, ready to be read as vectors.
struct Panel<'a, T: 'static> {
    kernels: &'a Kernels<T>,
    /// Its columns in the product.
    columns: Range<usize>,
    /// Where its first number lies, and how far from there each of its rows begins.
    data: &'a [T],
    rows: &'a [usize],
    /// Whether its columns lie side by side in the product, and whether they are stored as vectors.
    run: bool,
    direct: bool,
}

impl<'a, T: Float> Product<'a, T> {
    fn new(kernels: &'a [Kernels<T>], a: Grid<'a, T>, b: Grid<'a, T>, out: Out<'a, T>, accumulate: bool) -> Self {
        let mut product = Product { kernels, a, b, out, accumulate, strips: Vec::new() };
        let mut next = 0;
        let narrowest = kernels[kernels.len() - 1].width;
        // Columns that lie side by side can be read where they lie; a single number is no vector.
        let runs = b.cols.chunk_by(|left, right| left + 1 == *right);
        let direct =
            a.rows.len() <= ROWS_FOR_PACKING && runs.clone().all(|run| run.len() >= narrowest.min(b.cols.len()));
        if direct {
            runs.for_each(|run| {
                product.cut(next..next + run.len(), true);
                next += run.len();
            });
        } else {
            product.cut(0..b.cols.len(), false);
        }
        product
    }

    /// Cuts columns into panels of the widths that there are kernels for.
    fn cut(&mut self, columns: Range<usize>, direct: bool) {
        let furthest = self.b.rows.iter().max().copied().unwrap_or(0);
        let mut first = columns.start;
        while first < columns.end {
            let left = columns.end - first;
            let index = self.kernels.iter().rposition(|kernels| kernels.width >= left).unwrap_or(0);
            let width = self.kernels[index].width;
            // A vector may reach beyond the last column, but not beyond the buffer.
            let pack = !direct || furthest + self.b.cols[first] + width > self.b.data.len();
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
    fn cost(&self) -> f64 {
        let (m, k) = (self.a.rows.len() as f64, self.a.cols.len() as f64);
        let lanes = self.kernels[0].width as f64 / 2.0;
        let stores = (k / DEPTH as f64).ceil();
        let of_strip = |Strip { columns, index, pack }: &Strip| {
            let (n, width) = (columns.len(), self.kernels[*index].width);
            let multiply = m * k * n.next_multiple_of(width) as f64 / lanes;
            let pack = match pack {
                false => 0.0,
                true if is_run(&self.b.cols[columns.clone()]) => 0.1,
                true => 0.5,
            };
            let store = match is_run(&self.out.cols[columns.clone()]) {
                true if n.is_multiple_of(width) => 0.1,
                true => 0.3,
                false => 2.0,
            };
            multiply + (pack * k + store * m * stores) * n as f64
        };
        self.strips.iter().map(of_strip).sum()
    }

    fn compute(&self) {
        let (block, depth) = (BLOCK / size_of::<T>(), self.b.rows.len());
        let mut strips = self.strips.as_slice();
        while let Some(first) = strips.first() {
            let end = first.columns.start + block;
            let (block, rest) = strips.split_at(strips.partition_point(|strip| strip.columns.start < end));
            for first in (0..depth).step_by(DEPTH) {
                self.compute_block(block, first..(first + DEPTH).min(depth));
            }
            strips = rest;
        }
    }

    /// What a part of the depth adds to some columns of the product.
    fn compute_block(&self, strips: &[Strip], depth: Range<usize>) {
        let (depth, before) = (depth.len(), depth.start);
        let columns: usize = strips.iter().map(|strip| strip.columns.len()).sum();
        let parallel = self.a.rows.len() * columns * depth >= PARALLEL;
        let b = Grid { rows: &self.b.rows[before..before + depth], ..self.b };
        let a = Grid { cols: &self.a.cols[before..before + depth], ..self.a };
        let width_of = |strip: &Strip| self.kernels[strip.index].width;
        let size_of_strip = |strip: &Strip| {
            if strip.pack { strip.columns.len().next_multiple_of(width_of(strip)) * depth } else { 0 }
        };
        let mut packed = Buffer::from(dirty::<T>(strips.iter().map(size_of_strip).sum::<usize>() + LINE));
        // Vectors that do not cross a line of the cache are read twice as fast.
        let aligned = packed.as_ptr().align_offset(LINE).min(LINE);
        let mut free = &mut packed[aligned..];
        let mut parts = Vec::with_capacity(strips.len());
        for strip in strips.iter().filter(|strip| strip.pack) {
            let (part, rest) = free.split_at_mut(size_of_strip(strip));
            free = rest;
            parts.push((strip, part));
        }
        threads::for_each(parts, parallel, |(strip, part)| {
            pack(Grid { cols: &b.cols[strip.columns.clone()], ..b }, width_of(strip), part);
        });
        let steps: Vec<Vec<usize>> = self.kernels.iter().map(|kernels| places(depth, kernels.width)).collect();
        let mut place = aligned;
        let mut panels = Vec::with_capacity(strips.len());
        for strip in strips {
            let (kernels, width) = (&self.kernels[strip.index], width_of(strip));
            for first in strip.columns.clone().step_by(width) {
                let columns = first..(first + width).min(strip.columns.end);
                let run = is_run(&self.out.cols[columns.clone()]);
                let direct = run && columns.len() == width;
                let (data, rows) = if strip.pack {
                    place += width * depth;
                    (&packed[place - width * depth..place], steps[strip.index].as_slice())
                } else {
                    (&b.data[b.cols[first]..], b.rows)
                };
                panels.push(Panel { kernels, columns, data, rows, run, direct });
            }
        }
        let accumulate = self.accumulate || before > 0;
        threads::for_each(self.parts(panels.len()), parallel, |(rows, columns)| {
            self.compute_part(a, rows, &panels[columns], accumulate);
        });
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

    fn compute_part(&self, a: Grid<'_, T>, rows: Range<usize>, panels: &[Panel<'_, T>], accumulate: bool) {
        let (tall, depth) = (self.kernels[0].tallest(), a.cols.len());
        let packs = panels.len() >= PANELS_FOR_PACKING && self.lies_badly(rows.clone());
        let mut packed = Buffer::from(dirty::<T>(if packs { tall * depth } else { 0 }));
        let packed_cols = if packs { places(depth, tall) } else { Vec::new() };
        let packed_rows: [usize; MOST_ROWS] = std::array::from_fn(|i| i);
        let mut scratch = [T::zero(); MOST_ROWS * MOST_WIDTH];
        for first in rows.clone().step_by(tall) {
            let rows = first..(first + tall).min(rows.end);
            let mut a = Grid { rows: &a.rows[rows.clone()], ..a };
            if packs {
                pack(a.transposed(), tall, &mut packed);
                a = Grid { data: &packed, rows: &packed_rows[..rows.len()], cols: &packed_cols };
            }
            for panel in panels {
                let mut first = 0;
                while first < rows.len() {
                    first += self.compute_tile(a, first, panel, rows.start, accumulate, &mut scratch);
                }
            }
        }
    }

    /// Whether the rows of the left operand drive each other out of the cache, or are spread over many pages of memory.
    fn lies_badly(&self, rows: Range<usize>) -> bool {
        let apart = |pair: &[usize]| pair[0].abs_diff(pair[1]) * size_of::<T>();
        let rivals = self.a.rows[rows].windows(2).all(|pair| apart(pair).is_multiple_of(RIVALS));
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
        // them; panels that are stored as vectors are whole runs of columns, and `cut` has checked that those that are
        // read where they lie reach no further than their buffer; a tile fits into the scratch; the
        // level of the kernels is one of this machine.
        unsafe {
            if panel.direct {
                kernel(&Tile { out: self.out.data.add(columns[0]), out_rows, accumulate, ..tile });
                return count;
            }
            kernel(&tile);
            if panel.run {
                for (i, &row) in out_rows.iter().enumerate() {
                    let out = std::slice::from_raw_parts_mut(self.out.data.add(row + columns[0]), columns.len());
                    let sums = &scratch[i * width..][..columns.len()];
                    if accumulate {
                        out.iter_mut().zip(sums).for_each(|(out, &sum)| *out += sum);
                    } else {
                        out.copy_from_slice(sums);
                    }
                }
                return count;
            }
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

/// Writes panels of a matrix one after the other, each row by row. What fills the last panel up to the width is never used.
fn pack<T: Float>(matrix: Grid<'_, T>, width: usize, packed: &mut [T]) {
    if is_run(matrix.cols) {
        vectorized(PackRows { matrix, width, packed });
    } else {
        pack_columns(matrix, width, packed);
    }
}

/// The rows of the panels are pieces of the rows of the matrix.
struct PackRows<'a, 'b, T> {
    matrix: Grid<'a, T>,
    width: usize,
    packed: &'b mut [T],
}

impl<T: Float> Kernel for PackRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let PackRows { matrix: Grid { data, rows, cols }, width, packed } = self;
        for (i, &row) in rows.iter().enumerate() {
            let row = &data[row + cols[0]..][..cols.len()];
            for (panel, row) in row.chunks(width).enumerate() {
                let out = &mut packed[(panel * rows.len() + i) * width..][..row.len()];
                // A call of `memcpy` takes longer than the few numbers of a row.
                let ((out, out_rest), (row, rest)) = (out.as_chunks_mut::<4>(), row.as_chunks::<4>());
                out.iter_mut().zip(row).for_each(|(out, row)| *out = *row);
                out_rest.iter_mut().zip(rest).for_each(|(out, x)| *out = *x);
            }
        }
    }
}

fn pack_columns<T: Float>(matrix: Grid<'_, T>, width: usize, packed: &mut [T]) {
    let Grid { data, rows, cols } = matrix;
    for (panel, cols) in packed.chunks_mut(width * rows.len()).zip(cols.chunks(width)) {
        let mut panel = panel;
        // Pieces of columns that lie side by side are read as vectors, four columns at a time.
        for run in rows.chunk_by(|above, below| above + 1 == *below) {
            let (part, rest) = panel.split_at_mut(run.len() * width);
            panel = rest;
            let piece = |col: usize| &data[col + run[0]..][..run.len()];
            for (j, four) in cols.chunks(4).enumerate() {
                let at = |i: usize| piece(four[i.min(four.len() - 1)]);
                if run.len() >= 4 && j * 4 + 4 <= width {
                    transpose([at(0), at(1), at(2), at(3)], width, &mut part[j * 4..]);
                } else {
                    for (i, &col) in four.iter().enumerate() {
                        part[j * 4 + i..].iter_mut().step_by(width).zip(piece(col)).for_each(|(out, &x)| *out = x);
                    }
                }
            }
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
