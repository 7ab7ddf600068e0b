//! Places boxes in rows so that every link points down: the method of Sugiyama, Tagawa and Toda, "Methods for visual
//! understanding of hierarchical system structures" (1981): row numbers, order within the rows, and coordinates.

use super::coordinates::coordinates;
use super::items::{Item, Link, RowChoice, Span};
use super::order::order;
use super::rows::{Rows, rows};

/// The coordinates of a layout, from its top left corner.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The horizontal centres of the items, and their tops.
    pub(crate) top_centers: Vec<(f64, f64)>,
    /// A route for each link, from the bottom of one item to the top of the other.
    pub(crate) routes: Vec<Vec<Span>>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// The smallest distance between rows.
const GAP: f64 = 30.0;
/// The largest distance between rows.
const MAX_GAP: f64 = 80.0;

/// Lays out items with acyclic links. `above` and `below` are kept free above the first and below the last row of
/// free items.
pub(crate) fn layout(items: &[Item], links: &[Link], above: f64, below: f64) -> Layout {
    let mut graph = Rows::new(items, links, &rows(items, links));
    order(&mut graph);
    let (xs, width) = coordinates(&graph);
    let heights: Vec<f64> = graph.rows.iter().map(|row| height(row, items)).collect();
    let entrance = items.iter().any(|item| item.row_choice == RowChoice::Top);
    let exit = items.iter().any(|item| item.row_choice == RowChoice::Bottom);

    let mut tops = Vec::with_capacity(heights.len());
    let mut y = if entrance { 0.0 } else { above };
    let swings = swings(&graph, &xs);
    for (row, height) in heights.iter().enumerate() {
        tops.push(y);
        let least = match row {
            0 if entrance => above,
            _ if exit && row + 2 == heights.len() => below,
            _ => GAP,
        };
        // Lines that run far to the side need more vertical room to stay apart.
        let room = 16.0 + 0.15 * swings[row];
        let last = row + 1 == heights.len();
        y += height + if last { 0.0 } else { room.clamp(least, MAX_GAP) };
    }
    let bottom = if exit { y } else { y + below };

    let top = |vertex: usize| {
        let row = graph.row[vertex];
        let own = items.get(vertex).map_or(heights[row], |item| item.height);
        let free = heights[row] - own;
        // Nodes without inputs are placed near their consumers.
        tops[row] + if graph.leaf[vertex] { free } else { free / 2.0 }
    };
    let routes = links.iter().zip(&graph.paths).map(|(link, path)| {
        let span = |&vertex: &usize| {
            let row = graph.row[vertex];
            let (row_top, row_bottom) = (tops[row], tops[row] + heights[row]);
            if vertex == link.from {
                let bottom = top(vertex) + items[vertex].height;
                Span { x: xs[vertex] + link.from_offset, top: bottom, bottom: row_bottom }
            } else if vertex == link.to {
                Span { x: xs[vertex] + link.to_offset, top: row_top, bottom: top(vertex) }
            } else {
                Span { x: xs[vertex], top: row_top, bottom: row_bottom }
            }
        };
        path.iter().map(span).collect()
    });
    Layout {
        routes: routes.collect(),
        top_centers: (0..items.len()).map(|item| (xs[item], top(item))).collect(),
        width,
        height: bottom,
    }
}

/// The largest horizontal distance that a line covers below each row.
fn swings(graph: &Rows, xs: &[f64]) -> Vec<f64> {
    let mut swings = vec![0.0_f64; graph.rows.len()];
    for s in &graph.segments {
        let swing = (xs[s.upper] + s.upper_offset - xs[s.lower] - s.lower_offset).abs();
        let most = &mut swings[graph.row[s.upper]];
        *most = most.max(swing);
    }
    swings
}

fn height(row: &[usize], items: &[Item]) -> f64 {
    row.iter().filter_map(|&vertex| items.get(vertex)).map(|item| item.height).fold(0.0, f64::max)
}
