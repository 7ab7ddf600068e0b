//! What the nodes and edges of a graph say, as plain text and numbers.

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Parameter,
    Data,
    Operation,
    Loss,
    /// All nodes of a module, drawn as one.
    Module,
}

/// What a line of a node tells, which decides its colour and whether it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    Plain,
    Value,
    Gradient,
}

/// A node: an entry of a tape, or a collapsed module.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its number on the tape; of a module that of its last operation.
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) lines: Vec<(LineKind, String)>,
    /// What is shown when the pointer rests on it.
    pub(crate) tooltip: Vec<String>,
    /// The module it belongs to, such as `conv1`.
    pub(crate) group: Option<String>,
    pub(crate) inputs: Vec<Input>,
    /// The numbers of the entries of the tape it stands for.
    pub(crate) entries: Vec<usize>,
}

/// An edge, held by the node that consumes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    /// The index of the node that is consumed.
    pub(crate) node: usize,
    /// The norm of the gradient that flowed back along the edge, `None` if none did.
    pub(crate) strength: Option<f64>,
}

impl Node {
    /// What stands below the title.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (LineKind, String)> {
        std::iter::once((LineKind::Plain, format!("{:?}", self.shape))).chain(self.lines.iter().cloned())
    }

    /// The title with the number on the tape; a module has none.
    pub(crate) fn numbered_title(&self) -> String {
        if self.kind == Kind::Module { self.title.clone() } else { format!("%{} {}", self.number, self.title) }
    }
}

/// The stable name of an edge in a picture: `e0-2`, with the position among the inputs (`e0-2-1`) where a node consumes
/// another more than once.
pub(crate) fn edge_id(nodes: &[Node], consumer: usize, position: usize) -> String {
    let inputs = &nodes[consumer].inputs;
    let source = inputs[position].node;
    let several = inputs.iter().filter(|input| input.node == source).count() > 1;
    let (from, to) = (nodes[source].number, nodes[consumer].number);
    if several { format!("e{from}-{to}-{position}") } else { format!("e{from}-{to}") }
}
