//! Lines through points: broken at gaps, clipped to the frame, thinned to the resolution of the pixels.
//!
//! Coordinates are in axis units: the frame is the square from (0, 0) to (1, 1).

use crate::series::Point;

/// The tolerance for points on the edge of the frame, for rounding errors of the logarithms.
const EDGE: f64 = 1e-6;

/// The lines through the points, clipped to the frame. A missing point breaks the line; a point between two missing
/// ones becomes a line of one point.
pub(crate) fn strokes(points: &[Option<Point>]) -> Vec<Vec<Point>> {
    let mut strokes = Vec::new();
    let mut current: Vec<Point> = Vec::new();
    let mut previous = None;
    for &point in points {
        let mut broken = point.is_none();
        match (previous, point) {
            (None, Some(point)) if inside(point) => current.push(point),
            (Some(from), Some(to)) => match clip(from, to) {
                Some((start, end)) => {
                    if current.is_empty() {
                        current.push(start);
                    }
                    current.push(end);
                    broken = end != to;
                }
                None => broken = true,
            },
            _ => {}
        }
        if broken && !current.is_empty() {
            strokes.push(std::mem::take(&mut current));
        }
        previous = point;
    }
    if !current.is_empty() {
        strokes.push(current);
    }
    strokes
}

/// Whether a point is inside the frame.
pub(crate) fn inside((x, y): Point) -> bool {
    let unit = -EDGE..=1.0 + EDGE;
    unit.contains(&x) && unit.contains(&y)
}

/// The part of a segment inside the frame (the algorithm of Liang and Barsky, ACM Transactions on Graphics 3, 1984).
pub(crate) fn clip(from: Point, to: Point) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (start, delta) in [(from.0, dx), (from.1, dy)] {
        let (to_low, to_high) = (-EDGE - start, 1.0 + EDGE - start);
        if delta == 0.0 {
            if to_low > 0.0 || to_high < 0.0 {
                return None;
            }
            continue;
        }
        let (a, b) = (to_low / delta, to_high / delta);
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    let at = |t: f64| match t {
        0.0 => from,
        1.0 => to,
        t => (from.0 + t * dx, from.1 + t * dy),
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

/// For each of `columns` columns, keeps the first, lowest, highest and last point of every run of points in it: drawn
/// at that width the line looks the same (M4: Jugel, Jerzak, Hackenbroich, Markl, "M4: a visualization-oriented time
/// series data aggregation", VLDB 2014).
pub(crate) fn thin(points: &[Point], columns: f64) -> Vec<Point> {
    let column = |point: &Point| (point.0 * columns).floor();
    let mut kept = Vec::new();
    for run in points.chunk_by(|a, b| column(a) == column(b)) {
        if run.len() <= 4 {
            kept.extend_from_slice(run);
            continue;
        }
        let by_height = |&a: &usize, &b: &usize| run[a].1.total_cmp(&run[b].1);
        let lowest = (0..run.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..run.len()).max_by(by_height).unwrap_or(0);
        let mut indices = [0, lowest, highest, run.len() - 1];
        indices.sort_unstable();
        kept.extend(indices.map(|index| run[index]));
    }
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_gaps() {
        let points = [Some((0.0, 0.5)), Some((0.2, 0.5)), None, Some((0.5, 0.1)), None, None, Some((1.0, 1.0))];
        let expected = [vec![(0.0, 0.5), (0.2, 0.5)], vec![(0.5, 0.1)], vec![(1.0, 1.0)]];
        assert_eq!(strokes(&points), expected);
        assert!(strokes(&[None, None]).is_empty());
        assert!(strokes(&[]).is_empty());
    }

    #[test]
    fn lines_are_clipped_where_they_cross_the_frame() {
        // Out through the top, back in, and a segment that passes outside a corner.
        let found = strokes(&[Some((0.0, 0.0)), Some((0.5, 2.0)), Some((1.0, 0.0)), Some((3.0, 0.5))]);
        let expected = [vec![(0.0, 0.0), (0.25, 1.0)], vec![(0.75, 1.0), (1.0, 0.0)]];
        assert_eq!(found.len(), 2, "{found:?}");
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found.0 - expected.0).abs() < 1e-5 && (found.1 - expected.1).abs() < 1e-5, "{found:?}");
        }
        assert!(strokes(&[Some((-1.0, 0.5)), Some((0.5, 2.1))]).is_empty());
    }

    #[test]
    fn thinning_keeps_every_extreme() {
        let count = 100_000;
        let points: Vec<Point> = (0..count)
            .map(|i| {
                let x = i as f64 / count as f64;
                (x, if i == 51_234 { 0.99 } else { 0.5 + 0.2 * (40.0 * x).sin() * (1e4 * x).cos() })
            })
            .collect();
        let thinned = thin(&points, 600.0);
        assert!(thinned.len() <= 2400, "{}", thinned.len());
        assert!(thinned.contains(&points[51_234]), "the spike is gone");
        assert_eq!((thinned.first(), thinned.last()), (points.first(), points.last()));
        let height = |points: &[Point], column: usize| {
            let in_column = points.iter().filter(|point| (point.0 * 600.0) as usize == column);
            in_column.fold((1.0f64, 0.0f64), |(low, high), point| (low.min(point.1), high.max(point.1)))
        };
        for column in 0..600 {
            assert_eq!(height(&points, column), height(&thinned, column), "column {column}");
        }
        assert_eq!(thin(&points[..50], 1e6), points[..50]);
    }
}
