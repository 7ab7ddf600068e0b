//! Chooses the ranges of the axes: a range set by the user, else the contour's, else one that fits the points.

use crate::axis::{Axis, Extent, Scale, extent};
use crate::plot::Plot;
use crate::series::Point;

/// The two axes of a plot.
///
/// # Panics
/// If a log axis was given a range that is not above zero.
#[track_caller]
pub(crate) fn axes(plot: &Plot) -> (Axis, Axis) {
    let (contour_x, contour_y) = plot.contour.as_ref().map(|contour| (contour.x, contour.y)).unzip();
    let x = match plot.x_range.or(contour_x) {
        Some(range) => given("x", plot.x_scale, range),
        None => fitted(plot, plot.x_scale, |&(x, _)| Some(x)),
    };
    let y = match plot.y_range.or(contour_y) {
        Some(range) => given("y", plot.y_scale, range),
        None => {
            // Only points inside the x-range count.
            let shown = |x_value| x.unit(x_value).is_some_and(|unit| (0.0..=1.0).contains(&unit));
            fitted(plot, plot.y_scale, |&(x, y)| shown(x).then_some(y))
        }
    };
    (x, y)
}

#[track_caller]
fn given(name: &str, scale: Scale, (low, high): (f64, f64)) -> Axis {
    match (scale.coordinate(low), scale.coordinate(high)) {
        (Some(start), Some(end)) => Axis::exact(scale, (start, end)),
        _ => panic!("Plot: a log {name}-axis shows values above zero only, but its range is {low}..={high}"),
    }
}

/// An axis that fits one coordinate of the points, with diverged runs treated separately.
fn fitted(plot: &Plot, scale: Scale, coordinate: impl Fn(&Point) -> Option<f64>) -> Axis {
    let over = |diverged: bool| -> Extent {
        let chosen = plot.series.iter().filter(|series| plot.diverged(series) == diverged);
        extent(scale, chosen.flat_map(|series| series.points.iter().filter_map(&coordinate)))
    };
    Axis::fit(scale, over(false), over(true))
}
