//! Draws one series: its line, the points a path visited, and the marks at its ends.

use crate::axis::Axis;
use crate::colors::{color, dash};
use crate::frame::Frame;
use crate::plot::Plot;
use crate::series::{Kind, Point, Series};
use crate::stroke::{inside, strokes, thin};
use crate::svg::{Svg, path_data};

/// A path with more points than this is drawn as a line without dots.
const MAX_DOTS: usize = 200;

/// A series ready to be drawn, in axis units.
pub(crate) struct Line<'a> {
    series: &'a Series,
    pub(crate) strokes: Vec<Vec<Point>>,
    /// The visited points of a path inside the frame.
    dots: Vec<Point>,
    start: Option<Point>,
    end: Option<Point>,
    cross: Option<Point>,
}

impl<'a> Line<'a> {
    /// Prepares a series for a picture this many pixels wide.
    pub(crate) fn new(plot: &Plot, series: &'a Series, axes: &(Axis, Axis), columns: f64) -> Line<'a> {
        let points = series.placed(axes);
        let strokes = strokes(&points).iter().map(|stroke| thin(stroke, columns)).collect();
        let visible = |point: &Option<Point>| point.filter(|&point| inside(point));
        let is_path = series.kind == Kind::Path;
        let is_short_path = is_path && points.len() <= MAX_DOTS;
        Line {
            series,
            strokes,
            dots: points.iter().filter_map(visible).filter(|_| is_short_path).collect(),
            start: points.first().and_then(visible).filter(|_| is_path),
            end: points.last().and_then(visible),
            cross: plot.cross(series, &points),
        }
    }

    /// The points that no legend may cover.
    pub(crate) fn ends(&self) -> Vec<Point> {
        [self.start, self.end, self.cross].into_iter().flatten().collect()
    }

    /// Draws the line and the visited points.
    pub(crate) fn draw(&self, frame: &Frame, svg: &mut Svg) {
        let color = color(self.series);
        let mut data = String::new();
        for stroke in &self.strokes {
            data += &path_data(stroke.iter().map(|&point| frame.pixel(point)), false);
        }
        if !data.is_empty() {
            svg.line(&data, color, 2.0, dash(self.series));
        }
        for &dot in &self.dots {
            svg.circle(frame.pixel(dot), 2.0, color, color);
        }
    }

    /// Draws the start and the end of a path, and a cross where a run became NaN, infinite or otherwise undrawable.
    pub(crate) fn draw_marks(&self, frame: &Frame, svg: &mut Svg) {
        let color = color(self.series);
        if let Some(start) = self.start {
            start_mark(svg, frame.pixel(start), color);
        }
        if let Some(end) = self.end.filter(|_| self.series.kind == Kind::Path) {
            end_mark(svg, frame.pixel(end), color);
        }
        if let Some(cross) = self.cross {
            svg.cross(frame.pixel(cross), color);
        }
    }
}

/// The ring where a path starts.
pub(crate) fn start_mark(svg: &mut Svg, center: Point, color: &str) {
    svg.circle(center, 5.5, "none", color);
}

/// The disc where a path ends.
pub(crate) fn end_mark(svg: &mut Svg, center: Point, color: &str) {
    svg.circle(center, 4.5, color, "#ffffff");
}
