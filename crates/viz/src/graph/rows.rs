//! Assigns every item to a row, and every link a point in each row it passes.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Item, Link, RowChoice};

/// The rows of a layout. Vertices are the items, followed by the points where links pass through rows.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// The vertices of each row from left to right.
    pub(crate) rows: Vec<Vec<usize>>,
    /// The row of each vertex.
    pub(crate) row: Vec<usize>,
    pub(crate) widths: Vec<f64>,
    /// The item whose link passes through each vertex; an item's vertex is its own.
    pub(crate) origin: Vec<usize>,
    /// Whether a vertex is an item without inputs.
    pub(crate) leaf: Vec<bool>,
    pub(crate) segments: Vec<Segment>,
    /// For each vertex, the segments that end at it, and those that start from it.
    pub(crate) above: Vec<Vec<usize>>,
    pub(crate) below: Vec<Vec<usize>>,
    /// The vertices of each link.
    pub(crate) paths: Vec<Vec<usize>>,
}

/// A piece of a link between neighbouring rows; offsets are measured from the centres of the vertices.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) upper: usize,
    pub(crate) upper_offset: f64,
    pub(crate) lower: usize,
    pub(crate) lower_offset: f64,
}

/// The row of each item: below everything it consumes (the longest path from the top), but moved down towards its
/// consumers where that shortens more links than it lengthens.
pub(crate) fn rows(items: &[Item], links: &[Link]) -> Vec<usize> {
    let count = items.len();
    let (mut sources, mut consumers) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for link in links {
        sources[link.to].push(link.from);
        consumers[link.from].push(link.to);
    }
    let mut waiting: Vec<usize> = sources.iter().map(Vec::len).collect();
    let mut sorted: Vec<usize> = (0..count).filter(|&item| waiting[item] == 0).collect();
    let mut done = 0;
    let entrance = usize::from(items.iter().any(|item| item.row_choice == RowChoice::Top));
    let mut row: Vec<usize> =
        items.iter().map(|item| if item.row_choice == RowChoice::Top { 0 } else { entrance }).collect();
    while let Some(&item) = sorted.get(done) {
        done += 1;
        for &consumer in &consumers[item] {
            row[consumer] = row[consumer].max(row[item] + 1);
            waiting[consumer] -= 1;
            if waiting[consumer] == 0 {
                sorted.push(consumer);
            }
        }
    }
    let free = |item: &usize| items[*item].row_choice == RowChoice::Free;
    let last = (0..count).filter(free).map(|item| row[item]).max().unwrap_or(entrance);
    (0..count).filter(|&item| items[item].row_choice == RowChoice::Bottom).for_each(|item| row[item] = last + 1);
    for &item in sorted.iter().rev().filter(|item| free(item)) {
        // Items without inputs move along.
        let heavy = sources[item].iter().filter(|&&source| !sources[source].is_empty() || !free(&source)).count();
        if let Some(nearest) = consumers[item].iter().map(|&consumer| row[consumer]).min()
            && heavy < consumers[item].len()
        {
            row[item] = nearest - 1;
        }
    }
    // Remove empty rows.
    let mut used = row.clone();
    used.sort_unstable();
    used.dedup();
    row.iter().map(|row| used.partition_point(|used| used < row)).collect()
}

impl Rows {
    /// The vertices and segments of links between items in given rows; the order within the rows is not optimised
    /// yet.
    pub(crate) fn new(items: &[Item], links: &[Link], row: &[usize]) -> Rows {
        let mut graph = Rows {
            rows: Vec::new(),
            row: row.to_vec(),
            widths: items.iter().map(|item| item.width).collect(),
            origin: (0..items.len()).collect(),
            leaf: items.iter().map(|item| item.row_choice == RowChoice::Free).collect(),
            segments: Vec::new(),
            above: vec![Vec::new(); items.len()],
            below: vec![Vec::new(); items.len()],
            paths: Vec::new(),
        };
        // Links from the same source share their points as long as they can.
        let mut passages: BTreeMap<(usize, i64, usize), usize> = BTreeMap::new();
        let mut joined: BTreeSet<(usize, i64, usize, i64)> = BTreeSet::new();
        for link in links {
            graph.leaf[link.to] = false;
            let start = (10.0 * link.from_offset).round() as i64;
            let end = (10.0 * link.to_offset).round() as i64;
            let mut path = vec![link.from];
            let mut before = (link.from, link.from_offset);
            for row in row[link.from] + 1..row[link.to] {
                let vertex = *passages.entry((link.from, start, row)).or_insert_with(|| {
                    let vertex = graph.add_passage(link.from, row);
                    graph.join(before, (vertex, 0.0));
                    vertex
                });
                path.push(vertex);
                before = (vertex, 0.0);
            }
            if joined.insert((before.0, start, link.to, end)) {
                graph.join(before, (link.to, link.to_offset));
            }
            path.push(link.to);
            graph.paths.push(path);
        }
        graph.rows = vec![Vec::new(); graph.row.iter().max().map_or(0, |last| last + 1)];
        for (vertex, &row) in graph.row.iter().enumerate() {
            graph.rows[row].push(vertex);
        }
        graph
    }

    /// Whether a vertex is a point on a link.
    pub(crate) fn is_passage(&self, vertex: usize) -> bool {
        self.origin[vertex] != vertex
    }

    fn add_passage(&mut self, origin: usize, row: usize) -> usize {
        self.row.push(row);
        self.widths.push(0.0);
        self.origin.push(origin);
        self.leaf.push(false);
        self.above.push(Vec::new());
        self.below.push(Vec::new());
        self.row.len() - 1
    }

    fn join(&mut self, (upper, upper_offset): (usize, f64), (lower, lower_offset): (usize, f64)) {
        let segment = self.segments.len();
        self.segments.push(Segment { upper, upper_offset, lower, lower_offset });
        self.below[upper].push(segment);
        self.above[lower].push(segment);
    }
}
