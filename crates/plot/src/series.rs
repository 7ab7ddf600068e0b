//! One set of points of a plot, and where it stops being drawable.

use crate::axis::{Axis, Scale};
use crate::number::short;

/// A point, in data coordinates or in axis units.
pub type Point = (f64, f64);

/// What the points of a series mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Values recorded during a run, y against x.
    Curve,
    /// Points visited one after another.
    Path,
    /// Samples of a function.
    Function,
}

/// Points with a name.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) points: Vec<Point>,
    /// How many series before this one share its set of colours.
    pub(crate) rank: usize,
}

impl Series {
    /// The points in axis units, `None` where one cannot be drawn.
    pub(crate) fn placed(&self, (x, y): &(Axis, Axis)) -> Vec<Option<Point>> {
        self.points.iter().map(|&(a, b)| Some((x.unit(a)?, y.unit(b)?))).collect()
    }

    /// The index of the first point that cannot be drawn. Functions have none: their gaps are intended.
    pub(crate) fn departure(&self, x: Scale, y: Scale) -> Option<usize> {
        if self.kind == Kind::Function {
            return None;
        }
        self.points.iter().position(|&point| !drawable(point, x, y))
    }

    /// Whether the series ends with a point that cannot be drawn.
    pub(crate) fn diverged(&self, x: Scale, y: Scale) -> bool {
        self.kind != Kind::Function && self.points.last().is_some_and(|&point| !drawable(point, x, y))
    }

    /// The legend text: the name, and where and how the series stopped being drawable.
    pub(crate) fn label(&self, x: Scale, y: Scale) -> String {
        let Some(index) = self.departure(x, y) else {
            return self.name.clone();
        };
        let (a, b) = self.points[index];
        let value = if y.coordinate(b).is_none() { b } else { a };
        let what = match value {
            v if v.is_nan() => "NaN",
            f64::INFINITY => "inf",
            f64::NEG_INFINITY => "-inf",
            0.0 => "0",
            _ => "negative",
        };
        let place = match self.kind {
            Kind::Curve if a.is_finite() => short(a, 4),
            Kind::Curve => format!("point {index}"),
            Kind::Path | Kind::Function => format!("step {index}"),
        };
        format!("{} ({what} at {place})", self.name).trim_start().to_string()
    }
}

fn drawable((a, b): Point, x: Scale, y: Scale) -> bool {
    x.coordinate(a).is_some() && y.coordinate(b).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_says_where_the_run_left() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let cases: [(Kind, &[Point], Scale, &str); 9] = [
            (Kind::Curve, &[(0.0, 1.0), (1.0, 2.0)], Scale::Linear, "run"),
            (Kind::Curve, &[(0.0, 1.0), (0.37, inf), (0.4, nan)], Scale::Log, "run (inf at 0.37)"),
            (Kind::Curve, &[(0.0, nan)], Scale::Linear, "run (NaN at 0)"),
            (Kind::Curve, &[(0.0, 1.0), (20.0, 0.0)], Scale::Log, "run (0 at 20)"),
            (Kind::Curve, &[(0.0, 1.0), (20.0, 0.0)], Scale::Linear, "run"),
            (Kind::Curve, &[(0.0, -1.0)], Scale::Log, "run (negative at 0)"),
            (Kind::Curve, &[(0.0, 1.0), (nan, 1.0)], Scale::Log, "run (NaN at point 1)"),
            (Kind::Path, &[(0.0, 1.0), (-inf, 2.0)], Scale::Linear, "run (-inf at step 1)"),
            (Kind::Function, &[(0.0, nan)], Scale::Linear, "run"),
        ];
        for (kind, points, scale, label) in cases {
            let series = Series { name: "run".into(), kind, points: points.to_vec(), rank: 0 };
            assert_eq!(series.label(Scale::Linear, scale), label);
        }
    }
}
