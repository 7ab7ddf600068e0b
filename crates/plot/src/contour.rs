//! Level lines of f(x, y) and the areas above them, by marching squares.
//!
//! Each area comes as closed outlines, so that a level is a single `<path>` without seams. Along the edges of the
//! grid, f is interpolated linearly between grid points.

use std::collections::BTreeMap;

use crate::axis::{Scale, extent, wide_enough};
use crate::number::short;
use crate::series::Point;
use crate::ticks::RoundValues;

/// Cells of the grid along each axis.
const CELLS: i32 = 128;

/// Values of f are clamped to this magnitude, so that the difference of any two stays finite.
const MAX_MAGNITUDE: f64 = 1e300;

/// Which levels of a function [`Plot::contour`](crate::Plot::contour) shows.
///
/// ```
/// use downhill_plot::{Levels, Plot};
///
/// let bowl = |x: f64, y: f64| x * x + 2.0 * y * y;
/// let plot = Plot::new("bowl").contour(-4.0..=4.0, -3.0..=3.0, bowl).levels(Levels::Log(8));
/// assert!(plot.to_svg().starts_with("<svg"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Levels {
    /// Round values at equal distances, about as many as given.
    Even(usize),
    /// The given number of levels, spaced geometrically over two powers of ten above the smallest value. They show
    /// the bottom of a bowl, where evenly spaced levels crowd at the rim.
    Log(usize),
}

/// A function sampled on a grid.
#[derive(Clone, Debug)]
pub(crate) struct Contour {
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    cells: i32,
    /// The values in row-major order, from the lowest y.
    values: Vec<f64>,
}

/// An edge of the grid, given by its lower left vertex: horizontal to the right of it, or vertical above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    i: i32,
    j: i32,
    upward: bool,
}

/// The end of a boundary piece through one cell, and whether it is part of a level line. A piece along the border of
/// the grid, or of a region where f is undefined, is not.
#[derive(Clone, Copy, Debug)]
struct Piece {
    end: Edge,
    level_line: bool,
}

/// A closed outline. Each point says whether the segment to the next one is part of a level line.
pub(crate) type Outline = Vec<(Point, bool)>;

impl Contour {
    /// Samples a function over a rectangle.
    pub(crate) fn sample(x: (f64, f64), y: (f64, f64), f: impl FnMut(f64, f64) -> f64) -> Contour {
        Contour::sample_cells(x, y, CELLS, f)
    }

    fn sample_cells(x: (f64, f64), y: (f64, f64), cells: i32, mut f: impl FnMut(f64, f64) -> f64) -> Contour {
        let mut contour = Contour { x, y, cells, values: Vec::new() };
        for j in 0..=cells {
            for i in 0..=cells {
                let (x, y) = contour.vertex(i, j);
                contour.values.push(f(x, y));
            }
        }
        contour
    }

    /// The levels in ascending order, each with its label; none for a function without two different finite values.
    pub(crate) fn levels(&self, levels: Levels) -> Vec<(f64, String)> {
        let Some((low, high)) = extent(Scale::Linear, self.values.iter().copied()) else {
            return Vec::new();
        };
        if !wide_enough((low, high)) {
            return Vec::new();
        }
        match levels {
            Levels::Even(count) => {
                // Consecutive round steps differ by a factor of 2 to 2.5; this is the midpoint between too few and
                // too many levels.
                let round = RoundValues::between(low, high, (count * 7).div_ceil(5));
                round.iter().filter(|&(level, _)| level > low && level < high).collect()
            }
            Levels::Log(count) => (0..count)
                .map(|index| {
                    let below_top = (count - index) as f64 / count as f64;
                    let level = low + (high - low) * 10f64.powf(-2.0 * below_top);
                    (level, short(level, 2))
                })
                .collect(),
        }
    }

    /// The outlines of the area where f is defined and at least `level`; minus infinity gives the whole area where f
    /// is defined. They run counter-clockwise around the area, so that holes run clockwise.
    pub(crate) fn outlines(&self, level: f64) -> Vec<Outline> {
        let mut pieces = self.pieces(level);
        let mut outlines = Vec::new();
        while let Some((first, piece)) = pieces.pop_first() {
            let mut outline = vec![(self.crossing(first, level), piece.level_line)];
            let mut edge = piece.end;
            // Every edge where a piece ends starts the next one, so following the pieces returns to the first edge.
            while let Some(piece) = pieces.remove(&edge) {
                outline.push((self.crossing(edge, level), piece.level_line));
                edge = piece.end;
            }
            outlines.push(outline);
        }
        outlines
    }

    /// The lines where f equals `level`. A closed line ends where it starts.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<Point>> {
        let mut lines = Vec::new();
        for mut outline in self.outlines(level) {
            // Starting just after a piece that is not a level line keeps each level line in one part.
            match outline.iter().rposition(|&(_, level_line)| !level_line) {
                Some(index) => outline.rotate_left(index + 1),
                None => outline.push(outline[0]),
            }
            for line in outline.split_inclusive(|&(_, level_line)| !level_line) {
                if line.len() > 1 {
                    lines.push(line.iter().map(|&(point, _)| point).collect());
                }
            }
        }
        lines
    }

    /// The boundary pieces through each cell, by the edge they start from, with the area on their left.
    ///
    /// The grid is treated as surrounded by undefined vertices, which are below every level, so all outlines close.
    fn pieces(&self, level: f64) -> BTreeMap<Edge, Piece> {
        let mut pieces = BTreeMap::new();
        for j in -1..=self.cells {
            for i in -1..=self.cells {
                // Counter-clockwise from the lower left: edge k leads from corner k to corner k + 1.
                let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)].map(|(i, j)| self.value(i, j));
                let edges = [(i, j, false), (i + 1, j, true), (i, j + 1, false), (i, j, true)];
                let edges = edges.map(|(i, j, upward)| Edge { i, j, upward });
                let above = corners.map(|value| value.is_some_and(|value| value >= level));
                let level_line = corners.iter().all(Option::is_some);
                let leaves = |k: usize| above[k] && !above[(k + 1) % 4];
                let enters = |k: usize| !above[k] && above[(k + 1) % 4];
                let saddle = (0..4).filter(|&k| leaves(k)).count() == 2;
                let mean = corners.iter().flatten().map(|value| value / 4.0).sum::<f64>();
                for k in (0..4).filter(|&k| leaves(k)) {
                    // At a saddle, the mean of the corners decides whether the two high corners are connected.
                    let reach = if saddle && !(level_line && mean >= level) { [3, 2, 1] } else { [1, 2, 3] };
                    let end = reach.into_iter().map(|step| (k + step) % 4).find(|&k| enters(k));
                    pieces.extend(end.map(|end| (edges[k], Piece { end: edges[end], level_line })));
                }
            }
        }
        pieces
    }

    /// The point on the edge where f equals the level; on an edge to an undefined vertex, the defined vertex.
    fn crossing(&self, edge: Edge, level: f64) -> Point {
        let (i, j) = (edge.i, edge.j);
        let (k, l) = if edge.upward { (i, j + 1) } else { (i + 1, j) };
        match (self.value(i, j), self.value(k, l)) {
            (Some(a), Some(b)) => {
                let t = (level - a) / (b - a);
                let (from, to) = (self.vertex(i, j), self.vertex(k, l));
                (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1))
            }
            (Some(_), None) => self.vertex(i, j),
            _ => self.vertex(k, l),
        }
    }

    /// The value at a vertex, `None` where f is not finite or outside the grid.
    fn value(&self, i: i32, j: i32) -> Option<f64> {
        let grid = 0..=self.cells;
        if !grid.contains(&i) || !grid.contains(&j) {
            return None;
        }
        let value = self.values[(j * (self.cells + 1) + i) as usize];
        value.is_finite().then(|| value.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
    }

    fn vertex(&self, i: i32, j: i32) -> Point {
        let place = |(low, high): (f64, f64), k: i32| {
            let share = f64::from(k) / f64::from(self.cells);
            low * (1.0 - share) + high * share
        };
        (place(self.x, i), place(self.y, j))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(outlines: &[Outline]) -> f64 {
        let triangle = |(a, b): (&(Point, bool), &(Point, bool))| (a.0.0 * b.0.1 - a.0.1 * b.0.0) / 2.0;
        let signed =
            |outline: &Outline| outline.iter().zip(outline.iter().cycle().skip(1)).map(triangle).sum::<f64>();
        outlines.iter().map(signed).sum()
    }

    #[test]
    fn the_contour_of_a_plane_is_exact() {
        // x + 2 y = 0.3 enters [0, 1] x [0, 1] at (0, 0.15) and leaves it at (0.3, 0).
        let plane = Contour::sample_cells((0.0, 1.0), (0.0, 1.0), 4, |x, y| x + 2.0 * y);
        let lines = plane.lines(0.3);
        assert_eq!(lines.len(), 1);
        let expected = [(0.0, 0.15), (0.25, 0.025), (0.3, 0.0)];
        assert_eq!(lines[0].len(), expected.len());
        for (found, expected) in lines[0].iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-15 && (found.1 - expected.1).abs() < 1e-15, "{lines:?}");
        }
        // The triangle cut off has the area 0.15 * 0.3 / 2.
        assert!((area(&plane.outlines(0.3)) - (1.0 - 0.0225)).abs() < 1e-12);
        assert!(plane.lines(5.0).is_empty() && plane.lines(-1.0).is_empty());
    }

    #[test]
    fn rings_close_and_holes_count_negative() {
        let bowl = Contour::sample((-2.0, 2.0), (-2.0, 2.0), |x, y| x * x + y * y);
        let lines = bowl.lines(1.0);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        for (x, y) in &lines[0] {
            assert!((x.hypot(*y) - 1.0).abs() < 1e-3);
        }
        assert!((area(&bowl.outlines(1.0)) - (16.0 - std::f64::consts::PI)).abs() < 2e-3);
    }

    #[test]
    fn the_mean_decides_at_a_saddle() {
        // High corners at (0, 0) and (1, 1): one area if the centre is high, two if it is low.
        for (level, areas) in [(0.4, 1), (0.6, 2)] {
            let saddle = Contour::sample_cells((0.0, 1.0), (0.0, 1.0), 1, |x, y| 1.0 - (x - y).abs());
            assert_eq!(saddle.outlines(level).len(), areas);
            assert_eq!(saddle.lines(level).len(), 2);
        }
    }

    #[test]
    fn values_that_are_not_finite_are_left_out() {
        let half = Contour::sample_cells((-1.0, 1.0), (0.0, 1.0), 4, |x, y| if x < 0.0 { f64::NAN } else { x + y });
        assert!((area(&half.outlines(f64::NEG_INFINITY)) - 1.0).abs() < 1e-12);
        assert!(half.lines(0.7).iter().flatten().all(|&(x, y)| x >= 0.0 && (x + y - 0.7).abs() < 1e-12));
        let nowhere = Contour::sample_cells((0.0, 1.0), (0.0, 1.0), 4, |_, _| f64::INFINITY);
        assert!(nowhere.levels(Levels::Even(5)).is_empty() && nowhere.outlines(0.0).is_empty());
    }

    #[test]
    fn levels() {
        let bowl = Contour::sample((-1.0, 1.0), (-1.0, 1.0), |x, _| 100.0 * x * x);
        let labels = |levels| bowl.levels(levels).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(Levels::Even(5)), ["20", "40", "60", "80"]);
        assert_eq!(labels(Levels::Log(4)), ["1", "3.2", "10", "32"]);
        let flat = Contour::sample((0.0, 1.0), (0.0, 1.0), |_, _| 3.0);
        assert!(flat.levels(Levels::Even(5)).is_empty());
    }
}
