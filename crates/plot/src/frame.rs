//! The frame of a plot: the pixel position of points, the mesh, the ticks and the names of the axes.

use crate::axis::Axis;
use crate::plot::Plot;
use crate::series::Point;
use crate::svg::{Anchor, INK, LABEL_SIZE, Svg, TICK_SIZE, fit_text, px, text_width};
use crate::ticks::Tick;

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Frame {
    /// The pixel of a point given in axis units.
    pub(crate) fn pixel(&self, (x, y): Point) -> Point {
        (self.left + x * self.width, self.top + (1.0 - y) * self.height)
    }
}

/// As many ticks as fit the width without their labels touching.
pub(crate) fn fitting_ticks(axis: &Axis, width: f64) -> Vec<Tick> {
    let apart = |pair: &[Tick]| {
        let labels = text_width(&pair[0].label, TICK_SIZE) + text_width(&pair[1].label, TICK_SIZE);
        (pair[1].at - pair[0].at) * width >= labels / 2.0 + 10.0
    };
    let most = (width / 60.0) as usize;
    let fitting = (3..=most).rev().map(|count| axis.ticks(count)).find(|ticks| ticks.windows(2).all(apart));
    fitting.unwrap_or_else(|| axis.ticks(2))
}

/// Faint lines through the frame at the ticks.
pub(crate) fn draw_mesh(x_ticks: &[Tick], y_ticks: &[Tick], frame: &Frame, svg: &mut Svg) {
    let mut data = String::new();
    for tick in x_ticks {
        let (x, y) = frame.pixel((tick.at, 1.0));
        data += &format!("M{} {}v{}", px(x), px(y), px(frame.height));
    }
    for tick in y_ticks {
        let (x, y) = frame.pixel((0.0, tick.at));
        data += &format!("M{} {}h{}", px(x), px(y), px(frame.width));
    }
    svg.line(&data, "#e8e8e8", 1.0, "");
}

/// The frame with its ticks and their labels, and the names of the axes.
pub(crate) fn draw_axes(plot: &Plot, x_ticks: &[Tick], y_ticks: &[Tick], frame: &Frame, svg: &mut Svg) {
    let bottom = frame.top + frame.height;
    let mut data = String::new();
    for tick in x_ticks {
        let (x, y) = frame.pixel((tick.at, 0.0));
        data += &format!("M{} {}v5", px(x), px(y));
        svg.text((x, y + 20.0), Anchor::Middle, TICK_SIZE, "", &tick.label);
    }
    for tick in y_ticks {
        let (x, y) = frame.pixel((0.0, tick.at));
        data += &format!("M{} {}h-5", px(x), px(y));
        svg.text((x - 9.0, y + 4.5), Anchor::End, TICK_SIZE, "", &tick.label);
    }
    svg.line(&data, INK, 1.0, "");
    let look = format!("fill=\"none\" stroke=\"{INK}\"");
    svg.rect((frame.left, frame.top), frame.width, frame.height, &look);
    if !plot.x_label.is_empty() {
        let label = fit_text(&plot.x_label, frame.width, LABEL_SIZE);
        svg.text((frame.left + frame.width / 2.0, bottom + 42.0), Anchor::Middle, LABEL_SIZE, "", &label);
    }
    if !plot.y_label.is_empty() {
        let label = fit_text(&plot.y_label, frame.height, LABEL_SIZE);
        let (x, y) = (18.0, frame.top + frame.height / 2.0);
        let turn = format!(" transform=\"rotate(-90 {} {})\"", px(x), px(y));
        svg.text((x, y), Anchor::Middle, LABEL_SIZE, &turn, &label);
    }
}
