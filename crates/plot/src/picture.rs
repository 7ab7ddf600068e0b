//! Lays out a plot and draws it as SVG: title, axes, contour, lines, marks and legend.

use crate::bands::Bands;
use crate::frame::{Frame, draw_axes, draw_mesh, fitting_ticks};
use crate::legend::{Legend, draw_rows, rows_height};
use crate::line::Line;
use crate::plot::Plot;
use crate::ranges::axes;
use crate::series::Point;
use crate::svg::{Anchor, Svg, TICK_SIZE, TITLE_SIZE, fit_text, text_width};

/// Draws the plot into a rectangle of the given size at the origin.
#[track_caller]
pub(crate) fn draw(plot: &Plot, width: f64, height: f64, svg: &mut Svg) {
    let axes = axes(plot);
    let bands = Bands::of(plot);
    let legend = Legend::of(plot);
    let lines: Vec<Line> = plot.series.iter().map(|series| Line::new(plot, series, &axes, width)).collect();

    let top = if plot.title.is_empty() { 14.0 } else { 38.0 };
    let bottom = if plot.x_label.is_empty() { 32.0 } else { 54.0 };
    let right = 20.0 + bands.as_ref().map_or(0.0, Bands::scale_width);
    let height = height - top - bottom;
    let y_ticks = axes.1.ticks((height / 40.0) as usize);
    let tick_widths = y_ticks.iter().map(|tick| text_width(&tick.label, TICK_SIZE));
    let left = tick_widths.fold(0.0, f64::max) + if plot.y_label.is_empty() { 18.0 } else { 40.0 };
    let mut frame = Frame { left, top, width: width - left - right, height };

    let pixels = |points: &[Point]| -> Vec<Point> { points.iter().map(|&point| frame.pixel(point)).collect() };
    let strokes = lines.iter().flat_map(|line| &line.strokes);
    let strokes: Vec<Vec<Point>> = strokes.map(|stroke| pixels(stroke)).collect();
    let places: Vec<Point> = lines.iter().flat_map(|line| pixels(&line.ends())).collect();
    let corner = legend.corner(&frame, &strokes, &places);
    let rows = if corner.is_none() { legend.rows(&frame) } else { Vec::new() };
    frame.height -= rows_height(&rows);

    let x_ticks = fitting_ticks(&axes.0, frame.width);
    match bands {
        Some(bands) => bands.draw(&axes, &frame, svg),
        None => draw_mesh(&x_ticks, &y_ticks, &frame, svg),
    }
    draw_axes(plot, &x_ticks, &y_ticks, &frame, svg);
    draw_title(&plot.title, frame.left + frame.width / 2.0, width, svg);
    lines.iter().for_each(|line| line.draw(&frame, svg));
    lines.iter().for_each(|line| line.draw_marks(&frame, svg));
    match corner {
        Some(corner) => legend.draw_in(&corner, svg),
        None => draw_rows(&rows, (frame.left, frame.top + frame.height + bottom - 6.0), svg),
    }
}

/// Draws the title centred over the frame, or as close to it as its length allows.
fn draw_title(title: &str, middle: f64, width: f64, svg: &mut Svg) {
    // Bold letters are wider than those that `text_width` measures.
    let size = 1.1 * TITLE_SIZE;
    let title = fit_text(title, width, size);
    let half = text_width(&title, size).min(width) / 2.0;
    let place = (middle.clamp(half, width - half), 25.0);
    svg.text(place, Anchor::Middle, TITLE_SIZE, " font-weight=\"bold\"", &title);
}
