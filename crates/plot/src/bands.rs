//! Draws a contour, as filled bands or as lines, and its colour scale.

use crate::axis::Axis;
use crate::colors::{band, level};
use crate::contour::Contour;
use crate::frame::Frame;
use crate::plot::Plot;
use crate::series::Point;
use crate::svg::{Anchor, Svg, TICK_SIZE, path_data, px, text_width};

/// The width of the colour scale, and the margins on both sides of it.
const SCALE: f64 = 14.0;
const SCALE_MARGIN: f64 = 12.0;

/// A contour with its levels in ascending order.
pub(crate) struct Bands<'a> {
    contour: &'a Contour,
    levels: Vec<(f64, String)>,
    as_lines: bool,
}

impl Bands<'_> {
    /// The contour of a plot, if it has one.
    pub(crate) fn of(plot: &Plot) -> Option<Bands<'_>> {
        let contour = plot.contour.as_ref()?;
        Some(Bands { contour, levels: contour.levels(plot.levels), as_lines: plot.contour_lines })
    }

    /// The width that the colour scale takes beside the frame.
    pub(crate) fn scale_width(&self) -> f64 {
        let labels = self.levels.iter().map(|(_, label)| text_width(label, TICK_SIZE));
        labels.fold(0.0, |widest: f64, label| widest.max(SCALE_MARGIN + SCALE + label))
    }

    /// Draws the contour in the frame and the colour scale beside it.
    pub(crate) fn draw(&self, axes: &(Axis, Axis), frame: &Frame, svg: &mut Svg) {
        // A nested SVG element clips what is outside the frame; its origin is the corner of the frame.
        let [left, top, width, height] = [frame.left, frame.top, frame.width, frame.height].map(px);
        svg.open("svg", &format!("x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\""));
        let inner = Frame { left: 0.0, top: 0.0, ..*frame };
        let place = |(a, b): Point| Some(inner.pixel((axes.0.unit(a)?, axes.1.unit(b)?)));
        if self.as_lines {
            self.draw_lines(place, svg);
        } else {
            self.fill(place, svg);
        }
        svg.close("svg");
        if !self.levels.is_empty() {
            self.draw_scale(frame, svg);
        }
    }

    /// Paints the areas above ascending levels over one another, each as one path.
    fn fill(&self, place: impl Fn(Point) -> Option<Point>, svg: &mut Svg) {
        let levels = self.levels.iter().map(|(level, _)| *level);
        for (index, level) in std::iter::once(f64::NEG_INFINITY).chain(levels).enumerate() {
            let mut data = String::new();
            for outline in self.contour.outlines(level) {
                let points = outline.into_iter().filter_map(|(point, _)| place(point));
                data += &path_data(points, true);
            }
            let fill = band(share(index, self.levels.len() + 1));
            svg.element("path", &format!("d=\"{data}\" fill=\"{fill}\""));
        }
    }

    fn draw_lines(&self, place: impl Fn(Point) -> Option<Point>, svg: &mut Svg) {
        for (index, &(value, _)) in self.levels.iter().enumerate() {
            let mut data = String::new();
            for line in self.contour.lines(value) {
                data += &path_data(line.into_iter().filter_map(&place), false);
            }
            svg.line(&data, &level(share(index, self.levels.len())), 1.3, "");
        }
    }

    /// The colour scale from bottom to top, with the levels where colours meet.
    fn draw_scale(&self, frame: &Frame, svg: &mut Svg) {
        let bands = self.levels.len() + 1;
        let left = frame.left + frame.width + SCALE_MARGIN;
        let height = frame.height / bands as f64;
        let top_of = |index: usize| frame.top + frame.height - height * (index + 1) as f64;
        if !self.as_lines {
            for index in 0..bands {
                let fill = format!("fill=\"{}\"", band(share(index, bands)));
                svg.rect((left, top_of(index)), SCALE, height, &fill);
            }
        }
        svg.rect((left, frame.top), SCALE, frame.height, "fill=\"none\" stroke=\"#999999\"");
        // Labels closer than this would touch.
        let stride = (18.0 / height).ceil() as usize;
        for (index, (_, label)) in self.levels.iter().enumerate() {
            let y = top_of(index);
            if self.as_lines {
                let data = path_data([(left, y), (left + SCALE, y)], false);
                svg.line(&data, &level(share(index, self.levels.len())), 2.0, "");
            }
            if index % stride == 0 {
                let start = (left + SCALE + 5.0, y + 4.5);
                svg.text(start, Anchor::Start, TICK_SIZE, "", label);
            }
        }
    }
}

/// The position of one among `count` steps, from 0 to 1.
fn share(index: usize, count: usize) -> f64 {
    index as f64 / (count - 1).max(1) as f64
}
