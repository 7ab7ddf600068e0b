//! Pooling: what is chosen or averaged under a window, for each plane of height × width separately.

mod search;

use std::ops::Range;

use crate::element::KernelFloat;
use crate::memory;
use crate::reduce::{MAX_TERMS_OF_NARROW_SUM, add_rows_at};
use crate::simd::vectorized;
use crate::threads;
use crate::window::Window;
use search::{Search, SearchPart};

/// All sizes of a pooling.
#[derive(Clone, Copy, Debug)]
pub struct Pooling {
    /// The number of images.
    pub batch: usize,
    /// The number of channels of each image.
    pub channels: usize,
    /// Height and width of the input.
    pub image: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    /// How the window moves.
    pub window: Window,
}

/// What the sum under a window is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// The number of elements under the window, with those of the padding.
    WithPadding,
    /// The number of elements of the image under the window.
    WithoutPadding,
    /// Always this number.
    Number(isize),
}

/// The place of a maximum that does not exist.
pub const NOWHERE: u32 = u32::MAX;

/// How many planes one part of the work has, and the number of elements from which several threads pay.
const PLANES_PER_PART: usize = 32;
const PARALLEL_MIN_ELEMENTS: usize = 1 << 16;

impl Pooling {
    fn planes(&self) -> usize {
        self.batch * self.channels
    }

    /// The numbers of the images, and of the outputs, of the planes that one part of the work has; no part has more than there
    /// are, so a product that wraps stands for all of them.
    fn image_of_part(&self) -> usize {
        self.image[0].saturating_mul(self.image[1]).saturating_mul(PLANES_PER_PART)
    }

    fn output_of_part(&self) -> usize {
        self.output[0].saturating_mul(self.output[1]).saturating_mul(PLANES_PER_PART)
    }

    /// Writes the largest element under each window, -∞ where there is only padding, and returns the places: of several equal
    /// elements the first, the last NaN if there is one, and [`NOWHERE`] if there is only padding.
    #[track_caller]
    pub fn write_maxima<T: KernelFloat>(&self, x: &[T], out: &mut [T]) -> Vec<u32> {
        assert!(x.len() < NOWHERE as usize, "max_pool2d: given {} elements; expected fewer than 2³² - 1", x.len());
        // Of no images there may be any number of outputs to each.
        if out.is_empty() {
            return Vec::new();
        }
        let (search, parallel) = (Search::new(self), x.len() >= PARALLEL_MIN_ELEMENTS);
        let (plane, outputs) = (self.image_of_part(), self.output_of_part());
        let mut places = memory::filled(out.len(), NOWHERE);
        let written = places.chunks_mut(outputs.max(1)).zip(out.chunks_mut(outputs.max(1)));
        let parts = x.chunks(plane.max(1)).zip(written).enumerate().collect();
        threads::for_each(parts, parallel, |(part, (x, (places, maxima)))| {
            vectorized(SearchPart { search: &search, x, first: (part * plane) as u32, maxima, places });
        });
        places
    }

    /// Writes the elements at these places of images; 0 where there is none.
    pub fn gather<T: KernelFloat>(&self, places: &[u32], x: &[T], out: &mut [T]) {
        let part = self.output_of_part().max(1);
        let parts = places.chunks(part).zip(out.chunks_mut(part)).collect();
        threads::for_each(parts, x.len() >= PARALLEL_MIN_ELEMENTS, |(places, out): (&[u32], &mut [T])| {
            for (out, &place) in out.iter_mut().zip(places) {
                *out = x.get(place as usize).copied().unwrap_or(T::zero());
            }
        });
    }

    /// Writes images of zeros to which each element of `x` is added at its place.
    pub fn scatter<T: KernelFloat>(&self, places: &[u32], x: &[T], out: &mut [T]) {
        let plane = self.image_of_part();
        let part = self.output_of_part().max(1);
        let parallel = out.len() >= PARALLEL_MIN_ELEMENTS;
        let parts = places.chunks(part).zip(x.chunks(part)).zip(out.chunks_mut(plane.max(1)));
        threads::for_each(parts.enumerate().collect(), parallel, |(part, ((places, x), out))| {
            let first = part * plane;
            out.fill(T::zero());
            // A place that does not exist lies behind all images.
            if self.window.overlap() <= MAX_TERMS_OF_NARROW_SUM {
                for (&place, &x) in places.iter().zip(x) {
                    if let Some(sum) = out.get_mut(place as usize - first) {
                        *sum += x;
                    }
                }
                return;
            }
            let (mut at, mut values) = (memory::room(places.len()), memory::room(places.len()));
            for (place, &x) in places.iter().map(|&place| place as usize - first).zip(x) {
                if place < out.len() {
                    at.push(place);
                    values.push(x);
                }
            }
            add_rows_at(&values, 1, at.iter().copied(), out);
        });
    }

    /// Calls `body` for each output in row-major order with its number, the divisor of its mean, and the places of each
    /// row of the elements under its window. The window must have no gaps.
    pub fn for_each_window(
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
                        Divisor::WithPadding => self.padded_taps(0, row) as f64 * self.padded_taps(1, col) as f64,
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
