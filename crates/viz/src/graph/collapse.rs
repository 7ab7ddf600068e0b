//! Collapses each module to one node, for graphs that are too large to show in full.

use std::collections::BTreeMap;

use super::modules::{Module, modules};
use super::node::{Input, Kind, LineKind, Node};
use downhill_plot::number::short;

/// The graph with its modules as nodes. Nested modules are shown separately as long as at most `limit` nodes remain:
/// `block1.conv1`, or else `block1`.
pub(crate) fn collapse(nodes: &[Node], limit: usize) -> Vec<Node> {
    let depth = |node: &Node| node.group.as_ref().map_or(0, |group| group.split('.').count());
    let deepest = nodes.iter().map(depth).max().unwrap_or(0);
    let mut collapsed = nodes.to_vec();
    for depth in (1..=deepest).rev() {
        collapsed = collapse_to(nodes, depth);
        if collapsed.len() <= limit {
            break;
        }
    }
    collapsed
}

/// The graph with modules collapsed at this depth of their names.
fn collapse_to(nodes: &[Node], depth: usize) -> Vec<Node> {
    let outer = |group: &String| group.split('.').take(depth).collect::<Vec<_>>().join(".");
    let regrouped = |node: &Node| Node { group: node.group.as_ref().map(outer), ..node.clone() };
    let nodes: Vec<Node> = nodes.iter().map(regrouped).collect();
    let modules = modules(&nodes);
    let mut module_of = vec![None; nodes.len()];
    for (module, of) in modules.iter().enumerate() {
        of.nodes.iter().for_each(|&node| module_of[node] = Some(module));
    }
    // A module takes the position of its last node.
    let stays =
        |&node: &usize| module_of[node].is_none_or(|module: usize| modules[module].nodes.last() == Some(&node));
    let kept: Vec<usize> = (0..nodes.len()).filter(stays).collect();
    let place_of = |node: usize| {
        let last = module_of[node].and_then(|module| modules[module].nodes.last().copied()).unwrap_or(node);
        kept.partition_point(|&kept| kept < last)
    };
    let rebuilt = |&node: &usize| {
        let own = [node];
        let members = module_of[node].map_or(&own[..], |module| &modules[module].nodes);
        let place = place_of(node);
        let mut inputs: Vec<Input> = Vec::new();
        let mut merged: BTreeMap<usize, usize> = BTreeMap::new();
        for input in members.iter().flat_map(|&member| &nodes[member].inputs) {
            let source = place_of(input.node);
            if source == place {
                continue;
            }
            let moved = Input { node: source, strength: input.strength };
            match merged.get(&source).filter(|_| module_of[node].is_some()) {
                Some(&index) => inputs[index].strength = joined(inputs[index].strength, moved.strength),
                None => {
                    merged.insert(source, inputs.len());
                    inputs.push(moved);
                }
            }
        }
        match module_of[node] {
            Some(module) => Node { inputs, ..summary(&modules[module], &nodes) },
            None => Node { inputs, ..nodes[node].clone() },
        }
    };
    kept.iter().map(rebuilt).collect()
}

/// The norm of two gradients taken together.
fn joined(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.hypot(b)),
        (a, b) => a.or(b),
    }
}

/// A node that stands for a module, without its inputs.
fn summary(module: &Module, nodes: &[Node]) -> Node {
    let members = || module.nodes.iter().map(|&node| &nodes[node]);
    let mut operations: Vec<&str> = Vec::new();
    operations.extend(members().filter(|node| !node.inputs.is_empty()).map(|node| node.title.as_str()));
    let last = members().rfind(|node| !node.inputs.is_empty());
    let mut lines = vec![(LineKind::Plain, operations.join(", "))];
    let parameters = members().filter(|node| node.kind == Kind::Parameter);
    let count: usize = parameters.map(|node| node.shape.iter().product::<usize>()).sum();
    if count > 0 {
        lines.push((LineKind::Plain, format!("{count} parameters")));
    }
    let inputs = members().flat_map(|node| &node.inputs);
    let of_parameters = inputs.filter(|input| nodes[input.node].kind == Kind::Parameter);
    if let Some(norm) = of_parameters.map(|input| input.strength).fold(None, joined) {
        lines.push((LineKind::Gradient, format!("grad norm {}", short(norm, 3))));
    }
    Node {
        number: last.map_or(0, |node| node.number),
        kind: Kind::Module,
        title: module.name.clone(),
        shape: last.map(|node| node.shape.clone()).unwrap_or_default(),
        lines,
        tooltip: members().map(Node::numbered_title).collect(),
        group: None,
        inputs: Vec::new(),
        entries: members().flat_map(|node| node.entries.iter().copied()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::samples;

    #[test]
    fn a_module_becomes_one_node() {
        let collapsed = collapse(&samples::lenet(), 60);
        let titles: Vec<&str> = collapsed.iter().map(|node| node.title.as_str()).collect();
        assert_eq!(titles, ["images", "conv1", "conv2", "fc1", "fc2", "fc3", "labels", "cross_entropy"]);
        let conv2 = &collapsed[2];
        assert_eq!((conv2.number, &conv2.entries[..]), (11, &[6, 7, 8, 9, 10, 11][..]));
        let rows: Vec<String> = conv2.rows().map(|(_, row)| row).collect();
        let expected = ["[4, 400]", "conv2d, relu, max_pool2d, reshape", "2416 parameters", "grad norm 0.316"]
            .map(str::to_string);
        assert_eq!(rows, expected);
        assert_eq!(conv2.inputs, [Input { node: 1, strength: Some(1e-4) }]);
        let entries: usize = collapsed.iter().map(|node| node.entries.len()).sum();
        assert_eq!(entries, samples::lenet().len(), "every entry is in one of the nodes");
    }

    #[test]
    fn inner_modules_show_as_long_as_the_limit_allows() {
        let nodes = samples::residual(12);
        // Two layers and a sum for each block, or all nodes; plus the data and the loss.
        for (limit, count) in [(100, 12 * 3 + 2), (38, 12 * 3 + 2), (37, 12 + 2), (1, 12 + 2)] {
            let collapsed = collapse(&nodes, limit);
            assert_eq!(collapsed.len(), count, "limit {limit}");
            assert!(collapsed.iter().all(|node| node.inputs.iter().all(|input| input.node < count)));
        }
        let block = &collapse(&nodes, 1)[1];
        assert_eq!((block.title.as_str(), block.entries.len(), block.inputs.len()), ("block0", 7, 1));
        // Two edges lead into the block: norms of 0.3.
        assert!((block.inputs[0].strength.unwrap() - 0.3 * 2f64.sqrt()).abs() < 1e-12);
    }
}
