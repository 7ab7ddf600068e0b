//! Writes a graph in the Mermaid language, which many sites render in Markdown.

use std::fmt::Write;

use super::flow::{Flow, FlowScale};
use super::modules::{modules, named_within};
use super::node::{Kind, Node};
use downhill_plot::svg::{INK, px};

/// The whole document.
pub(crate) fn mermaid(nodes: &[Node], title: &str) -> String {
    let modules = modules(nodes);
    let nodes = &named_within(nodes, &modules)[..];
    let mut text = String::new();
    if !title.is_empty() {
        // The title is YAML, which reads quoted strings as JSON does.
        let title = title.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ");
        let _ = writeln!(text, "---\ntitle: \"{title}\"\n---");
    }
    text.push_str("flowchart TB\n");
    let mut inside = vec![false; nodes.len()];
    for (index, module) in modules.iter().enumerate() {
        let _ = writeln!(text, "  subgraph m{index}[\"{}\"]", escaped(&module.name));
        for &node in &module.nodes {
            inside[node] = true;
            let _ = writeln!(text, "    {}", declaration(&nodes[node]));
        }
        text.push_str("  end\n");
    }
    for (node, _) in nodes.iter().zip(inside).filter(|(_, inside)| !inside) {
        let _ = writeln!(text, "  {}", declaration(node));
    }
    let inputs = || nodes.iter().flat_map(|node| node.inputs.iter().map(move |input| (input, node)));
    for (input, node) in inputs() {
        let _ = writeln!(text, "  n{} --> n{}", nodes[input.node].number, node.number);
    }
    if let Some(scale) = FlowScale::of_inputs(nodes) {
        for (index, (input, _)) in inputs().enumerate() {
            let flow = Flow::of(input.strength);
            let (color, width) = (flow.color(), px(scale.width(flow)));
            let dash = flow.dash();
            let dash = if dash.is_empty() { String::new() } else { format!(",stroke-dasharray:{dash}") };
            let _ = writeln!(text, "  linkStyle {index} stroke:{color},stroke-width:{width}px{dash}");
        }
    }
    let mut kinds: Vec<Kind> = nodes.iter().map(|node| node.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let (fill, stroke) = kind.colors();
        let _ = writeln!(text, "  classDef {} fill:{fill},stroke:{stroke},color:{INK}", kind.name());
    }
    text
}

/// A node with its shape and text, and its kind as a class.
fn declaration(node: &Node) -> String {
    let (open, close) = match node.kind {
        Kind::Parameter => ("[", "]"),
        Kind::Data => ("[/", "/]"),
        Kind::Operation => ("(", ")"),
        Kind::Loss => ("{{", "}}"),
        Kind::Module => ("[[", "]]"),
    };
    let rows: Vec<String> = [node.numbered_title()].into_iter().chain(node.rows().map(|(_, row)| row)).collect();
    let rows: Vec<String> = rows.iter().map(|row| escaped(row)).collect();
    format!("n{}{open}\"{}\"{close}:::{}", node.number, rows.join("<br/>"), node.kind.name())
}

/// Text inside quotes: characters with a meaning in Mermaid, its Markdown or HTML are written as character codes.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '#' | '<' | '>' | '&' | '%' | '`' | '\\' | '*' | '_' | '{' | '}' | ';' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_quotes() {
        let cases = [
            ("[4, 6]", "[4, 6]"),
            ("%3 \"w\"", "#37;3 #34;w#34;"),
            ("<b> & #1; `x`", "#60;b#62; #38; #35;1#59; #96;x#96;"),
            ("two\nlines \\", "two lines #92;"),
            ("权重 ∂L/∂w", "权重 ∂L/∂w"),
        ];
        for (text, found) in cases {
            assert_eq!(escaped(text), found);
        }
    }
}
