//! Finds the nodes of each module that can be drawn in one box.

use std::collections::{BTreeMap, HashSet};

use super::node::Node;

/// The nodes of one application of a module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// Indices of nodes, in order.
    pub(crate) nodes: Vec<usize>,
}

/// The modules with at least two nodes. No path between two nodes of a module leads through nodes outside it. A
/// module that is applied again appears again; its parameters stay with the first use.
pub(crate) fn modules(nodes: &[Node]) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    let mut owner: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut latest: BTreeMap<&str, usize> = BTreeMap::new();
    let mut first_use: Vec<Option<usize>> = vec![None; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        node.inputs.iter().for_each(|input| first_use[input.node] = Some(index));
    }
    for (index, node) in nodes.iter().enumerate().filter(|(_, node)| !node.inputs.is_empty()) {
        let Some(name) = node.group.as_deref() else { continue };
        let module = latest.get(name).copied().filter(|&module| !detours(nodes, &owner, &modules, module, index));
        let module = module.unwrap_or_else(|| {
            modules.push(Module { name: name.to_string(), nodes: Vec::new() });
            modules.len() - 1
        });
        latest.insert(name, module);
        modules[module].nodes.push(index);
        owner[index] = Some(module);
        for input in &node.inputs {
            let source = &nodes[input.node];
            if source.inputs.is_empty() && source.group == node.group && first_use[input.node] == Some(index) {
                modules[module].nodes.push(input.node);
                owner[input.node] = Some(module);
                first_use[input.node] = None;
            }
        }
    }
    modules.retain(|module| module.nodes.len() > 1);
    modules.iter_mut().for_each(|module| module.nodes.sort_unstable());
    modules
}

/// The nodes with titles shortened by the name of the enclosing module: `weight` for `conv1.weight`.
pub(crate) fn named_within(nodes: &[Node], modules: &[Module]) -> Vec<Node> {
    let mut named = nodes.to_vec();
    for module in modules {
        for &node in &module.nodes {
            let title = &mut named[node].title;
            let within = title.strip_prefix(&module.name).and_then(|rest| rest.strip_prefix('.'));
            if let Some(within) = within.filter(|within| !within.is_empty()) {
                *title = within.to_string();
            }
        }
    }
    named
}

/// Whether a path leads from a module through other nodes to the node.
fn detours(nodes: &[Node], owner: &[Option<usize>], modules: &[Module], module: usize, node: usize) -> bool {
    let start = modules[module].nodes[0];
    let mut seen = HashSet::new();
    let mut pending: Vec<usize> = nodes[node].inputs.iter().map(|input| input.node).collect();
    pending.retain(|&input| owner[input] != Some(module));
    while let Some(next) = pending.pop() {
        if owner[next] == Some(module) {
            return true;
        }
        let own = [next];
        let together = owner[next].map_or(&own[..], |other| &modules[other].nodes);
        // Nothing made before the module's first node can depend on it.
        if seen.contains(&next) || together.iter().all(|&member| member < start) {
            continue;
        }
        seen.extend(together.iter().copied());
        pending.extend(together.iter().flat_map(|&member| nodes[member].inputs.iter().map(|input| input.node)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::samples;

    #[test]
    fn modules_hold_what_no_path_leaves_and_enters_again() {
        type Expected = &'static [(&'static str, &'static [usize])];
        let cases: [(Vec<Node>, Expected); 5] = [
            (samples::linear_regression(), &[]),
            (samples::two_layers(), &[("fc1", &[1, 2, 3, 4]), ("fc2", &[5, 6, 7])]),
            // The second use of the trunk depends on the heads; as a single node it needs no box.
            (
                samples::branches(),
                &[("trunk", &[1, 2, 3]), ("policy", &[4, 5, 6]), ("value", &[7, 8, 9]), ("value2", &[10, 11, 12])],
            ),
            (samples::recurrent(), &[("cell", &[1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17])]),
            (samples::residual(1), &[("block0.fc1", &[1, 2, 3]), ("block0.fc2", &[4, 5, 6])]),
        ];
        for (nodes, expected) in cases {
            let found = modules(&nodes);
            let found: Vec<(&str, &[usize])> = found.iter().map(|of| (of.name.as_str(), &of.nodes[..])).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn names_inside_a_module_are_short() {
        let nodes = samples::two_layers();
        let named = named_within(&nodes, &modules(&nodes));
        let titles: Vec<&str> = named.iter().map(|node| node.title.as_str()).collect();
        assert_eq!(titles[1..6], ["weight", "bias", "linear", "relu", "weight"]);
        assert_eq!(titles[8], "labels");
    }
}
