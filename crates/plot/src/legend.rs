//! Names the lines of a plot, in a free corner of the frame or below it.

use crate::colors::{color, dash};
use crate::frame::Frame;
use crate::line::{end_mark, start_mark};
use crate::plot::Plot;
use crate::series::{Kind, Point};
use crate::stroke::{clip, inside};
use crate::svg::{Anchor, INK, Svg, TICK_SIZE, fit_text, path_data, text_width};

const ROW: f64 = 19.0;
/// The gap between a mark and its text.
const GAP: f64 = 7.0;
const PADDING: f64 = 8.0;
/// The gap between entries in a row.
const SEPARATION: f64 = 14.0;

/// The distance that lines keep from a legend in a corner.
const MARGIN: f64 = 4.0;

/// Entries in rows below the frame.
pub(crate) type Rows<'a> = Vec<Vec<(&'a Mark, String)>>;

/// The mark in front of an entry's text.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Line { color: &'static str, dash: &'static str, dotted: bool, crossed: bool },
    Start,
    End,
}

impl Mark {
    fn width(&self) -> f64 {
        match self {
            Mark::Line { .. } => 24.0,
            Mark::Start | Mark::End => 12.0,
        }
    }
}

/// The entries of a legend.
#[derive(Clone, Debug)]
pub(crate) struct Legend {
    entries: Vec<(Mark, String)>,
}

impl Legend {
    /// An entry for each series with a name or a note, and for the marks of paths.
    pub(crate) fn of(plot: &Plot) -> Legend {
        let mut entries = Vec::new();
        for series in &plot.series {
            let label = plot.label(series);
            if !label.is_empty() {
                let mark = Mark::Line {
                    color: color(series),
                    dash: dash(series),
                    dotted: series.kind == Kind::Path,
                    crossed: plot.departs(series),
                };
                entries.push((mark, label));
            }
        }
        if plot.series.iter().any(|series| series.kind == Kind::Path) {
            entries.push((Mark::Start, "start".to_string()));
            entries.push((Mark::End, "end".to_string()));
        }
        Legend { entries }
    }

    /// The first corner of the frame where the legend covers no line and none of the marked `places`, all given in
    /// pixels. `None` if there is no such corner or the legend would take too much of the frame.
    pub(crate) fn corner(&self, frame: &Frame, lines: &[Vec<Point>], places: &[Point]) -> Option<Frame> {
        let widths = self.entries.iter().map(|(mark, text)| width(mark, text));
        let width = 2.0 * PADDING + widths.fold(0.0, f64::max);
        let height = 2.0 * PADDING + ROW * self.entries.len() as f64;
        if width > 0.7 * frame.width || height > 0.6 * frame.height {
            return None;
        }
        let (left, top) = (frame.left + PADDING, frame.top + PADDING);
        let right = frame.left + frame.width - PADDING - width;
        let bottom = frame.top + frame.height - PADDING - height;
        let corners = [(right, top), (left, top), (right, bottom), (left, bottom)];
        let corners = corners.map(|(left, top)| Frame { left, top, width, height });
        corners.into_iter().find(|corner| is_free(corner, lines, places))
    }

    /// Draws the legend in a corner.
    pub(crate) fn draw_in(&self, corner: &Frame, svg: &mut Svg) {
        if self.entries.is_empty() {
            return;
        }
        let look = "rx=\"3\" fill=\"#ffffff\" fill-opacity=\"0.85\" stroke=\"#cccccc\"";
        svg.rect((corner.left, corner.top), corner.width, corner.height, look);
        for (index, (mark, text)) in self.entries.iter().enumerate() {
            let y = corner.top + PADDING + ROW * (index as f64 + 0.5);
            entry(svg, (corner.left + PADDING, y), mark, text);
        }
    }

    /// The rows of the legend below a frame: as wide as the frame, and at most half as high.
    pub(crate) fn rows(&self, frame: &Frame) -> Rows<'_> {
        let mut rows: Rows = Vec::new();
        let mut free = 0.0;
        for (mark, text) in &self.entries {
            let text = fit_text(text, frame.width - mark.width() - GAP, TICK_SIZE);
            let needed = width(mark, &text);
            match rows.last_mut().filter(|_| needed <= free) {
                Some(row) => row.push((mark, text)),
                None => {
                    free = frame.width;
                    rows.push(vec![(mark, text)]);
                }
            }
            free -= needed + SEPARATION;
        }
        rows.truncate((frame.height / 2.0 / ROW) as usize);
        rows
    }
}

/// The height that rows of entries take below a frame.
pub(crate) fn rows_height(rows: &Rows) -> f64 {
    if rows.is_empty() { 0.0 } else { ROW * rows.len() as f64 + PADDING }
}

/// Draws rows of entries below a position.
pub(crate) fn draw_rows(rows: &Rows, (left, top): Point, svg: &mut Svg) {
    for (index, row) in rows.iter().enumerate() {
        let y = top + PADDING + ROW * (index as f64 + 0.5);
        let mut x = left;
        for (mark, text) in row {
            entry(svg, (x, y), mark, text);
            x += width(mark, text) + SEPARATION;
        }
    }
}

/// The width of an entry.
fn width(mark: &Mark, text: &str) -> f64 {
    mark.width() + GAP + text_width(text, TICK_SIZE)
}

fn entry(svg: &mut Svg, (x, y): Point, mark: &Mark, text: &str) {
    let middle = (x + mark.width() / 2.0, y);
    match mark {
        Mark::Line { color, dash, dotted, crossed } => {
            let end = x + mark.width();
            svg.line(&path_data([(x, y), (end, y)], false), color, 2.0, dash);
            if *crossed {
                svg.cross((end - 5.0, y), color);
            }
            if *dotted {
                svg.circle(middle, 2.0, color, color);
            }
        }
        Mark::Start => start_mark(svg, middle, INK),
        Mark::End => end_mark(svg, middle, INK),
    }
    let text_start = (x + mark.width() + GAP, y + 4.5);
    svg.text(text_start, Anchor::Start, TICK_SIZE, "", text);
}

/// Whether no line and no mark comes near a rectangle.
fn is_free(corner: &Frame, lines: &[Vec<Point>], places: &[Point]) -> bool {
    let (width, height) = (corner.width + 2.0 * MARGIN, corner.height + 2.0 * MARGIN);
    // Map the rectangle and its margin to the unit square.
    let unit = |(x, y): Point| ((x - corner.left + MARGIN) / width, (y - corner.top + MARGIN) / height);
    let passes = |line: &Vec<Point>| {
        let passed = line.windows(2).any(|pair| clip(unit(pair[0]), unit(pair[1])).is_some());
        // A line of one point has no segment.
        passed || line.first().is_some_and(|&point| inside(unit(point)))
    };
    !lines.iter().any(passes) && !places.iter().any(|&place| inside(unit(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { left: 0.0, top: 0.0, width: 600.0, height: 400.0 };

    #[test]
    fn a_free_corner_is_taken() {
        let legend = Legend::of(&Plot::new("").curve("a", [(0.0, 1.0)]).curve("b", [(0.0, 1.0)]));
        let falling = vec![vec![(0.0, 0.0), (600.0, 400.0)]];
        let rising = vec![vec![(0.0, 400.0), (600.0, 0.0)]];
        let corner = |lines: &[Vec<Point>], places: &[Point]| {
            legend.corner(&FRAME, lines, places).map(|corner| (corner.left > 300.0, corner.top > 200.0))
        };
        assert_eq!(corner(&falling, &[]), Some((true, false)));
        assert_eq!(corner(&rising, &[]), Some((false, false)));
        assert_eq!(corner(&falling, &[(580.0, 20.0)]), Some((false, true)), "the end of a curve is in the way");
        assert_eq!(corner(&[falling, rising].concat(), &[]), None, "every corner hides a line");
    }

    #[test]
    fn rows_below_fit_the_width() {
        let mut plot = Plot::new("");
        for index in 0..9 {
            plot = plot.curve(format!("learning rate {index}"), [(0.0, 1.0)]);
        }
        let legend = Legend::of(&plot);
        let rows = legend.rows(&FRAME);
        assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), 9);
        for row in rows {
            assert!(row.iter().map(|(mark, text)| width(mark, text) + SEPARATION).sum::<f64>() <= 600.0 + SEPARATION);
        }
    }
}
