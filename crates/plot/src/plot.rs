//! The description of a plot: what to draw, as a chain of method calls.

mod output;

use std::borrow::Borrow;
use std::ops::RangeInclusive;

use crate::axis::{Scale, wide_enough};
use crate::contour::{Contour, Levels};
use crate::series::{Kind, Point, Series};

/// Samples of a function, one for each pixel of a wide picture.
const SAMPLES: u32 = 1000;

/// One picture: curves, paths, functions and contours over a pair of axes.
///
/// The order of the calls only determines the drawing order and the colours. Points are given as anything that
/// iterates over `(f64, f64)`, by value or by reference.
///
/// ```
/// use downhill_plot::Plot;
///
/// let square = |x: f64| x * x;
/// let steps = [10.0, 6.0, 3.6, 2.16, 1.296];
/// let plot = Plot::new("Gradient descent on x²")
///     .x_label("x")
///     .y_label("f(x)")
///     .function("x²", -11.0..=11.0, square)
///     .path("lr 0.2", steps.map(|x| (x, square(x))));
/// # let folder = std::env::temp_dir().join(format!("downhill-plot-doc-{}", std::process::id()));
/// plot.save(folder.join("descent.svg"))?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plot {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) size: (f64, f64),
    pub(crate) series: Vec<Series>,
    pub(crate) contour: Option<Contour>,
    pub(crate) levels: Levels,
    pub(crate) contour_lines: bool,
    pub(crate) x_scale: Scale,
    pub(crate) y_scale: Scale,
    pub(crate) x_range: Option<(f64, f64)>,
    pub(crate) y_range: Option<(f64, f64)>,
}

impl Plot {
    /// An empty plot with linear axes and a title, which may be empty.
    pub fn new(title: impl Into<String>) -> Plot {
        Plot {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            size: (700.0, 440.0),
            series: Vec::new(),
            contour: None,
            levels: Levels::Even(10),
            contour_lines: false,
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            x_range: None,
            y_range: None,
        }
    }

    /// The label of the x-axis, with its unit.
    pub fn x_label(mut self, label: impl Into<String>) -> Plot {
        self.x_label = label.into();
        self
    }

    /// The label of the y-axis, with its unit.
    pub fn y_label(mut self, label: impl Into<String>) -> Plot {
        self.y_label = label.into();
        self
    }

    /// Makes the x-axis logarithmic. Values of zero and below leave a gap.
    pub fn log_x(mut self) -> Plot {
        self.x_scale = Scale::Log;
        self
    }

    /// Makes the y-axis logarithmic. Values of zero and below leave a gap.
    pub fn log_y(mut self) -> Plot {
        self.y_scale = Scale::Log;
        self
    }

    /// Shows exactly this range of x. Without it the axis fits the finite values.
    ///
    /// # Panics
    /// If the range is not finite or not ascending.
    #[track_caller]
    pub fn x_range(mut self, range: RangeInclusive<f64>) -> Plot {
        self.x_range = Some(bounds("Plot::x_range", range));
        self
    }

    /// Shows exactly this range of y; lines are clipped to it. Without it the axis fits the finite values, and a run
    /// that ended with NaN or infinity takes up at most half of it.
    ///
    /// # Panics
    /// If the range is not finite or not ascending.
    #[track_caller]
    pub fn y_range(mut self, range: RangeInclusive<f64>) -> Plot {
        self.y_range = Some(bounds("Plot::y_range", range));
        self
    }

    /// The size of the SVG in pixels, 700 by 440 by default.
    ///
    /// # Panics
    /// If a side is below 200 or above 10,000 pixels.
    #[track_caller]
    pub fn size(mut self, width: f64, height: f64) -> Plot {
        let sides = 200.0..=10_000.0;
        let fits = sides.contains(&width) && sides.contains(&height);
        assert!(fits, "Plot::size: expected sides from 200 to 10000 pixels, got {width} by {height}");
        self.size = (width, height);
        self
    }

    /// Adds a line of recorded values, y against x, such as the loss against epochs.
    ///
    /// The point before the first one that cannot be drawn (NaN, infinity, zero or below on a log axis) is marked by
    /// a cross, and the legend names that one.
    pub fn curve<I>(self, name: impl Into<String>, points: I) -> Plot
    where
        I: IntoIterator,
        I::Item: Borrow<(f64, f64)>,
    {
        self.add(name, Kind::Curve, points.into_iter().map(|point| *point.borrow()).collect())
    }

    /// Adds a path of visited points, joined in order, with start and end marked. It goes over a function as (x,
    /// f(x)), or over a contour as (x, y).
    pub fn path<I>(self, name: impl Into<String>, points: I) -> Plot
    where
        I: IntoIterator,
        I::Item: Borrow<(f64, f64)>,
    {
        self.add(name, Kind::Path, points.into_iter().map(|point| *point.borrow()).collect())
    }

    /// Adds the graph of a function over a range of x. Where it is not finite it leaves a gap.
    ///
    /// # Panics
    /// If the range is not finite or not ascending.
    #[track_caller]
    pub fn function(
        self,
        name: impl Into<String>,
        range: RangeInclusive<f64>,
        mut f: impl FnMut(f64) -> f64,
    ) -> Plot {
        let (low, high) = bounds("Plot::function", range);
        let sample = |index| {
            let share = f64::from(index) / f64::from(SAMPLES);
            let x = low * (1.0 - share) + high * share;
            (x, f(x))
        };
        self.add(name, Kind::Function, (0..=SAMPLES).map(sample).collect())
    }

    /// Draws the function f(x, y) over a rectangle as filled bands behind everything else, with a colour scale beside
    /// the frame. The axes show the rectangle, and everything outside is clipped. Where f is not finite nothing is
    /// filled.
    ///
    /// # Panics
    /// If a range is not finite or not ascending.
    #[track_caller]
    pub fn contour(mut self, x: RangeInclusive<f64>, y: RangeInclusive<f64>, f: impl FnMut(f64, f64) -> f64) -> Plot {
        self.contour = Some(Contour::sample(bounds("Plot::contour (x)", x), bounds("Plot::contour (y)", y), f));
        self
    }

    /// Which levels the contour shows, [`Levels::Even`]`(10)` by default.
    ///
    /// # Panics
    /// If the number of levels is 0 or above 100.
    #[track_caller]
    pub fn levels(mut self, levels: Levels) -> Plot {
        let (Levels::Even(count) | Levels::Log(count)) = levels;
        assert!((1..=100).contains(&count), "Plot::levels: expected 1 to 100 levels, got {count}");
        self.levels = levels;
        self
    }

    /// Draws the contour as lines instead of filled bands.
    pub fn contour_lines(mut self) -> Plot {
        self.contour_lines = true;
        self
    }

    fn add(mut self, name: impl Into<String>, kind: Kind, points: Vec<Point>) -> Plot {
        let is_function = kind == Kind::Function;
        let rank = self.series.iter().filter(|series| (series.kind == Kind::Function) == is_function).count();
        self.series.push(Series { name: name.into(), kind, points, rank });
        self
    }

    /// The legend text of a series.
    pub(crate) fn label(&self, series: &Series) -> String {
        series.label(self.x_scale, self.y_scale)
    }

    /// Whether a series has points that cannot be drawn.
    pub(crate) fn departs(&self, series: &Series) -> bool {
        series.departure(self.x_scale, self.y_scale).is_some()
    }

    /// Whether a series ends with a point that cannot be drawn.
    pub(crate) fn diverged(&self, series: &Series) -> bool {
        series.diverged(self.x_scale, self.y_scale)
    }

    /// Where a series, given in axis units, is marked with a cross: at the last point before the first one that
    /// cannot be drawn, moved to the edge of the frame if it is outside.
    pub(crate) fn cross(&self, series: &Series, points: &[Option<Point>]) -> Option<Point> {
        let index = series.departure(self.x_scale, self.y_scale)?;
        let (x, y) = points[..index].last().copied().flatten()?;
        Some((x.clamp(0.0, 1.0), y.clamp(0.0, 1.0)))
    }
}

/// Checks a range and returns its ends.
#[track_caller]
fn bounds(caller: &str, range: RangeInclusive<f64>) -> (f64, f64) {
    let (low, high) = range.into_inner();
    assert!(
        low.is_finite() && high.is_finite() && low < high && wide_enough((low, high)),
        "{caller}: expected a range from a finite number to a clearly greater one, got {low}..={high}"
    );
    (low, high)
}
