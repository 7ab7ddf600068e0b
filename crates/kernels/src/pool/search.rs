//! The largest element under each window, with its index.

use std::ops::Range;

use super::{NO_INDEX, Pooling};
use crate::element::KernelFloat;
use crate::memory;
use crate::simd::{MulAdd, SimdLoop};

/// The number of elements that are compared at a time: the widest vector.
const LANES: usize = 16;

/// What the search is told about all planes.
pub(super) struct Search<'a> {
    sizes: &'a Pooling,
    /// The taps that read inside the image, for each row of outputs.
    row_taps: Vec<Range<usize>>,
    /// The first column of taps that reads inside the image for any output.
    first_tap: usize,
    /// For this column of taps and those after it, the outputs for which they read inside the image.
    insides: Vec<Range<usize>>,
}

impl<'a> Search<'a> {
    #[track_caller]
    pub(super) fn new(sizes: &'a Pooling) -> Self {
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = *sizes;
        // Later positions read inside the image with earlier taps. Most taps of a window much larger than the image
        // never do.
        let first_tap = window.taps_inside(1, cols - 1, width).start;
        let taps = first_tap..window.taps_inside(1, 0, width).end.max(first_tap);
        Search {
            sizes,
            row_taps: memory::listed((0..rows).map(|row| window.taps_inside(0, row, height))),
            first_tap,
            insides: memory::listed(taps.map(|kx| window.positions_inside(1, kx, width, cols))),
        }
    }

    /// Whether windows are 2 × 2 with a stride of 2 and inside the image, as in most networks.
    fn is_2x2(&self) -> bool {
        let Pooling { window, output: [_, cols], .. } = *self.sizes;
        window.kernel == [2, 2]
            && window.stride == [2, 2]
            && window.dilation == [1, 1]
            && self.row_taps.iter().all(|taps| taps.len() == 2)
            && self.insides.len() == 2
            && self.insides.iter().all(|inside| inside.len() == cols)
    }
}

/// The search in some planes; `first` is the index of their first element.
pub(super) struct SearchPart<'a, T> {
    pub(super) search: &'a Search<'a>,
    pub(super) x: &'a [T],
    pub(super) first: u32,
    pub(super) maxima: &'a mut [T],
    pub(super) indices: &'a mut [u32],
}

impl<T: KernelFloat> SimdLoop for SearchPart<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        if self.search.is_2x2() { self.search_2x2() } else { self.search_any() }
    }
}

impl<T: KernelFloat> SearchPart<'_, T> {
    /// Windows of 2 × 2: first the larger element of each pair in a row, for all rows, then the larger ones of each
    /// two rows.
    #[inline(always)]
    fn search_2x2(self) {
        let Pooling { image: [height, width], output: [rows, cols], .. } = *self.search.sizes;
        // If all elements of a row are in pairs, the whole plane is treated as one long row.
        let line = if width == 2 * cols { height * width } else { width };
        let mut pairs = (memory::filled(height * cols, T::zero()), memory::filled(height * cols, 0));
        let out = self.maxima.chunks_exact_mut(rows * cols).zip(self.indices.chunks_exact_mut(rows * cols));
        for ((plane, x), (maxima, indices)) in self.x.chunks_exact(height * width).enumerate().zip(out) {
            let lines = pairs.0.chunks_exact_mut(line / 2).zip(pairs.1.chunks_exact_mut(line / 2));
            for ((i, x), (max, index)) in x.chunks_exact(line).enumerate().zip(lines) {
                let first = self.first + (plane * height * width + i * line) as u32;
                larger_of_pairs(x.as_chunks().0, first, max, index);
            }
            let two_rows = pairs.0.chunks_exact(2 * cols).zip(pairs.1.chunks_exact(2 * cols));
            let rows = maxima.chunks_exact_mut(cols).zip(indices.chunks_exact_mut(cols));
            for ((values, at), (maxima, indices)) in two_rows.zip(rows) {
                larger_of_rows(values.split_at(cols), at.split_at(cols), maxima, indices);
            }
        }
    }

    #[inline(always)]
    fn search_any(self) {
        let SearchPart { search: Search { sizes, row_taps, first_tap, insides }, x, first: first_of_part, .. } = self;
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = **sizes;
        let whole_rows = window.padding[1] == 0 && insides.iter().all(|inside| inside.len() == cols);
        // Room for whole vectors and one more, because the compiler handles the last of strided values in a slower
        // loop. What is read beyond the end of a row is not used.
        let room = if whole_rows { cols.next_multiple_of(LANES) + 1 } else { cols };
        let mut maxima = memory::filled(room, T::neg_infinity());
        let mut found = memory::filled(room, NO_INDEX);
        let outputs = self.maxima.chunks_exact_mut(cols).zip(self.indices.chunks_exact_mut(cols));
        for (line, (out, indices)) in outputs.enumerate() {
            let (plane, row) = (line / rows, line % rows);
            maxima.fill(T::neg_infinity());
            found.fill(NO_INDEX);
            // One tap at a time for a whole row of outputs, branch-free: the branches would be unpredictable.
            for ky in row_taps[row].clone() {
                let start = (plane * height + window.index(0, row, ky)) * width;
                for (kx, inside) in (*first_tap..).zip(insides) {
                    if inside.is_empty() {
                        continue;
                    }
                    let offset = start + window.index(1, inside.start, kx);
                    let end = if whole_rows { room } else { inside.end };
                    let (maxima, found) = (&mut maxima[inside.start..end], &mut found[inside.start..end]);
                    let (values, first, step) = (&x[offset..], first_of_part + offset as u32, window.stride[1]);
                    let done = match step {
                        1 => keep_larger(values, |&value| value, first, 1, maxima, found),
                        2 => keep_larger(values.as_chunks::<2>().0, |pair| pair[0], first, 2, maxima, found),
                        _ => 0,
                    };
                    if done < maxima.len() {
                        keep_larger_of_rest(values, first, step, done, maxima, found);
                    }
                }
            }
            out.copy_from_slice(&maxima[..cols]);
            indices.copy_from_slice(&found[..cols]);
        }
    }
}

/// Keeps the larger values and their indices: the first of equal values, and the last NaN. Returns the number of
/// values.
///
/// Indexed loops and 32-bit indices are what the compiler vectorizes.
#[inline(always)]
fn keep_larger<T: KernelFloat, V>(
    values: &[V],
    value: impl Fn(&V) -> T,
    first: u32,
    step: u32,
    maxima: &mut [T],
    indices: &mut [u32],
) -> usize {
    let count = values.len().min(maxima.len()).min(indices.len());
    let (values, maxima, indices) = (&values[..count], &mut maxima[..count], &mut indices[..count]);
    for i in 0..count {
        let (value, max, index) = (value(&values[i]), maxima[i], indices[i]);
        let larger = (value > max) | value.is_nan() | (index == NO_INDEX);
        indices[i] = if larger { first.wrapping_add(step.wrapping_mul(i as u32)) } else { index };
        maxima[i] = if larger { value } else { max };
    }
    count
}

/// As [`keep_larger`] for any other stride, and for the last value of a row of pairs.
fn keep_larger_of_rest<T: KernelFloat>(
    values: &[T],
    first: u32,
    step: usize,
    done: usize,
    maxima: &mut [T],
    indices: &mut [u32],
) {
    for (offset, i) in (done * step..values.len()).step_by(step).zip(done..maxima.len()) {
        let (value, at) = (&values[offset..=offset], first + offset as u32);
        keep_larger(value, |&value| value, at, 1, &mut maxima[i..=i], &mut indices[i..=i]);
    }
}

/// The larger value with its index: the first of equal ones, the last NaN.
#[inline(always)]
fn larger<T: KernelFloat>(before: (T, u32), after: (T, u32)) -> (T, u32) {
    let is_after = (after.0 > before.0) | after.0.is_nan();
    (if is_after { after.0 } else { before.0 }, if is_after { after.1 } else { before.1 })
}

/// The larger element of each pair, with its index; `first` is the index of the first element.
#[inline(always)]
fn larger_of_pairs<T: KernelFloat>(pairs: &[[T; 2]], first: u32, maxima: &mut [T], indices: &mut [u32]) {
    let count = pairs.len().min(maxima.len()).min(indices.len());
    let (pairs, maxima, indices) = (&pairs[..count], &mut maxima[..count], &mut indices[..count]);
    for i in 0..count {
        let ([left, right], index) = (pairs[i], first.wrapping_add(2 * i as u32));
        (maxima[i], indices[i]) = larger((left, index), (right, index.wrapping_add(1)));
    }
}

/// The larger of each element above and the one below, with its index.
#[inline(always)]
fn larger_of_rows<T: KernelFloat>(values: (&[T], &[T]), at: (&[u32], &[u32]), maxima: &mut [T], indices: &mut [u32]) {
    let count = maxima.len();
    let (above, below, indices) = (&values.0[..count], &values.1[..count], &mut indices[..count]);
    let (at_above, at_below) = (&at.0[..count], &at.1[..count]);
    for i in 0..count {
        (maxima[i], indices[i]) = larger((above[i], at_above[i]), (below[i], at_below[i]));
    }
}
