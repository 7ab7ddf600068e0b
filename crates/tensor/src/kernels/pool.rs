//! Pooling: what is chosen or averaged under a window, for each plane of height × width separately.

use std::ops::Range;

use crate::element::Float;
use crate::window::Window;

/// All sizes of a pooling.
#[derive(Clone, Copy)]
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

impl Pooling {
    fn planes(&self) -> usize {
        self.batch * self.channels
    }

    /// For each output in row-major order the place of the largest element under its window: the first of several
    /// equal ones, the last NaN if there is one, and a place behind the end if there is only padding.
    pub(crate) fn places_of_maxima<T: Float>(&self, x: &[T]) -> Vec<usize> {
        let Pooling { window, image: [height, width], output: [rows, cols], .. } = *self;
        let mut places = vec![usize::MAX; self.planes() * rows * cols];
        let mut maxima = vec![T::neg_infinity(); cols];
        for (line, places) in places.chunks_exact_mut(cols).enumerate() {
            let (plane, row) = (line / rows, line % rows);
            maxima.fill(T::neg_infinity());
            // One tap after the other for a whole row of outputs: without branches, whose way nobody could foretell.
            for ky in window.taps_inside(0, row, height) {
                let start = (plane * height + window.place(0, row, ky)) * width;
                for kx in 0..window.kernel[1] {
                    let inside = window.positions_inside(1, kx, width, cols);
                    if inside.is_empty() {
                        continue;
                    }
                    let first = start + window.place(1, inside.start, kx);
                    let seen = (first..start + width).step_by(window.stride[1]);
                    for ((place, max), at) in places[inside.clone()].iter_mut().zip(&mut maxima[inside]).zip(seen) {
                        let value = x[at];
                        let larger = (value > *max) | value.is_nan() | (*place == usize::MAX);
                        *place = if larger { at } else { *place };
                        *max = if larger { value } else { *max };
                    }
                }
            }
        }
        places
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
