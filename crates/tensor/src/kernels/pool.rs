//! Pooling: what is chosen or averaged under a window, for each plane of height × width separately.

use std::ops::Range;

use crate::element::Float;
use crate::kernels::simd::{Kernel, MulAdd, vectorized};
use crate::kernels::threads;
use crate::window::Window;

/// All sizes of a pooling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pooling {
    pub(crate) batch: usize,
    pub(crate) channels: usize,
    /// Height and width of the input.
    pub(crate) image: [usize; 2],
    /// Height and width of the output.
    pub(crate) output: [usize; 2],
    pub(crate) window: Window,
}

/// What the sum under a window is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Divisor {
    /// The number of elements under the window, with those of the padding.
    WithPadding,
    /// The number of elements of the image under the window.
    WithoutPadding,
    /// Always this number.
    Number(isize),
}

/// The place of a maximum that does not exist.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The numbers that are compared at a time: the widest vector.
const LANES: usize = 16;

/// How many planes one part of the work has, and the number of elements from which several threads pay.
const PLANES: usize = 32;
const PARALLEL: usize = 1 << 16;

/// The search for the largest element under each window.
struct Search<'a> {
    sizes: &'a Pooling,
    /// For each row of outputs the taps that read inside the image.
    row_taps: Vec<Range<usize>>,
    /// For each column of taps the outputs for which it reads inside the image.
    insides: Vec<Range<usize>>,
}

/// The search in some planes; the first element of them lies at the place `first`.
struct SearchPart<'a, T> {
    search: &'a Search<'a>,
    x: &'a [T],
    first: u32,
    places: &'a mut [u32],
}

impl<T: Float> Kernel for SearchPart<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let SearchPart { search: Search { sizes, row_taps, insides }, x, first: first_of_part, places } = self;
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = **sizes;
        let whole_rows = window.padding[1] == 0 && insides.iter().all(|inside| inside.len() == cols);
        // Room for whole vectors, and for one more: the compiler leaves the last of strided values to a slower loop. What is
        // read behind the end of a row is not used.
        let room = if whole_rows { cols.next_multiple_of(LANES) + 1 } else { cols };
        let mut maxima = vec![T::neg_infinity(); room];
        let mut found = vec![NOWHERE; room];
        let of_four = window.kernel == [2, 2] && window.stride == [2, 2] && window.dilation == [1, 1];
        let of_four = of_four && whole_rows && row_taps.iter().all(|taps| taps.len() == 2);
        for (line, places) in places.chunks_exact_mut(cols).enumerate() {
            let (plane, row) = (line / rows, line % rows);
            if of_four {
                let above = (plane * height + 2 * row) * width;
                let first = [above, above + width].map(|place| first_of_part + place as u32);
                places_of_largest_of_four(&x[above..], &x[above + width..], first, &mut found);
                places.copy_from_slice(&found[..cols]);
                continue;
            }
            maxima.fill(T::neg_infinity());
            found.fill(NOWHERE);
            // One tap after the other for a whole row of outputs: without branches, whose way nobody could foretell.
            for ky in row_taps[row].clone() {
                let start = (plane * height + window.place(0, row, ky)) * width;
                for (kx, inside) in insides.iter().enumerate() {
                    if inside.is_empty() {
                        continue;
                    }
                    let place = start + window.place(1, inside.start, kx);
                    let end = if whole_rows { room } else { inside.end };
                    let (maxima, found) = (&mut maxima[inside.start..end], &mut found[inside.start..end]);
                    let (values, first, step) = (&x[place..], first_of_part + place as u32, window.stride[1]);
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
            places.copy_from_slice(&found[..cols]);
        }
    }
}

/// Keeps the first of equal values, and the last NaN. Says how many values there were.
///
/// Plain indices and numbers of 32 bits are what the compiler makes vectors of.
#[inline(always)]
fn keep_larger<T: Float, V>(
    values: &[V],
    value: impl Fn(&V) -> T,
    first: u32,
    step: u32,
    maxima: &mut [T],
    places: &mut [u32],
) -> usize {
    let count = values.len().min(maxima.len()).min(places.len());
    let (values, maxima, places) = (&values[..count], &mut maxima[..count], &mut places[..count]);
    for i in 0..count {
        let (value, max, place) = (value(&values[i]), maxima[i], places[i]);
        let larger = (value > max) | value.is_nan() | (place == NOWHERE);
        places[i] = if larger { first.wrapping_add(step.wrapping_mul(i as u32)) } else { place };
        maxima[i] = if larger { value } else { max };
    }
    count
}

/// The search in a row of windows of 2 × 2 without gaps, which is what most networks have: nothing but the result is stored.
#[inline(always)]
fn places_of_largest_of_four<T: Float>(above: &[T], below: &[T], first: [u32; 2], places: &mut [u32]) {
    let (above, below) = (above.as_chunks::<2>().0, below.as_chunks::<2>().0);
    let count = above.len().min(below.len()).min(places.len());
    let (above, below, places) = (&above[..count], &below[..count], &mut places[..count]);
    for i in 0..count {
        let [top, bottom] = first.map(|first| first.wrapping_add(2 * i as u32));
        let (mut max, mut place) = (above[i][0], top);
        let others = [(above[i][1], top.wrapping_add(1)), (below[i][0], bottom), (below[i][1], bottom.wrapping_add(1))];
        for (value, at) in others {
            let larger = (value > max) | value.is_nan();
            place = if larger { at } else { place };
            max = if larger { value } else { max };
        }
        places[i] = place;
    }
}

/// As [`keep_larger`] for any other step, and for the last value of a row of pairs.
fn keep_larger_of_rest<T: Float>(
    values: &[T],
    first: u32,
    step: usize,
    done: usize,
    maxima: &mut [T],
    places: &mut [u32],
) {
    for (place, i) in (done * step..values.len()).step_by(step).zip(done..maxima.len()) {
        let (value, at) = (&values[place..=place], first + place as u32);
        keep_larger(value, |&value| value, at, 1, &mut maxima[i..=i], &mut places[i..=i]);
    }
}

impl Pooling {
    fn planes(&self) -> usize {
        self.batch * self.channels
    }

    /// For each output in row-major order the place of the largest element under its window: the first of several
    /// equal ones, the last NaN if there is one, and [`NOWHERE`] if there is only padding.
    pub(crate) fn places_of_maxima<T: Float>(&self, x: &[T]) -> Vec<u32> {
        assert!(x.len() < NOWHERE as usize, "max_pool2d: given {} elements; expected fewer than 2³² - 1", x.len());
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = *self;
        let mut places = vec![NOWHERE; self.planes() * rows * cols];
        let search = Search {
            sizes: self,
            row_taps: (0..rows).map(|row| window.taps_inside(0, row, height)).collect(),
            insides: (0..window.kernel[1]).map(|kx| window.positions_inside(1, kx, width, cols)).collect(),
        };
        let parts = x.chunks((height * width * PLANES).max(1)).zip(places.chunks_mut((rows * cols * PLANES).max(1)));
        threads::for_each(parts.enumerate().collect(), x.len() >= PARALLEL, |(part, (x, places))| {
            vectorized(SearchPart { search: &search, x, first: (part * PLANES * height * width) as u32, places });
        });
        places
    }

    /// Writes the elements at these places of images; -∞ where there is none.
    pub(crate) fn gather<T: Float>(&self, places: &[u32], x: &[T], out: &mut [T]) {
        let part = (self.output[0] * self.output[1] * PLANES).max(1);
        let parts = places.chunks(part).zip(out.chunks_mut(part)).collect();
        threads::for_each(parts, x.len() >= PARALLEL, |(places, out): (&[u32], &mut [T])| {
            for (out, &place) in out.iter_mut().zip(places) {
                *out = x.get(place as usize).copied().unwrap_or(T::neg_infinity());
            }
        });
    }

    /// Writes images of zeros to which each element of `x` is added at its place.
    pub(crate) fn scatter<T: Float>(&self, places: &[u32], x: &[T], out: &mut [T]) {
        let plane = self.image[0] * self.image[1];
        let part = (self.output[0] * self.output[1] * PLANES).max(1);
        let parallel = out.len() >= PARALLEL;
        let parts = places.chunks(part).zip(x.chunks(part)).zip(out.chunks_mut((plane * PLANES).max(1)));
        threads::for_each(parts.enumerate().collect(), parallel, |(part, ((places, x), out))| {
            let first = part * plane * PLANES;
            out.fill(T::zero());
            for (&place, &x) in places.iter().zip(x) {
                // A place that does not exist lies behind all images.
                if let Some(sum) = out.get_mut(place as usize - first) {
                    *sum += x;
                }
            }
        });
    }

    /// Calls `body` for each output in row-major order with its number, the divisor of its mean, and the places of each
    /// row of the elements under its window. The window must have no gaps.
    pub(crate) fn for_each_window(
        &self,
        divisor: Divisor,
        mut body: impl FnMut(usize, f64, &mut dyn Iterator<Item = Range<usize>>),
    ) {
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = *self;
        let mut output = 0;
        for plane in 0..self.planes() {
            for row in 0..rows {
                let row_taps = window.taps_inside(0, row, height);
                for col in 0..cols {
                    let col_taps = window.taps_inside(1, col, width);
                    let count = match divisor {
                        Divisor::Number(number) => number as f64,
                        Divisor::WithoutPadding => (row_taps.len() * col_taps.len()) as f64,
                        Divisor::WithPadding => (self.padded_taps(0, row) * self.padded_taps(1, col)) as f64,
                    };
                    let start = if col_taps.is_empty() { 0 } else { window.place(1, col, col_taps.start) };
                    let mut runs = row_taps.clone().map(|ky| {
                        let first = (plane * height + window.place(0, row, ky)) * width + start;
                        first..first + col_taps.len()
                    });
                    body(output, count, &mut runs);
                    output += 1;
                }
            }
        }
    }

    /// How many taps lie inside the padded image.
    fn padded_taps(&self, axis: usize, position: usize) -> usize {
        let Window { kernel, stride, padding, .. } = self.window;
        kernel[axis].min(self.image[axis] + 2 * padding[axis] - position * stride[axis])
    }
}

#[cfg(test)]
mod tests;
