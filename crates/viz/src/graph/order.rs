//! Orders the rows so that few lines cross: barycentre sweeps, and exchanges of neighbours.

use super::rows::Rows;

const SWEEPS: usize = 24;

/// Which neighbouring row determines the order of a row.
#[derive(Clone, Copy)]
enum Side {
    Above,
    Below,
}

/// Orders each row. Where there are no crossings, the inputs keep the order in which they are consumed, from left to
/// right.
pub(crate) fn order(graph: &mut Rows) {
    in_order_of_consumption(graph);
    let mut best = graph.rows.clone();
    let mut fewest = crossings(graph);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let mut positions = positions(graph);
        // The first sweep goes up, because most items without inputs are above the items that determine their
        // position.
        if sweep % 2 == 0 {
            (0..graph.rows.len()).rev().for_each(|row| sort_by_barycentre(graph, &mut positions, row, Side::Below));
        } else {
            (0..graph.rows.len()).for_each(|row| sort_by_barycentre(graph, &mut positions, row, Side::Above));
        }
        exchange_neighbours(graph);
        let found = crossings(graph);
        if found < fewest {
            (fewest, best) = (found, graph.rows.clone());
        }
    }
    graph.rows = best;
}

/// Depth-first from the results up through their inputs; each vertex is appended to its row when first reached.
fn in_order_of_consumption(graph: &mut Rows) {
    let mut rows = vec![Vec::new(); graph.rows.len()];
    let mut met = vec![false; graph.row.len()];
    let results = (0..graph.row.len()).filter(|&vertex| graph.below[vertex].is_empty());
    let mut pending: Vec<usize> = results.collect();
    pending.reverse();
    while let Some(vertex) = pending.pop() {
        if !std::mem::replace(&mut met[vertex], true) {
            rows[graph.row[vertex]].push(vertex);
            pending.extend(graph.above[vertex].iter().rev().map(|&segment| graph.segments[segment].upper));
        }
    }
    graph.rows = rows;
}

/// The position of each vertex in its row.
fn positions(graph: &Rows) -> Vec<usize> {
    let mut positions = vec![0; graph.row.len()];
    for row in &graph.rows {
        row.iter().enumerate().for_each(|(index, &vertex)| positions[vertex] = index);
    }
    positions
}

/// A position in a row: the index of the vertex and the offset from its centre.
fn key(graph: &Rows, positions: &[usize], vertex: usize, offset: f64) -> f64 {
    // An offset is at most half a width, so it does not change the order of vertices.
    positions[vertex] as f64 + 0.9 * offset / graph.widths[vertex].max(1.0)
}

/// The far ends of the segments on one side of a vertex.
fn neighbours(graph: &Rows, positions: &[usize], vertex: usize, side: Side) -> Vec<f64> {
    let (segments, above) = match side {
        Side::Above => (&graph.above[vertex], true),
        Side::Below => (&graph.below[vertex], false),
    };
    let far = |&segment: &usize| {
        let segment = &graph.segments[segment];
        let (end, offset) =
            if above { (segment.upper, segment.upper_offset) } else { (segment.lower, segment.lower_offset) };
        key(graph, positions, end, offset)
    };
    segments.iter().map(far).collect()
}

/// Sorts a row by the means of the neighbours' positions; a vertex without neighbours on that side keeps its
/// position.
fn sort_by_barycentre(graph: &mut Rows, positions: &mut [usize], row: usize, side: Side) {
    let mean = |&vertex: &usize| {
        let ends = neighbours(graph, positions, vertex, side);
        let mean = ends.iter().sum::<f64>() / ends.len() as f64;
        (!ends.is_empty()).then_some((mean, vertex))
    };
    let mut sorted: Vec<(f64, usize)> = graph.rows[row].iter().filter_map(mean).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = sorted.into_iter().map(|(_, vertex)| vertex);
    let old = std::mem::take(&mut graph.rows[row]);
    let moves = |vertex: &usize| match side {
        Side::Above => !graph.above[*vertex].is_empty(),
        Side::Below => !graph.below[*vertex].is_empty(),
    };
    graph.rows[row] =
        old.into_iter().map(|vertex| if moves(&vertex) { sorted.next().unwrap_or(vertex) } else { vertex }).collect();
    graph.rows[row].iter().enumerate().for_each(|(index, &vertex)| positions[vertex] = index);
}

/// Exchanges neighbours in a row while that reduces the number of crossings.
fn exchange_neighbours(graph: &mut Rows) {
    let mut positions = positions(graph);
    let mut improved = true;
    while improved {
        improved = false;
        for row in 0..graph.rows.len() {
            for index in 1..graph.rows[row].len() {
                let (left, right) = (graph.rows[row][index - 1], graph.rows[row][index]);
                let (mut now, mut exchanged) = (0, 0);
                for side in [Side::Above, Side::Below] {
                    let lefts = neighbours(graph, &positions, left, side);
                    let rights = neighbours(graph, &positions, right, side);
                    now += inversions(&lefts, &rights);
                    exchanged += inversions(&rights, &lefts);
                }
                if exchanged < now {
                    graph.rows[row].swap(index - 1, index);
                    (positions[left], positions[right]) = (index, index - 1);
                    improved = true;
                }
            }
        }
    }
}

fn inversions(lefts: &[f64], rights: &[f64]) -> usize {
    lefts.iter().map(|left| rights.iter().filter(|&right| left > right).count()).sum()
}

/// The number of pairs of segments that cross.
pub(crate) fn crossings(graph: &Rows) -> usize {
    let positions = positions(graph);
    let mut ends: Vec<Vec<(f64, f64)>> = vec![Vec::new(); graph.rows.len()];
    for segment in &graph.segments {
        let upper = key(graph, &positions, segment.upper, segment.upper_offset);
        let lower = key(graph, &positions, segment.lower, segment.lower_offset);
        ends[graph.row[segment.upper]].push((upper, lower));
    }
    ends.into_iter().map(crossed).sum()
}

/// The number of pairs of lines between two rows that cross, given the upper and the lower end of each.
fn crossed(mut ends: Vec<(f64, f64)>) -> usize {
    // In the order of the upper ends, two lines cross where the lower ends are out of order. Lines that share an end
    // do not cross.
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut lower: Vec<f64> = ends.into_iter().map(|(_, lower)| lower).collect();
    let mut room = lower.clone();
    out_of_order(&mut lower, &mut room)
}

/// Merge sort that counts the pairs in the wrong order, with scratch space as long as the input.
fn out_of_order(numbers: &mut [f64], room: &mut [f64]) -> usize {
    if numbers.len() < 2 {
        return 0;
    }
    let middle = numbers.len() / 2;
    let (left, right) = numbers.split_at_mut(middle);
    let mut count = out_of_order(left, &mut room[..middle]) + out_of_order(right, &mut room[middle..]);
    let (mut i, mut j) = (0, 0);
    for place in room.iter_mut() {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            *place = left[i];
            i += 1;
        } else {
            // Everything left in the left half is larger.
            count += left.len() - i;
            *place = right[j];
            j += 1;
        }
    }
    numbers.copy_from_slice(room);
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::items::{Item, Link, RowChoice};
    use crate::graph::rows::rows;

    /// The number of crossings with inputs in order of consumption, and at the end.
    fn counts(items: usize, links: &[(usize, usize)]) -> (usize, usize) {
        let items = vec![Item { width: 10.0, height: 10.0, row_choice: RowChoice::Free }; items];
        let link = |&(from, to): &(usize, usize)| Link { from, from_offset: 0.0, to, to_offset: 0.0 };
        let links: Vec<Link> = links.iter().map(link).collect();
        let mut graph = Rows::new(&items, &links, &rows(&items, &links));
        in_order_of_consumption(&mut graph);
        let before = crossings(&graph);
        order(&mut graph);
        (before, crossings(&graph))
    }

    #[test]
    fn crossings_are_those_of_all_pairs() {
        let cross = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
        let mut state = 1_u64;
        let mut end = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            // Few distinct positions, so that ends coincide.
            (state >> 60) as f64 / 2.0
        };
        for count in 0..40 {
            let ends: Vec<(f64, f64)> = (0..count).map(|_| (end(), end())).collect();
            let after = |index: usize| &ends[index + 1..];
            let pairs = ends.iter().enumerate().map(|(i, a)| after(i).iter().filter(|b| cross(a, b)).count()).sum();
            assert_eq!(crossed(ends.clone()), pairs, "{ends:?}");
        }
    }

    #[test]
    fn fewer_lines_cross() {
        // Three results of three leaves; a tree; all of two with all of two; and two long lines around a chain.
        type Pairs = &'static [(usize, usize)];
        let cases: [(usize, Pairs, (usize, usize)); 4] = [
            (6, &[(0, 3), (2, 3), (1, 4), (0, 5)], (2, 0)),
            (7, &[(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)], (0, 0)),
            (4, &[(0, 2), (1, 2), (0, 3), (1, 3)], (1, 1)),
            (6, &[(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (0, 4), (2, 5), (4, 5)], (0, 0)),
        ];
        for (items, links, expected) in cases {
            assert_eq!(counts(items, links), expected, "{links:?}");
        }
    }
}
