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

mod pack;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::buffer::{Buffer, dirty};
use crate::element::Float;
use crate::kernels::gemm::pack::{Block, pack};
use crate::kernels::simd::{Level, widest};
use crate::kernels::threads;
use crate::kernels::tile::{Kernels, MOST_ROWS, MOST_WIDTH, Tile, kernels};

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

/// Where the rows or the columns of a matrix begin, with what is asked about them again and again.
pub(crate) struct Places {
    at: Vec<usize>,
    /// The furthest place.
    last: usize,
    /// The lengths of the shortest and the longest run of places that follow one another.
    shortest_run: usize,
    longest_run: usize,
    /// The smallest distance from one place to the next, and from the beginning of one run to the next; 0 if places do not
    /// rise.
    closest: usize,
    closest_run: usize,
}

impl Places {
    /// Places of the same distance from one another.
    pub(crate) fn every(step: usize, count: usize) -> Self {
        let run = if step == 1 { count } else { count.min(1) };
        Places {
            at: steps(step, count),
            last: count.saturating_sub(1) * step,
            shortest_run: run,
            longest_run: run,
            closest: if count > 1 { step } else { usize::MAX },
            closest_run: if run < count { step } else { usize::MAX },
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.at.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.at.iter().copied()
    }

    /// Whether all of them follow one another.
    fn is_run(&self) -> bool {
        self.shortest_run == self.len()
    }

    /// Whether no two sums of these and the other places are the same, as is certain where runs of these fit between the
    /// others, and all others between the beginnings of those runs.
    fn is_apart_from(&self, others: &Places) -> bool {
        let first = others.at.first().copied().unwrap_or(0);
        self.closest > 0
            && self.longest_run <= others.closest
            && (others.last - first).saturating_add(self.longest_run) <= self.closest_run
    }
}

impl From<Vec<usize>> for Places {
    fn from(at: Vec<usize>) -> Self {
        let mut places = Places {
            last: at.iter().max().copied().unwrap_or(0),
            shortest_run: at.len(),
            longest_run: 0,
            closest: at.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min().unwrap_or(usize::MAX),
            closest_run: usize::MAX,
            at: Vec::new(),
        };
        let mut before = None;
        for run in runs(&at) {
            places.shortest_run = places.shortest_run.min(run.len());
            places.longest_run = places.longest_run.max(run.len());
            let distance = before.replace(run[0]).map_or(usize::MAX, |before| run[0].saturating_sub(before));
            places.closest_run = places.closest_run.min(distance);
        }
        Places { at, ..places }
    }
}

/// The pieces of places that follow one another.
fn runs(places: &[usize]) -> impl Iterator<Item = &[usize]> + Clone {
    places.chunk_by(|left, right| left + 1 == *right)
}

/// The depth that is multiplied at a time.
const DEPTH: usize = 512;

/// The bytes of one row of the block of the right operand.
const BLOCK: usize = 4096;

/// The number of multiplications from which several threads pay.
const PARALLEL: usize = 1 << 18;

/// Into how many parts a product is cut for several threads: enough for the last ones to end at about the same time.
const PARTS: usize = 32;

/// From how many rows on the right operand is packed although it could be read where it lies.
const ROWS_FOR_PACKING: usize = 96;

/// From how many panels on the left operand is packed if its numbers lie badly.
const PANELS_FOR_PACKING: usize = 4;

/// How many panels are packed in one go, so that rows are read in pieces that the processor recognises as such.
const STRIP: usize = 4;

/// How many numbers must lie side by side to be copied rather than collected.
const SIDE_BY_SIDE: usize = 8;

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
    if rows.len() == 0 || cols.len() == 0 {
        return;
    }
    assert!(rows.last.saturating_add(cols.last) < data.len(), "the product has a place for each element");
    assert!(
        rows.is_apart_from(cols) || cols.is_apart_from(rows),
        "the elements of the product have places of their own"
    );
    if a.cols.len() == 0 {
        if !accumulate {
            rows.at.iter().for_each(|row| cols.at.iter().for_each(|col| data[row + col] = T::zero()));
        }
        return;
    }
    for operand in [a, b] {
        let last = operand.rows.last.saturating_add(operand.cols.last);
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

/// Whether places follow one another.
fn is_run(places: &[usize]) -> bool {
    places.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

fn steps(step: usize, count: usize) -> Vec<usize> {
    (0..count).map(|i| i * step).collect()
}

struct Out<'a, T> {
    data: *mut T,
    rows: &'a Places,
    cols: &'a Places,
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
            let pack = !direct || self.b.rows.last + self.b.cols.at[first] + width > self.b.data.len();
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
        let b = Block { data: self.b.data, rows: &self.b.rows.at[before..before + depth], cols: &self.b.cols.at };
        let a = Block { data: self.a.data, rows: &self.a.rows.at, cols: &self.a.cols.at[before..before + depth] };
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
            pack(Block { cols: &b.cols[strip.columns.clone()], ..b }, width_of(strip), part);
        });
        let steps: Vec<Vec<usize>> = self.kernels.iter().map(|kernels| steps(kernels.width, depth)).collect();
        let mut place = aligned;
        let mut panels = Vec::with_capacity(strips.len());
        for strip in strips {
            let (kernels, width) = (&self.kernels[strip.index], width_of(strip));
            for first in strip.columns.clone().step_by(width) {
                let columns = first..(first + width).min(strip.columns.end);
                let run = self.out.cols.is_run() || is_run(&self.out.cols.at[columns.clone()]);
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
        let parts = if parallel && threads::num_threads() > 1 { PARTS } else { 1 };
        threads::for_each(self.parts(panels.len(), parts), parallel, |(rows, columns)| {
            self.compute_part(a, rows, &panels[columns], accumulate);
        });
    }

    /// About so many pairs of ranges, of rows and of panels, that are computed each for themselves.
    fn parts(&self, panels: usize, parts: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let (rows, tall) = (self.a.rows.len(), self.kernels[0].tallest());
        let tiles = rows.div_ceil(tall);
        let across = tiles.min(parts);
        let along = (parts / across).min(panels);
        let cut = |whole: usize, parts: usize, i: usize| whole * i / parts..whole * (i + 1) / parts;
        let rows_of = |tiles: Range<usize>| tiles.start * tall..(tiles.end * tall).min(rows);
        let all = (0..across).flat_map(|i| (0..along).map(move |j| (i, j)));
        all.map(|(i, j)| (rows_of(cut(tiles, across, i)), cut(panels, along, j))).collect()
    }

    fn compute_part(&self, a: Block<'_, T>, rows: Range<usize>, panels: &[Panel<'_, T>], accumulate: bool) {
        let (tall, depth) = (self.kernels[0].tallest(), a.cols.len());
        let packs = panels.len() >= PANELS_FOR_PACKING && self.lies_badly(rows.clone());
        let mut packed = Buffer::from(dirty::<T>(if packs { tall * depth } else { 0 }));
        let packed_cols = if packs { steps(tall, depth) } else { Vec::new() };
        let packed_rows: [usize; MOST_ROWS] = std::array::from_fn(|i| i);
        let mut scratch = [T::zero(); MOST_ROWS * MOST_WIDTH];
        for first in rows.clone().step_by(tall) {
            let rows = first..(first + tall).min(rows.end);
            let mut a = Block { rows: &a.rows[rows.clone()], ..a };
            if packs {
                pack(a.transposed(), tall, &mut packed);
                a = Block { data: &packed, rows: &packed_rows[..rows.len()], cols: &packed_cols };
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
        let rivals = rows.len() > 1
            && self.a.rows.at[rows]
                .windows(2)
                .all(|pair| (pair[0].abs_diff(pair[1]) * size_of::<T>()).is_multiple_of(RIVALS));
        rivals || !self.a.cols.is_run()
    }

    /// Computes a tile as tall as there is a kernel for, and says how tall. `first` counts its rows in `a`, `start` the rows of
    /// `a` in the product.
    #[inline]
    fn compute_tile(
        &self,
        a: Block<'_, T>,
        first: usize,
        panel: &Panel<'_, T>,
        start: usize,
        accumulate: bool,
        scratch: &mut [T; MOST_ROWS * MOST_WIDTH],
    ) -> usize {
        let (count, kernel) = panel.kernels.for_rows(a.rows.len() - first);
        let out_rows = &self.out.rows.at[start + first..start + first + count];
        let columns = &self.out.cols.at[panel.columns.clone()];
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
