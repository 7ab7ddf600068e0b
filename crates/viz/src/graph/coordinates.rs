//! Chooses horizontal coordinates: chains are straight, and joining nodes are centred.
//!
//! Vertices that should be exactly below each other form a column (Brandes and Köpf, "Fast and simple horizontal
//! coordinate assignment", 2001). The columns then move as close to the means of their neighbours as the distances in
//! the rows allow: least squares, solved by projections (Hildreth, "A quadratic programming procedure", 1957).

use std::collections::BTreeMap;

use super::rows::Rows;

/// Distances between neighbours in a row: two items, an item and a passing line, two passing lines.
const ITEM_GAP: f64 = 26.0;
const PASSAGE_GAP: f64 = 22.0;
const LINE_GAP: f64 = 16.0;

/// The number of times columns move towards their neighbours, and of times distances are restored in between.
const ROUNDS: usize = 400;
const PROJECTIONS: usize = 8;

/// The centres of all vertices, from zero column_x the left edge, and the total width.
pub(crate) fn coordinates(graph: &Rows) -> (Vec<f64>, f64) {
    let columns = columns(graph);
    let distances = distances(graph, &columns);
    let column_x = solve(graph, &columns, &distances);
    let mut xs: Vec<f64> = (0..graph.row.len()).map(|v| column_x[columns.of[v]] + columns.offset[v]).collect();
    let left = (0..xs.len()).map(|v| xs[v] - graph.widths[v] / 2.0).fold(f64::INFINITY, f64::min);
    let right = (0..xs.len()).map(|v| xs[v] + graph.widths[v] / 2.0).fold(f64::NEG_INFINITY, f64::max);
    xs.iter_mut().for_each(|x| *x -= left);
    (xs, (right - left).max(0.0))
}

/// The assignment of vertices to columns.
struct Columns {
    /// The column of each vertex, and the vertex's offset to the right of the column's coordinate.
    of: Vec<usize>,
    offset: Vec<f64>,
    count: usize,
}

/// Joins the ends of segments that must be vertical, unless one of them crosses another.
fn columns(graph: &Rows) -> Columns {
    let mut positions = vec![0; graph.row.len()];
    for row in &graph.rows {
        row.iter().enumerate().for_each(|(index, &vertex)| positions[vertex] = index);
    }
    let mut upright = upright(graph);
    let passing = |segment: &usize| {
        let segment = &graph.segments[*segment];
        !(graph.is_passage(segment.upper) && graph.is_passage(segment.lower))
    };
    upright.sort_by_key(passing);
    // The lower ends by the upper ones; both ascend, because no two segments cross.
    let mut kept: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); graph.rows.len()];
    let mut under: Vec<Option<(usize, f64)>> = vec![None; graph.row.len()];
    for segment in upright {
        let segment = &graph.segments[segment];
        let (upper, lower) = (positions[segment.upper], positions[segment.lower]);
        let row = &mut kept[graph.row[segment.upper]];
        // Shared ends count as crossing too.
        let crosses_left = row.range(..=upper).next_back().is_some_and(|(&u, &l)| u == upper || l >= lower);
        let crosses_right = row.range(upper + 1..).next().is_some_and(|(_, &l)| l <= lower);
        if !crosses_left && !crosses_right {
            row.insert(upper, lower);
            under[segment.lower] = Some((segment.upper, segment.upper_offset - segment.lower_offset));
        }
    }
    let mut columns = Columns { of: vec![0; graph.row.len()], offset: vec![0.0; graph.row.len()], count: 0 };
    for &vertex in graph.rows.iter().flatten() {
        match under[vertex] {
            Some((upper, shift)) => {
                columns.of[vertex] = columns.of[upper];
                columns.offset[vertex] = columns.offset[upper] + shift;
            }
            None => {
                columns.of[vertex] = columns.count;
                columns.count += 1;
            }
        }
    }
    columns
}

/// Segments that continue a line or a chain: each of their ends prefers them to all other segments.
fn upright(graph: &Rows) -> Vec<usize> {
    // Results of operations come before values that pass by, and those before items without inputs.
    let from_above = |candidate: usize| {
        let vertex = graph.segments[candidate].upper;
        if graph.leaf[graph.origin[vertex]] { 2 } else { usize::from(graph.is_passage(vertex)) }
    };
    let from_below = |candidate: usize| {
        let segment = &graph.segments[candidate];
        usize::from(graph.is_passage(segment.lower) != graph.is_passage(segment.upper))
    };
    let above: Vec<Option<usize>> = graph.above.iter().map(|candidates| preferred(candidates, from_above)).collect();
    let below: Vec<Option<usize>> = graph.below.iter().map(|candidates| preferred(candidates, from_below)).collect();
    let is_upright = |&segment: &usize| {
        let ends = &graph.segments[segment];
        above[ends.lower] == Some(segment) && below[ends.upper] == Some(segment)
    };
    (0..graph.segments.len()).filter(is_upright).collect()
}

/// The candidate of the lowest rank, if it is unique.
fn preferred(candidates: &[usize], rank: impl Fn(usize) -> usize) -> Option<usize> {
    let best = candidates.iter().map(|&candidate| rank(candidate)).min()?;
    let mut of_best = candidates.iter().filter(|&&candidate| rank(candidate) == best);
    of_best.next().copied().filter(|_| of_best.next().is_none())
}

/// The smallest distance between the coordinates of two columns, the first to the left of the second.
struct Distance {
    left: usize,
    right: usize,
    least: f64,
}

/// The distance constraints of neighbours in the rows, ordered so that everything to the left of a column comes
/// before it.
fn distances(graph: &Rows, columns: &Columns) -> Vec<Distance> {
    let mut distances = Vec::new();
    let mut waiting = vec![0; columns.count];
    for pair in graph.rows.iter().flat_map(|row| row.windows(2)) {
        let (a, b) = (pair[0], pair[1]);
        let gap = match (graph.is_passage(a), graph.is_passage(b)) {
            (false, false) => ITEM_GAP,
            (true, true) => LINE_GAP,
            _ => PASSAGE_GAP,
        };
        let least = (graph.widths[a] + graph.widths[b]) / 2.0 + gap + columns.offset[a] - columns.offset[b];
        waiting[columns.of[b]] += 1;
        distances.push(Distance { left: columns.of[a], right: columns.of[b], least });
    }
    let mut rank = vec![0; columns.count];
    let mut sorted: Vec<usize> = (0..columns.count).filter(|&column| waiting[column] == 0).collect();
    let mut starts: Vec<Vec<usize>> = vec![Vec::new(); columns.count];
    for distance in &distances {
        starts[distance.left].push(distance.right);
    }
    let mut done = 0;
    while let Some(&column) = sorted.get(done) {
        rank[column] = done;
        done += 1;
        for &right in &starts[column] {
            waiting[right] -= 1;
            if waiting[right] == 0 {
                sorted.push(right);
            }
        }
    }
    distances.sort_by_key(|distance| rank[distance.left]);
    distances
}

/// The coordinates of the columns.
fn solve(graph: &Rows, columns: &Columns, distances: &[Distance]) -> Vec<f64> {
    let mut pulls: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns.count];
    for segment in &graph.segments {
        let (upper, lower) = (columns.of[segment.upper], columns.of[segment.lower]);
        let upper_end = columns.offset[segment.upper] + segment.upper_offset;
        let lower_end = columns.offset[segment.lower] + segment.lower_offset;
        if upper != lower {
            pulls[upper].push((lower, lower_end - upper_end));
            pulls[lower].push((upper, upper_end - lower_end));
        }
    }
    let weights: Vec<f64> = pulls.iter().map(|pulls| pulls.len().max(1) as f64).collect();
    let mut column_x = packed(columns.count, distances, None);
    let mut forces = vec![0.0; distances.len()];
    for _ in 0..ROUNDS {
        let mean = |column: usize| {
            let pulls = &pulls[column];
            let sum: f64 = pulls.iter().map(|&(other, shift)| column_x[other] + shift).sum();
            if pulls.is_empty() { column_x[column] } else { (column_x[column] + sum / pulls.len() as f64) / 2.0 }
        };
        let mut moved: Vec<f64> = (0..columns.count).map(mean).collect();
        for (distance, force) in distances.iter().zip(&forces) {
            moved[distance.left] -= force / weights[distance.left];
            moved[distance.right] += force / weights[distance.right];
        }
        for _ in 0..PROJECTIONS {
            for (distance, force) in distances.iter().zip(&mut forces) {
                let (left, right) = (1.0 / weights[distance.left], 1.0 / weights[distance.right]);
                let missing = distance.least - (moved[distance.right] - moved[distance.left]);
                let change = (missing / (left + right)).max(-*force);
                *force += change;
                moved[distance.left] -= change * left;
                moved[distance.right] += change * right;
            }
        }
        column_x = moved;
    }
    packed(columns.count, distances, Some(&column_x))
}

/// The leftmost coordinates that keep all distances and are not to the left of the given ones.
fn packed(count: usize, distances: &[Distance], least: Option<&[f64]>) -> Vec<f64> {
    let mut column_x = least.map_or_else(|| vec![0.0; count], <[f64]>::to_vec);
    for distance in distances {
        column_x[distance.right] = column_x[distance.right].max(column_x[distance.left] + distance.least);
    }
    column_x
}
