//! The contents of the nodes and edges of a graph, as plain text and numbers.

use std::collections::HashSet;

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Parameter,
    Data,
    Operation,
    Loss,
    /// All nodes of a module, drawn as one.
    Module,
}

/// The kind of a line in a node, which determines its colour and whether it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    Plain,
    Value,
    Gradient,
}

/// A node: an entry of a tape, or a collapsed module.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its number on the tape; for a module, that of its last operation.
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) lines: Vec<(LineKind, String)>,
    /// The tooltip.
    pub(crate) tooltip: Vec<String>,
    /// The module it belongs to, such as `conv1`.
    pub(crate) group: Option<String>,
    pub(crate) inputs: Vec<Input>,
    /// The numbers of the tape entries it represents.
    pub(crate) entries: Vec<usize>,
}

/// An edge, stored at the consuming node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    /// The index of the consumed node.
    pub(crate) node: usize,
    /// The norm of the gradient that flowed back along the edge, `None` without one.
    pub(crate) strength: Option<f64>,
}

impl Node {
    /// The lines below the title.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (LineKind, String)> {
        std::iter::once((LineKind::Plain, format!("{:?}", self.shape))).chain(self.lines.iter().cloned())
    }

    /// The title with the number on the tape; a module has no number.
    pub(crate) fn numbered_title(&self) -> String {
        if self.kind == Kind::Module { self.title.clone() } else { format!("%{} {}", self.number, self.title) }
    }
}

/// The stable ids of edges in a picture: `e0-2`, with the position among the inputs (`e0-2-1`) where a node consumes
/// another more than once.
pub(crate) struct EdgeNames<'a> {
    nodes: &'a [Node],
    /// The pairs of consumer and source that several edges join.
    several: HashSet<(usize, usize)>,
}

impl<'a> EdgeNames<'a> {
    pub(crate) fn of(nodes: &'a [Node]) -> Self {
        let (mut once, mut several) = (HashSet::new(), HashSet::new());
        for (consumer, node) in nodes.iter().enumerate() {
            let again = node.inputs.iter().map(|input| (consumer, input.node)).filter(|&ends| !once.insert(ends));
            several.extend(again);
        }
        EdgeNames { nodes, several }
    }

    pub(crate) fn name(&self, consumer: usize, position: usize) -> String {
        let source = self.nodes[consumer].inputs[position].node;
        let (from, to) = (self.nodes[source].number, self.nodes[consumer].number);
        match self.several.contains(&(consumer, source)) {
            true => format!("e{from}-{to}-{position}"),
            false => format!("e{from}-{to}"),
        }
    }
}
