//! Draws a graph as SVG.
//!
//! Scripts may rely on these names: a node is a `<g id="n{number}" class="node {kind}">` with `data-entries`, the
//! numbers of the entries it represents, and an outline of class `box`; an edge is a `<path id="e{from}-{to}"
//! class="edge {flow}">` (with `-{position}` where a node consumes another more than once), followed by its
//! arrowhead, of class `tip`.

use std::fmt::Write;

use super::flow::{Flow, FlowScale};
use super::items::Span;
use super::layout::{ModuleBox, NAME_GAP, arrange};
use super::legend::{Legend, stroke};
use super::modules::{modules, named_within};
use super::node::{EdgeNames, Node};
use super::shape;
use downhill_plot::svg::{Anchor, Svg, TICK_SIZE, TITLE_SIZE, fit_text, path_data, px, text_width};

const MARGIN: f64 = 20.0;
const TITLE_ROW: f64 = 34.0;
/// The gap between the graph and its legend.
const LEGEND_GAP: f64 = 22.0;
/// The minimum width of the legend in narrow pictures.
const LEGEND_WIDTH: f64 = 520.0;
/// The length of an arrowhead.
const TIP: f64 = 8.0;

/// The whole document.
pub(crate) fn svg(nodes: &[Node], title: &str) -> String {
    let modules = modules(nodes);
    let nodes = &named_within(nodes, &modules)[..];
    let sizes: Vec<(f64, f64)> = nodes.iter().map(shape::size).collect();
    let drawing = arrange(nodes, modules, &sizes, shape::name_width);
    let flow_of = |node: &Node, position: usize| Flow::of(node.inputs[position].strength);
    let flows: Vec<Flow> = drawing.edges.iter().map(|edge| flow_of(&nodes[edge.consumer], edge.position)).collect();
    // Without a backward pass there are no gradients to distinguish.
    let scale = FlowScale::of_inputs(nodes);
    let kinds = nodes.iter().map(|node| node.kind).collect();
    let legend = Legend::new(kinds, &flows, scale, drawing.width.max(LEGEND_WIDTH));

    let content = drawing.width.max(legend.width()).max(text_width(title, 1.1 * TITLE_SIZE).min(LEGEND_WIDTH));
    let width = content + 2.0 * MARGIN;
    let top = MARGIN + if title.is_empty() { 0.0 } else { TITLE_ROW };
    let left = (width - drawing.width) / 2.0;
    let height = top + drawing.height + LEGEND_GAP + legend.height() + MARGIN / 2.0;

    let mut svg = Svg::default();
    let fitted = fit_text(title, content, 1.1 * TITLE_SIZE);
    if !title.is_empty() {
        svg.text((width / 2.0, 30.0), Anchor::Middle, TITLE_SIZE, " font-weight=\"bold\"", &fitted);
    }
    svg.open("g", &format!("transform=\"translate({} {})\"", px(left), px(top)));
    drawing.modules.iter().for_each(|module| draw_module(module, &mut svg));
    // Strong gradients are drawn first, so that they hide none of the weak ones.
    let width_of = |index: usize| scale.map_or(1.3, |scale| scale.width(flows[index]));
    let mut from_strong: Vec<usize> = (0..flows.len()).collect();
    from_strong.sort_by(|&a, &b| width_of(b).total_cmp(&width_of(a)));
    let names = EdgeNames::of(nodes);
    for index in from_strong {
        let edge = &drawing.edges[index];
        let label = Label {
            id: names.name(edge.consumer, edge.position),
            source: &nodes[nodes[edge.consumer].inputs[edge.position].node],
            consumer: &nodes[edge.consumer],
            flow: scale.map(|_| flows[index]),
        };
        draw_edge(&label, &edge.route, width_of(index), &mut svg);
    }
    for (node, rect) in nodes.iter().zip(&drawing.nodes) {
        let entries: Vec<String> = node.entries.iter().map(usize::to_string).collect();
        let (number, kind, entries) = (node.number, node.kind.name(), entries.join(" "));
        svg.open("g", &format!("id=\"n{number}\" class=\"node {kind}\" data-entries=\"{entries}\""));
        svg.tooltip(&node.tooltip);
        shape::draw(node, rect, &mut svg);
        svg.close("g");
    }
    svg.close("g");
    legend.draw(width / 2.0, top + drawing.height + LEGEND_GAP, &mut svg);
    svg.document(width, height, title)
}

fn draw_module(module: &ModuleBox, svg: &mut Svg) {
    let rect = &module.rect;
    let look = "class=\"module\" rx=\"8\" fill=\"#f4f5f7\" stroke=\"#c3c8d0\"";
    svg.rect((rect.left, rect.top), rect.width, rect.height, look);
    let (x, anchor) = match module.name_at_right {
        true => (rect.left + rect.width - NAME_GAP, Anchor::End),
        false => (rect.left + NAME_GAP, Anchor::Start),
    };
    let attributes = " font-weight=\"bold\" fill=\"#5b6472\"";
    svg.text((x, rect.top + 18.0), anchor, TICK_SIZE, attributes, &shape::fit_name(&module.name));
}

/// The id of an edge.
struct Label<'a> {
    id: String,
    source: &'a Node,
    consumer: &'a Node,
    /// `None` in a picture without gradients.
    flow: Option<Flow>,
}

fn draw_edge(label: &Label, route: &[Span], width: f64, svg: &mut Svg) {
    let class = label.flow.map_or("forward", Flow::class);
    svg.open("g", &format!("class=\"edge {class}\""));
    let ends = format!("{} → {}", label.source.title, label.consumer.title);
    svg.tooltip(&[ends].into_iter().chain(label.flow.map(Flow::text)).collect::<Vec<_>>());
    let (x, y) = route.last().map_or((0.0, 0.0), |last| (last.x, last.bottom));
    let data = route_data(route);
    let color = label.flow.map_or("#777777", Flow::color);
    let line = match label.flow {
        Some(flow) => stroke(flow, width, &data),
        None => format!("d=\"{data}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\"", px(width)),
    };
    svg.element("path", &format!("id=\"{}\" class=\"edge {class}\" {line}", label.id));
    let half = 3.6 + width / 3.0;
    let tip = path_data([(x - half, y - TIP), (x + half, y - TIP), (x, y)], true);
    svg.element("path", &format!("class=\"tip\" d=\"{tip}\" fill=\"{color}\""));
    svg.close("g");
}

/// A curve that is vertical within the rows and bends between them, up to the arrowhead.
fn route_data(route: &[Span]) -> String {
    let mut data = String::new();
    let end = route.last().map_or(0.0, |last| last.bottom - TIP + 0.5);
    for (index, span) in route.iter().enumerate() {
        let (top, bottom) = (span.top.min(end), span.bottom.min(end));
        let x = px(span.x);
        if index == 0 {
            let _ = write!(data, "M{x} {}", px(top));
        } else {
            let before = route[index - 1].bottom;
            let middle = px((before + top) / 2.0);
            let _ = write!(data, "C{} {middle} {x} {middle} {x} {}", px(route[index - 1].x), px(top));
        }
        if px(bottom) != px(top) {
            let _ = write!(data, "V{}", px(bottom));
        }
    }
    data
}
