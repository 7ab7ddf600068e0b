//! The boxes of nodes: their size, outline and text.

use super::layout::Rect;
use super::node::{Kind, LineKind, Node};
use downhill_plot::Point;
use downhill_plot::svg::{Anchor, INK, LABEL_SIZE, Svg, TICK_SIZE, fit_text, path_data, text_width};

/// The largest width of text in pixels; longer text is cut.
const MAX_TEXT_WIDTH: f64 = 310.0;
const PADDING: f64 = 14.0;
const TITLE_ROW: f64 = 20.0;
const ROW: f64 = 17.0;
const LINE_SIZE: f64 = TICK_SIZE - 1.0;
const NUMBER_SIZE: f64 = 10.0;

/// Bold letters are wider than those that are measured.
const BOLD: f64 = 1.1;

/// The colour of gradients, in nodes and on edges.
const GRADIENT_INK: &str = "#a85a00";

impl Kind {
    /// The name of a kind in legends and, as a class, in SVG.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Parameter => "parameter",
            Kind::Data => "data",
            Kind::Operation => "operation",
            Kind::Loss => "loss",
            Kind::Module => "module",
        }
    }

    /// The fill and the outline colour of a kind.
    pub(crate) fn colors(self) -> (&'static str, &'static str) {
        match self {
            Kind::Parameter => ("#dbeaf6", "#0072b2"),
            Kind::Data => ("#dcf1e8", "#00805d"),
            Kind::Operation => ("#ffffff", "#555555"),
            Kind::Loss => ("#fde3d5", "#d55e00"),
            Kind::Module => ("#ece8f4", "#6a51a3"),
        }
    }
}

/// The width and height of a node's box.
pub(crate) fn size(node: &Node) -> (f64, f64) {
    // The number is to the left of the title, which stays centred.
    let title = text_width(&node.title, BOLD * LABEL_SIZE).min(MAX_TEXT_WIDTH) + 2.0 * (number_width(node) + 4.0);
    let lines = node.rows().map(|(_, line)| text_width(&line, LINE_SIZE).min(MAX_TEXT_WIDTH));
    let width = lines.fold(title, f64::max) + 2.0 * PADDING;
    (width.ceil(), 11.0 + TITLE_ROW + ROW * node.rows().count() as f64)
}

fn number_width(node: &Node) -> f64 {
    text_width(&number(node), NUMBER_SIZE)
}

fn number(node: &Node) -> String {
    if node.kind == Kind::Module { String::new() } else { format!("%{}", node.number) }
}

/// Draws the box and the text of a node.
pub(crate) fn draw(node: &Node, rect: &Rect, svg: &mut Svg) {
    outline(node.kind, rect, svg);
    let middle = rect.left + rect.width / 2.0;
    // The sides of a data node are slanted.
    let lean = if node.kind == Kind::Data { 3.0 } else { 0.0 };
    let tag = (rect.left + PADDING - 4.0 + lean, rect.top + 18.0);
    svg.text(tag, Anchor::Start, NUMBER_SIZE, " fill=\"#777777\"", &number(node));
    let title = fit_text(&node.title, MAX_TEXT_WIDTH, BOLD * LABEL_SIZE);
    svg.text((middle, rect.top + 19.0), Anchor::Middle, LABEL_SIZE, " font-weight=\"bold\"", &title);
    for (index, (kind, line)) in node.rows().enumerate() {
        let y = rect.top + 4.0 + TITLE_ROW + ROW * (index as f64 + 0.72);
        let attributes = match kind {
            LineKind::Plain => " fill=\"#666666\"".to_string(),
            LineKind::Value => format!(" class=\"value\" fill=\"{INK}\""),
            LineKind::Gradient => format!(" class=\"gradient\" fill=\"{GRADIENT_INK}\""),
        };
        svg.text((middle, y), Anchor::Middle, LINE_SIZE, &attributes, &fit_text(&line, MAX_TEXT_WIDTH, LINE_SIZE));
    }
}

/// Draws the shape, which distinguishes the kinds without colours.
pub(crate) fn outline(kind: Kind, rect: &Rect, svg: &mut Svg) {
    let (fill, stroke) = kind.colors();
    let look = format!("fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"");
    let (left, top, right, bottom) = (rect.left, rect.top, rect.left + rect.width, rect.top + rect.height);
    let cut = (rect.height / 4.0).min(9.0);
    let polygon = |points: &[Point], svg: &mut Svg| {
        svg.element("path", &format!("class=\"box\" d=\"{}\" {look}", path_data(points.iter().copied(), true)));
    };
    match kind {
        Kind::Parameter => rounded(rect, 2.0, &look, svg),
        Kind::Operation => rounded(rect, (rect.height / 2.0).min(13.0), &look, svg),
        Kind::Data => polygon(&[(left + cut, top), (right, top), (right - cut, bottom), (left, bottom)], svg),
        Kind::Loss => {
            let (inner_left, inner_right) = (left + cut, right - cut);
            let (upper, lower) = (top + cut, bottom - cut);
            let points = [
                (inner_left, top),
                (inner_right, top),
                (right, upper),
                (right, lower),
                (inner_right, bottom),
                (inner_left, bottom),
                (left, lower),
                (left, upper),
            ];
            polygon(&points, svg);
        }
        Kind::Module => {
            // A second sheet is visible behind the first.
            let inner = Rect { width: rect.width - 4.0, height: rect.height - 4.0, ..*rect };
            let behind = Rect { left: rect.left + 4.0, top: rect.top + 4.0, ..inner };
            rounded(&behind, 4.0, &look, svg);
            rounded(&inner, 4.0, &look, svg);
        }
    }
}

fn rounded(rect: &Rect, radius: f64, look: &str, svg: &mut Svg) {
    let attributes = format!("class=\"box\" rx=\"{radius}\" {look}");
    svg.rect((rect.left, rect.top), rect.width, rect.height, &attributes);
}

/// The name of a module as displayed, and its width in bold.
pub(crate) fn fit_name(name: &str) -> String {
    fit_text(name, MAX_TEXT_WIDTH, BOLD * TICK_SIZE)
}

pub(crate) fn name_width(name: &str) -> f64 {
    text_width(name, BOLD * TICK_SIZE).min(MAX_TEXT_WIDTH)
}
