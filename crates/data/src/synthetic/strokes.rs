//! The shapes of the ten digits: for each digit several ways to write it, as pen strokes.
//!
//! A digit is drawn in a box of height 1: `x` goes to the right and `y` down, both from 0 to 1, and the centre of the
//! box is the centre of the digit.

/// A point in the box: `[x, y]`.
pub(super) type Point = [f64; 2];

/// A line drawn without lifting the pen.
pub(super) enum Stroke {
    /// Straight segments from point to point.
    Line(&'static [Point]),
    /// A smooth curve through all points.
    Curve(&'static [Point]),
}

use Stroke::{Curve, Line};

/// The number of segments between two points of a curve.
const STEPS: usize = 5;

impl Stroke {
    /// The points of the stroke.
    pub(super) fn points(&self) -> &'static [Point] {
        match self {
            Line(points) | Curve(points) => points,
        }
    }

    /// The vertices of the polyline to draw when the stroke's points are moved to `points`.
    pub(super) fn corners(&self, points: &[Point]) -> Vec<Point> {
        let Curve(_) = self else { return points.to_vec() };
        let mut corners = vec![points[0]];
        for i in 1..points.len() {
            let after = points[(i + 1).min(points.len() - 1)];
            let span = [points[i.saturating_sub(2)], points[i - 1], points[i], after];
            corners.extend((1..=STEPS).map(|step| catmull_rom(span, step as f64 / STEPS as f64)));
        }
        corners
    }
}

/// The Catmull-Rom spline between the second and the third of four points, at `t` from 0 to 1. Its direction at each
/// point is that from the previous point to the next.
fn catmull_rom([a, b, c, d]: [Point; 4], t: f64) -> Point {
    [0, 1].map(|i| {
        let (linear, square) = (c[i] - a[i], 2.0 * a[i] - 5.0 * b[i] + 4.0 * c[i] - d[i]);
        let cube = 3.0 * (b[i] - c[i]) + d[i] - a[i];
        0.5 * (2.0 * b[i] + t * (linear + t * (square + t * cube)))
    })
}

/// For each digit the ways to write it, each as a list of strokes.
#[rustfmt::skip] // Keeps several points on a line instead of one.
pub(super) const VARIANTS: [&[&[Stroke]]; 10] = [
    // 0: round, narrow, not quite closed.
    &[
        &[Curve(&[
            [0.5, 0.0], [0.28, 0.13], [0.18, 0.45], [0.26, 0.84], [0.5, 1.0], [0.73, 0.85], [0.82, 0.5], [0.72, 0.14],
            [0.5, 0.0],
        ])],
        &[Curve(&[
            [0.52, 0.0], [0.36, 0.2], [0.32, 0.55], [0.38, 0.86], [0.5, 1.0], [0.63, 0.84], [0.68, 0.5], [0.62, 0.16],
            [0.5, 0.01],
        ])],
        &[Curve(&[
            [0.62, 0.06], [0.36, 0.08], [0.2, 0.4], [0.22, 0.75], [0.45, 1.0], [0.72, 0.85], [0.8, 0.45], [0.66, 0.1],
            [0.44, 0.0],
        ])],
    ],
    // 1: a stem, with a flag, with a flag and a base.
    &[
        &[Line(&[[0.5, 0.0], [0.5, 1.0]])],
        &[Line(&[[0.3, 0.26], [0.54, 0.0], [0.54, 1.0]])],
        &[Line(&[[0.32, 0.2], [0.5, 0.0], [0.5, 1.0]]), Line(&[[0.28, 1.0], [0.74, 1.0]])],
    ],
    // 2: with a corner at the foot, with a loop, with a curved base.
    &[
        &[
            Curve(&[[0.22, 0.24], [0.35, 0.05], [0.58, 0.01], [0.76, 0.17], [0.7, 0.43], [0.46, 0.72], [0.2, 1.0]]),
            Line(&[[0.2, 1.0], [0.8, 0.98]]),
        ],
        &[Curve(&[
            [0.22, 0.2], [0.42, 0.01], [0.68, 0.08], [0.72, 0.36], [0.52, 0.7], [0.28, 0.95], [0.16, 0.88],
            [0.26, 0.78], [0.5, 0.9], [0.84, 0.96],
        ])],
        &[Curve(&[
            [0.24, 0.26], [0.4, 0.03], [0.66, 0.04], [0.75, 0.28], [0.58, 0.58], [0.24, 0.92], [0.42, 0.93],
            [0.6, 0.99], [0.82, 0.9],
        ])],
    ],
    // 3: two bowls, with a flat top, the bowls joined by a small loop.
    &[
        &[
            Curve(&[[0.24, 0.12], [0.48, 0.0], [0.71, 0.12], [0.68, 0.34], [0.42, 0.46]]),
            Curve(&[[0.42, 0.46], [0.72, 0.56], [0.77, 0.8], [0.52, 1.0], [0.2, 0.88]]),
        ],
        &[
            Line(&[[0.24, 0.03], [0.74, 0.02], [0.44, 0.4]]),
            Curve(&[[0.44, 0.4], [0.7, 0.48], [0.78, 0.72], [0.6, 0.96], [0.36, 0.99], [0.2, 0.88]]),
        ],
        &[Curve(&[
            [0.24, 0.1], [0.52, 0.0], [0.7, 0.18], [0.56, 0.42], [0.38, 0.48], [0.46, 0.42], [0.68, 0.54],
            [0.74, 0.8], [0.5, 1.0], [0.22, 0.9],
        ])],
    ],
    // 4: open, closed, round and open.
    &[
        &[Line(&[[0.34, 0.02], [0.2, 0.58], [0.82, 0.56]]), Line(&[[0.68, 0.2], [0.6, 1.0]])],
        &[Line(&[[0.62, 1.0], [0.64, 0.0], [0.16, 0.66], [0.84, 0.66]])],
        &[
            Curve(&[[0.24, 0.04], [0.2, 0.36], [0.34, 0.54], [0.56, 0.52], [0.74, 0.4]]),
            Line(&[[0.76, 0.02], [0.7, 0.5], [0.66, 1.0]]),
        ],
    ],
    // 5: with corners, in one curve, the roof drawn last.
    &[
        &[
            Line(&[[0.76, 0.02], [0.34, 0.02], [0.28, 0.46]]),
            Curve(&[[0.28, 0.46], [0.54, 0.38], [0.76, 0.56], [0.7, 0.86], [0.44, 1.0], [0.2, 0.9]]),
        ],
        &[Curve(&[
            [0.78, 0.04], [0.52, 0.02], [0.34, 0.16], [0.4, 0.38], [0.62, 0.52], [0.72, 0.74], [0.54, 0.98],
            [0.22, 0.92],
        ])],
        &[
            Curve(&[[0.32, 0.06], [0.28, 0.42], [0.58, 0.44], [0.74, 0.66], [0.62, 0.92], [0.38, 1.0], [0.22, 0.94]]),
            Line(&[[0.32, 0.06], [0.8, 0.0]]),
        ],
    ],
    // 6: with a curved back, with a straight one, with a small loop.
    &[
        &[Curve(&[
            [0.7, 0.04], [0.42, 0.16], [0.25, 0.5], [0.26, 0.82], [0.48, 1.0], [0.73, 0.84], [0.68, 0.6],
            [0.46, 0.54], [0.26, 0.74],
        ])],
        &[Curve(&[
            [0.58, 0.0], [0.42, 0.3], [0.29, 0.64], [0.3, 0.88], [0.48, 1.0], [0.7, 0.88], [0.68, 0.66], [0.5, 0.58],
            [0.3, 0.76],
        ])],
        &[Curve(&[
            [0.5, 0.0], [0.34, 0.2], [0.26, 0.54], [0.3, 0.86], [0.52, 0.99], [0.7, 0.88], [0.62, 0.7], [0.42, 0.72],
            [0.32, 0.86],
        ])],
    ],
    // 7: plain, with a bar, with a hook and a curved stem.
    &[
        &[Line(&[[0.18, 0.04], [0.8, 0.02], [0.42, 1.0]])],
        &[Line(&[[0.2, 0.04], [0.8, 0.03], [0.4, 1.0]]), Line(&[[0.34, 0.52], [0.76, 0.48]])],
        &[
            Line(&[[0.2, 0.2], [0.22, 0.05], [0.78, 0.04]]),
            Curve(&[[0.78, 0.04], [0.62, 0.34], [0.5, 0.66], [0.48, 1.0]]),
        ],
    ],
    // 8: in one line, of two rings, open at the top.
    &[
        &[Curve(&[
            [0.68, 0.14], [0.48, 0.0], [0.3, 0.16], [0.42, 0.42], [0.66, 0.62], [0.7, 0.86], [0.48, 1.0],
            [0.27, 0.84], [0.38, 0.58], [0.62, 0.38], [0.68, 0.14],
        ])],
        &[
            Curve(&[[0.5, 0.0], [0.33, 0.1], [0.32, 0.33], [0.5, 0.45], [0.68, 0.33], [0.66, 0.1], [0.5, 0.0]]),
            Curve(&[[0.5, 0.45], [0.28, 0.58], [0.26, 0.87], [0.5, 1.0], [0.74, 0.87], [0.72, 0.58], [0.5, 0.45]]),
        ],
        &[Curve(&[
            [0.74, 0.06], [0.46, 0.02], [0.32, 0.2], [0.5, 0.42], [0.7, 0.66], [0.62, 0.94], [0.4, 0.98], [0.3, 0.78],
            [0.46, 0.52], [0.78, 0.12],
        ])],
    ],
    // 9: with a straight stem, with a curved tail, with a slanting stem.
    &[
        &[
            Curve(&[[0.7, 0.16], [0.5, 0.0], [0.28, 0.14], [0.3, 0.4], [0.52, 0.46], [0.7, 0.24]]),
            Line(&[[0.7, 0.1], [0.68, 1.0]]),
        ],
        &[Curve(&[
            [0.7, 0.18], [0.5, 0.0], [0.28, 0.16], [0.32, 0.42], [0.56, 0.44], [0.71, 0.16], [0.74, 0.56],
            [0.6, 0.94], [0.3, 0.96],
        ])],
        &[Curve(&[
            [0.72, 0.08], [0.46, 0.02], [0.28, 0.22], [0.4, 0.42], [0.62, 0.32], [0.73, 0.08], [0.66, 0.5],
            [0.56, 1.0],
        ])],
    ],
];
