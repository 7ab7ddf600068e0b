//! Lays out a graph: each module on its own, then the modules together with the other nodes.

use std::collections::BTreeMap;

use super::items::{Item, Link, RowChoice, Span};
use super::layered::layout;
use super::modules::Module;
use super::node::Node;

/// The padding inside a module's box: above for its name, below, and on both sides.
const NAME: f64 = 30.0;
const PADDING_BELOW: f64 = 16.0;
const SIDE: f64 = 16.0;
/// The gap between the name of a module, the side of its box, and incoming edges.
pub(crate) const NAME_GAP: f64 = 10.0;

/// The largest distance between the arrowheads of edges that end at the same node.
const TIP_GAP: f64 = 16.0;

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// The box of a module.
#[derive(Clone, Debug)]
pub(crate) struct ModuleBox {
    pub(crate) name: String,
    pub(crate) rect: Rect,
    /// Whether its name is on the right, because edges enter on the left.
    pub(crate) name_at_right: bool,
}

/// An edge with its route, from the bottom of a node down to the top of its consumer.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The index of the consumer, and which of its inputs this is.
    pub(crate) consumer: usize,
    pub(crate) position: usize,
    pub(crate) route: Vec<Span>,
}

/// The finished layout.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    /// One for each node.
    pub(crate) nodes: Vec<Rect>,
    pub(crate) modules: Vec<ModuleBox>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A unit of the outer layout: a module, or a node that belongs to none. Coordinates are relative to its corner.
#[derive(Debug, Default)]
struct Unit {
    width: f64,
    height: f64,
    name_at_right: bool,
    members: Vec<(usize, Rect)>,
    /// Where the value of each outside node enters.
    entrances: BTreeMap<usize, f64>,
    /// The routes from members down to the lower side, by member.
    exits: BTreeMap<usize, Vec<Span>>,
    /// From a source, or its entry point, down to a member.
    ways: BTreeMap<(usize, usize), Vec<Span>>,
}

/// Lays out nodes of the given sizes; `name_width` is the width of a module's name.
pub(crate) fn arrange(
    nodes: &[Node],
    modules: Vec<Module>,
    sizes: &[(f64, f64)],
    name_width: impl Fn(&str) -> f64,
) -> Drawing {
    let mut used = vec![Vec::new(); nodes.len()];
    for (consumer, node) in nodes.iter().enumerate() {
        node.inputs.iter().for_each(|input| used[input.node].push(consumer));
    }
    let mut units: Vec<Unit> =
        modules.iter().map(|module| inside(module, nodes, &used, sizes, name_width(&module.name))).collect();
    let mut unit_of = vec![usize::MAX; nodes.len()];
    for (unit, module) in modules.iter().enumerate() {
        module.nodes.iter().for_each(|&node| unit_of[node] = unit);
    }
    for node in 0..nodes.len() {
        if unit_of[node] == usize::MAX {
            unit_of[node] = units.len();
            units.push(alone(node, &nodes[node], sizes[node]));
        }
    }

    let mut links: Vec<Link> = Vec::new();
    let mut link_of = BTreeMap::new();
    for (consumer, node) in nodes.iter().enumerate() {
        for source in node.inputs.iter().map(|input| input.node) {
            let (from, to) = (unit_of[source], unit_of[consumer]);
            if from != to && !link_of.contains_key(&(source, to)) {
                link_of.insert((source, to), links.len());
                let from_offset =
                    units[from].exits[&source].last().map_or(0.0, |span| span.x) - units[from].width / 2.0;
                let to_offset = units[to].entrances[&source] - units[to].width / 2.0;
                links.push(Link { from, from_offset, to, to_offset });
            }
        }
    }
    let item = |unit: &Unit| Item { width: unit.width, height: unit.height, row_choice: RowChoice::Free };
    let outer = layout(&units.iter().map(item).collect::<Vec<_>>(), &links, 0.0, 0.0);
    let corner = |unit: usize| (outer.top_centers[unit].0 - units[unit].width / 2.0, outer.top_centers[unit].1);

    let mut edges = Vec::new();
    for (consumer, node) in nodes.iter().enumerate() {
        for (position, input) in node.inputs.iter().enumerate() {
            let (from, to) = (unit_of[input.node], unit_of[consumer]);
            let mut route = Vec::new();
            if from != to {
                route.extend(moved(&units[from].exits[&input.node], corner(from)));
                route.extend(&outer.routes[link_of[&(input.node, to)]]);
            }
            route.extend(moved(&units[to].ways[&(input.node, consumer)], corner(to)));
            edges.push(Edge { consumer, position, route: joined(route) });
        }
    }
    let mut rects = vec![Rect { left: 0.0, top: 0.0, width: 0.0, height: 0.0 }; nodes.len()];
    for (unit, (index, rect)) in
        units.iter().enumerate().flat_map(|(i, unit)| unit.members.iter().map(move |m| (i, m)))
    {
        let (left, top) = corner(unit);
        rects[*index] = Rect { left: left + rect.left, top: top + rect.top, ..*rect };
    }
    spread_tips(&mut edges, &rects);
    let boxes = modules.into_iter().enumerate().map(|(index, module)| {
        let (left, top) = corner(index);
        let unit = &units[index];
        ModuleBox {
            name: module.name,
            rect: Rect { left, top, width: unit.width, height: unit.height },
            name_at_right: unit.name_at_right,
        }
    });
    Drawing { modules: boxes.collect(), nodes: rects, edges, width: outer.width, height: outer.height }
}

/// A node that belongs to no module.
fn alone(index: usize, node: &Node, (width, height): (f64, f64)) -> Unit {
    let x = width / 2.0;
    let sources = || node.inputs.iter().map(|input| input.node);
    Unit {
        width,
        height,
        name_at_right: false,
        members: vec![(index, Rect { left: 0.0, top: 0.0, width, height })],
        entrances: sources().map(|source| (source, x)).collect(),
        exits: BTreeMap::from([(index, vec![Span { x, top: height, bottom: height }])]),
        ways: sources().map(|source| ((source, index), vec![Span { x, top: 0.0, bottom: 0.0 }])).collect(),
    }
}

/// A module with its nodes; incoming and outgoing values take part as points on its upper or lower side.
fn inside(module: &Module, nodes: &[Node], used: &[Vec<usize>], sizes: &[(f64, f64)], name_width: f64) -> Unit {
    let item_of: BTreeMap<usize, usize> = module.nodes.iter().enumerate().map(|(item, &node)| (node, item)).collect();
    let mut items: Vec<Item> = Vec::new();
    items.extend(module.nodes.iter().map(|&node| Item {
        width: sizes[node].0,
        height: sizes[node].1,
        row_choice: RowChoice::Free,
    }));
    let mut links: Vec<Link> = Vec::new();
    let mut entrance_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut way_of: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut exit_of: BTreeMap<usize, usize> = BTreeMap::new();
    let link = |from, to| Link { from, from_offset: 0.0, to, to_offset: 0.0 };
    for (&node, &to) in &item_of {
        for source in nodes[node].inputs.iter().map(|input| input.node) {
            let from = item_of.get(&source).copied().unwrap_or_else(|| {
                *entrance_of.entry(source).or_insert_with(|| {
                    items.push(Item { width: 0.0, height: 0.0, row_choice: RowChoice::Top });
                    items.len() - 1
                })
            });
            way_of.entry((source, node)).or_insert_with(|| {
                links.push(link(from, to));
                links.len() - 1
            });
        }
    }
    for (&node, &from) in &item_of {
        if used[node].iter().any(|consumer| !item_of.contains_key(consumer)) {
            items.push(Item { width: 0.0, height: 0.0, row_choice: RowChoice::Bottom });
            exit_of.insert(node, links.len());
            links.push(link(from, items.len() - 1));
        }
    }

    let layout = layout(&items, &links, NAME, PADDING_BELOW);
    // The name goes where no edge enters, or else the box grows.
    let entrances = || entrance_of.values().map(|&item| layout.top_centers[item].0 + SIDE);
    let (first, last) = (entrances().fold(f64::INFINITY, f64::min), entrances().fold(0.0, f64::max));
    let name_at_right = name_width > first - 2.0 * NAME_GAP;
    let width = layout.width + 2.0 * SIDE;
    let width = width.max(name_width + 2.0 * NAME_GAP + if name_at_right { last } else { 0.0 });
    let member = |(&node, &item): (&usize, &usize)| {
        let (middle, top) = layout.top_centers[item];
        let (width, height) = sizes[node];
        (node, Rect { left: middle - width / 2.0 + SIDE, top, width, height })
    };
    let way = |link: usize| moved(&layout.routes[link], (SIDE, 0.0)).collect();
    Unit {
        width,
        height: layout.height,
        name_at_right,
        members: item_of.iter().map(member).collect(),
        entrances: entrance_of.iter().map(|(&source, &item)| (source, layout.top_centers[item].0 + SIDE)).collect(),
        exits: exit_of.iter().map(|(&node, &link)| (node, way(link))).collect(),
        ways: way_of.iter().map(|(&ends, &link)| (ends, way(link))).collect(),
    }
}

fn moved(route: &[Span], (right, down): (f64, f64)) -> impl Iterator<Item = Span> {
    route.iter().map(move |span| Span { x: span.x + right, top: span.top + down, bottom: span.bottom + down })
}

/// The route with one span for each straight piece.
fn joined(route: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in route {
        match joined.last_mut().filter(|last| (last.x - span.x).abs() < 0.05) {
            Some(last) => last.bottom = span.bottom,
            None => joined.push(span),
        }
    }
    joined
}

/// Spreads the ends of edges that meet at a node, in the order of the edges; one from straight above stays in the
/// middle.
fn spread_tips(edges: &mut [Edge], rects: &[Rect]) {
    let mut meeting: Vec<Vec<usize>> = vec![Vec::new(); rects.len()];
    edges.iter().enumerate().for_each(|(edge, of)| meeting[of.consumer].push(edge));
    for (mut together, rect) in meeting.into_iter().zip(rects).filter(|(together, _)| together.len() > 1) {
        let start = |edge: usize| edges[edge].route.last().map_or(0.0, |last| last.top);
        let lowest = together.iter().map(|&edge| start(edge)).fold(f64::NEG_INFINITY, f64::max);
        // How far the last bend of an edge comes from the right of the node; zero for an edge that comes straight
        // from above.
        let swing = |edge: usize| match edges[edge].route[..] {
            [.., before, last] if last.top > lowest - 1.0 => before.x - last.x,
            _ => 0.0,
        };
        together.sort_by(|&a, &b| swing(a).total_cmp(&swing(b)));
        let straight: Vec<usize> = (0..together.len()).filter(|&index| swing(together[index]) == 0.0).collect();
        let middle = if let [only] = straight[..] { only as f64 } else { (together.len() - 1) as f64 / 2.0 };
        let reach = middle.max((together.len() - 1) as f64 - middle);
        let gap = TIP_GAP.min((rect.width / 2.0 - 14.0) / reach);
        for (index, edge) in together.into_iter().enumerate() {
            let shift = gap * (index as f64 - middle);
            let route = &mut edges[edge].route;
            if let [only] = route[..]
                && shift != 0.0
            {
                // It has to leave the column of its source.
                let end = Span { top: only.bottom, ..only };
                *route = vec![Span { bottom: only.top, ..only }, end];
            }
            if let Some(last) = route.last_mut() {
                last.x += shift;
            }
        }
    }
}

#[cfg(test)]
mod tests;
