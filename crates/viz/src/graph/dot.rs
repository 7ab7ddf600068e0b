//! Writes a graph in the DOT language of Graphviz.

use std::fmt::Write;

use super::flow::{Flow, FlowScale};
use super::modules::{modules, named_within};
use super::node::{EdgeNames, Kind, Node};
use downhill_plot::svg::{INK, px};

/// The whole document.
pub(crate) fn dot(nodes: &[Node], title: &str) -> String {
    let modules = modules(nodes);
    let nodes = &named_within(nodes, &modules)[..];
    let scale = FlowScale::of_inputs(nodes);
    let mut text = String::from("digraph {\n");
    let _ = writeln!(text, "  graph [label={}, labelloc=t, fontname=Helvetica]", quoted(&[title]));
    let _ = writeln!(text, "  node [style=filled, fontname=Helvetica, fontsize=12, fontcolor={}]", quoted(&[INK]));
    for (index, node) in nodes.iter().enumerate() {
        let (fill, stroke) = node.kind.colors();
        let rows: Vec<String> = [node.numbered_title()].into_iter().chain(node.rows().map(|(_, row)| row)).collect();
        let style = if node.kind == Kind::Operation { "\"rounded,filled\"" } else { "filled" };
        let _ = writeln!(
            text,
            "  n{number} [id=n{number}, label={label}, tooltip={tooltip}, shape={shape}, style={style}, \
             fillcolor=\"{fill}\", color=\"{stroke}\"]",
            number = nodes[index].number,
            label = quoted(&rows),
            tooltip = quoted(&node.tooltip),
            shape = shape(node.kind),
        );
    }
    for (index, module) in modules.iter().enumerate() {
        let members: Vec<String> = module.nodes.iter().map(|&node| format!("n{}", nodes[node].number)).collect();
        let _ = writeln!(
            text,
            "  subgraph cluster_{index} {{ label={}; style=\"rounded,filled\"; color=\"#c3c8d0\"; \
             fillcolor=\"#f4f5f7\"; {} }}",
            quoted(&[&module.name]),
            members.join("; ")
        );
    }
    let names = EdgeNames::of(nodes);
    for (consumer, node) in nodes.iter().enumerate() {
        for (position, input) in node.inputs.iter().enumerate() {
            let (from, id) = (nodes[input.node].number, names.name(consumer, position));
            let look = scale.map_or_else(String::new, |scale| {
                let flow = Flow::of(input.strength);
                let style = match flow {
                    Flow::None => "dashed",
                    Flow::Zero => "dotted",
                    Flow::NotFinite | Flow::Norm(_) => "solid",
                };
                let (color, width) = (flow.color(), px(scale.width(flow)));
                format!(", color=\"{color}\", style={style}, penwidth={width}, tooltip={}", quoted(&[flow.text()]))
            });
            let _ = writeln!(text, "  n{from} -> n{} [id=\"{id}\"{look}]", node.number);
        }
    }
    text.push_str("}\n");
    text
}

fn shape(kind: Kind) -> &'static str {
    match kind {
        Kind::Parameter | Kind::Operation => "box",
        Kind::Data => "parallelogram",
        Kind::Loss => "octagon",
        Kind::Module => "box3d",
    }
}

/// A quoted string with line breaks escaped. HTML entities are decoded in strings too, so `&` is written as one.
fn quoted<S: AsRef<str>>(lines: &[S]) -> String {
    let mut text = String::from("\"");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            text.push_str("\\n");
        }
        for character in line.as_ref().chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '&' => text.push_str("&amp;"),
                '\n' => text.push_str("\\n"),
                c if c.is_control() => text.push(' '),
                c => text.push(c),
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let cases: [(&[&str], &str); 5] = [
            (&["conv1", "[4, 6]"], r#""conv1\n[4, 6]""#),
            (&["a \"quoted\" \\N"], r#""a \"quoted\" \\N""#),
            (&["<b> & &lt;"], r#""<b> &amp; &amp;lt;""#),
            (&["two\nlines\tand a tab"], r#""two\nlines and a tab""#),
            (&["权重 ∂L/∂w"], r#""权重 ∂L/∂w""#),
        ];
        for (lines, text) in cases {
            assert_eq!(quoted(lines), text);
        }
    }
}
