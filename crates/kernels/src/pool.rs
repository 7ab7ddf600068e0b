//! Pooling: the maximum or mean under each window, for each plane of height × width separately.

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

/// The divisor of the sum under a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// The number of elements under the window, including the padding.
    WithPadding,
    /// The number of elements under the window, excluding the padding.
    WithoutPadding,
    /// A fixed number.
    Number(isize),
}

/// The index of a maximum that does not exist, under a window of padding alone.
pub const NO_INDEX: u32 = u32::MAX;

/// The number of planes of one part of the work.
const PLANES_PER_PART: usize = 32;

/// The smallest number of elements that is worth several threads.
const PARALLEL_MIN_ELEMENTS: usize = 1 << 16;

impl Pooling {
    fn planes(&self) -> usize {
        self.batch * self.channels
    }

    /// The number of elements of the images of one part of the work. No part has more elements than there are in all,
    /// so the product may saturate.
    fn image_of_part(&self) -> usize {
        self.image[0].saturating_mul(self.image[1]).saturating_mul(PLANES_PER_PART)
    }

    /// The number of elements of the outputs of one part of the work.
    fn output_of_part(&self) -> usize {
        self.output[0].saturating_mul(self.output[1]).saturating_mul(PLANES_PER_PART)
    }

    /// Writes the largest element under each window, -∞ where there is only padding, and returns their indices: of
    /// several equal elements the first, the last NaN if there is one, and [`NO_INDEX`] if there is only padding.
    #[track_caller]
    pub fn write_maxima<T: KernelFloat>(&self, x: &[T], out: &mut [T]) -> Vec<u32> {
        assert!(x.len() < NO_INDEX as usize, "max_pool2d: given {} elements; expected fewer than 2³² - 1", x.len());
        // Without images, the output of each could have any size.
        if out.is_empty() {
            return Vec::new();
        }
        let (search, parallel) = (Search::new(self), x.len() >= PARALLEL_MIN_ELEMENTS);
        let (plane, outputs) = (self.image_of_part(), self.output_of_part());
        let mut indices = memory::filled(out.len(), NO_INDEX);
        let written = indices.chunks_mut(outputs.max(1)).zip(out.chunks_mut(outputs.max(1)));
        let parts = x.chunks(plane.max(1)).zip(written).enumerate().collect();
        threads::for_each(parts, parallel, |(part, (x, (indices, maxima)))| {
            vectorized(SearchPart { search: &search, x, first: (part * plane) as u32, maxima, indices });
        });
        indices
    }

    /// Writes the elements at these indices of the images; 0 for [`NO_INDEX`].
    pub fn gather<T: KernelFloat>(&self, indices: &[u32], x: &[T], out: &mut [T]) {
        let part = self.output_of_part().max(1);
        let parts = indices.chunks(part).zip(out.chunks_mut(part)).collect();
        threads::for_each(parts, x.len() >= PARALLEL_MIN_ELEMENTS, |(indices, out): (&[u32], &mut [T])| {
            for (out, &index) in out.iter_mut().zip(indices) {
                *out = x.get(index as usize).copied().unwrap_or(T::zero());
            }
        });
    }

    /// Adds each element of `x` to the element of `out` at its index, after setting `out` to zero.
    pub fn scatter<T: KernelFloat>(&self, indices: &[u32], x: &[T], out: &mut [T]) {
        let plane = self.image_of_part();
        let part = self.output_of_part().max(1);
        let parallel = out.len() >= PARALLEL_MIN_ELEMENTS;
        let parts = indices.chunks(part).zip(x.chunks(part)).zip(out.chunks_mut(plane.max(1)));
        threads::for_each(parts.enumerate().collect(), parallel, |(part, ((indices, x), out))| {
            let first = part * plane;
            out.fill(T::zero());
            // `NO_INDEX` is larger than all indices.
            if self.window.overlap() <= MAX_TERMS_OF_NARROW_SUM {
                for (&index, &x) in indices.iter().zip(x) {
                    if let Some(sum) = out.get_mut(index as usize - first) {
                        *sum += x;
                    }
                }
                return;
            }
            let (mut at, mut values) = (memory::room(indices.len()), memory::room(indices.len()));
            for (index, &x) in indices.iter().map(|&index| index as usize - first).zip(x) {
                if index < out.len() {
                    at.push(index);
                    values.push(x);
                }
            }
            add_rows_at(&values, 1, at.iter().copied(), out);
        });
    }

    /// Calls `body` for each output in row-major order with its index, the divisor of its mean, and the index range
    /// of each row of the elements under its window. The window must not be dilated.
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
                    let start = if col_taps.is_empty() { 0 } else { window.index(1, col, col_taps.start) };
                    let mut runs = row_taps.clone().map(|ky| {
                        let first = (plane * height + window.index(0, row, ky)) * width + start;
                        first..first + col_taps.len()
                    });
                    body(output, count, &mut runs);
                    output += 1;
                }
            }
        }
    }

    /// The number of taps inside the padded image.
    fn padded_taps(&self, axis: usize, position: usize) -> usize {
        let Window { kernel, stride, padding, .. } = self.window;
        kernel[axis].min(self.image[axis] + 2 * padding[axis] - position * stride[axis])
    }
}

#[cfg(test)]
mod tests;
