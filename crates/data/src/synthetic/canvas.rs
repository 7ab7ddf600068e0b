//! A small grey image and a round pen that draws on it.

use super::strokes::Point;

/// The height and the width in pixels.
pub(super) const SIDE: usize = 28;

/// The ink coverage of each pixel, from 0 to 1, in row-major order. The centre of the first pixel is at `[0.5, 0.5]`.
pub(super) struct Canvas {
    pub(super) ink: [f64; SIDE * SIDE],
}

impl Canvas {
    pub(super) fn new() -> Self {
        Canvas { ink: [0.0; SIDE * SIDE] }
    }

    /// Draws a straight line with a pen whose radius changes linearly from one end to the other.
    ///
    /// A pixel at distance `d` from the line is covered by `radius - d + 1/2`, clamped to 0 and 1, so that the edge
    /// fades over one pixel. Crossing lines do not add up: the pixel keeps the larger coverage.
    pub(super) fn line(&mut self, from: Point, to: Point, radius: [f64; 2]) {
        let reach = radius[0].max(radius[1]) + 0.5;
        let [columns, rows] = [0, 1].map(|i| {
            let (low, high) = (from[i].min(to[i]) - reach - 0.5, from[i].max(to[i]) + reach + 0.5);
            // Casting a negative number gives 0.
            low as usize..(high as usize).min(SIDE)
        });
        let along = [to[0] - from[0], to[1] - from[1]];
        let length_squared = (along[0] * along[0] + along[1] * along[1]).max(f64::MIN_POSITIVE);
        for row in rows {
            for column in columns.clone() {
                let offset = [column as f64 + 0.5 - from[0], row as f64 + 0.5 - from[1]];
                // The point on the line nearest to the pixel, as a fraction of its length.
                let part = ((offset[0] * along[0] + offset[1] * along[1]) / length_squared).clamp(0.0, 1.0);
                let (x, y) = (offset[0] - part * along[0], offset[1] - part * along[1]);
                let width = radius[0] + part * (radius[1] - radius[0]);
                let covered = (width - (x * x + y * y).sqrt() + 0.5).clamp(0.0, 1.0);
                let pixel = &mut self.ink[row * SIDE + column];
                *pixel = pixel.max(covered);
            }
        }
    }
}
