//! Pictures of a computation graph: our own SVG, DOT and Mermaid.

mod collapse;
mod coordinates;
mod dot;
mod draw;
mod flow;
mod items;
mod layered;
mod layout;
mod legend;
mod mermaid;
mod modules;
mod node;
mod order;
mod rows;
mod shape;
mod tape;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

use downhill_tensor::Tape;

use downhill_plot::{file, jupyter};
use node::{LineKind, Node};

/// With more nodes than this, each module is drawn as one node by default; a larger graph is not readable on a page.
const MAX_NODES: usize = 24;

/// A picture of the computation graph on a tape, from data and parameters at the top to the loss at the bottom.
///
/// Each node shows its number on the tape, its name or operation, its shape, and its value and gradient where they
/// are small. The width of an edge shows the norm of the gradient that flowed back along it, on a log scale; an edge
/// without a gradient is grey and dashed. A tooltip shows the formula and the derivatives of an operation.
///
/// ```
/// use downhill_tensor::{Tape, Tensor};
/// use downhill_viz::Graph;
///
/// let x = Tensor::from([[1.0], [2.0]]).named("x");
/// let w = Tensor::from([[3.0]]).requires_grad_(true).named("w");
/// let (_, tape) = Tape::record(|| x.matmul(&w).square().mean().backward());
/// let graph = Graph::of(&tape).title("The mean of (x w)²");
/// assert!(graph.to_svg().contains("grad [[15]]"));
/// assert!(graph.to_mermaid().contains("n1 --> n2"));
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    title: String,
    collapsed: Option<bool>,
    values: bool,
    gradients: bool,
}

impl Graph {
    /// The graph of a tape, with the gradients that reached each edge in the last backward pass.
    ///
    /// Modules are identified by the names of their parameters ([`Tape::with_names`]).
    pub fn of(tape: &Tape) -> Graph {
        Graph::new(tape::nodes(tape))
    }

    fn new(nodes: Vec<Node>) -> Graph {
        Graph { nodes, title: String::new(), collapsed: None, values: true, gradients: true }
    }

    /// The title of the graph.
    pub fn title(mut self, title: impl Into<String>) -> Graph {
        self.title = title.into();
        self
    }

    /// Draws every node. By default, modules are drawn as one node each if there are more than 24 nodes.
    pub fn expand(mut self) -> Graph {
        self.collapsed = Some(false);
        self
    }

    /// Draws each module as one node, with its operations and the shape of its output.
    pub fn collapse(mut self) -> Graph {
        self.collapsed = Some(true);
        self
    }

    /// Leaves out the values of small tensors.
    pub fn without_values(mut self) -> Graph {
        self.values = false;
        self
    }

    /// Leaves out gradients, in nodes and on edges.
    pub fn without_gradients(mut self) -> Graph {
        self.gradients = false;
        self
    }

    /// The picture as an SVG document: the same bytes for the same graph.
    ///
    /// Scripts may rely on these names. A node is a `<g id="n{number}" class="node {kind}">`, where the kind is
    /// `parameter`, `data`, `operation`, `loss` or `module`; `data-entries` lists the tape entries that it
    /// represents, its outline has the class `box`, and the lines with its value and its gradient have the classes
    /// `value` and `gradient`. A collapsed module has the number of its last operation. An edge is a `<path
    /// id="e{from}-{to}" class="edge {flow}">`, with `-{position}` added where a node consumes another more than
    /// once; the flow is `flow`, `zero-flow`, `nonfinite-flow`, `no-flow`, or `forward` in a graph without gradients.
    /// The arrowhead is the next element, of class `tip`.
    pub fn to_svg(&self) -> String {
        draw::svg(&self.shown(), &self.title)
    }

    /// The graph in the DOT language of Graphviz.
    pub fn to_dot(&self) -> String {
        dot::dot(&self.shown(), &self.title)
    }

    /// The graph in the Mermaid language, which many sites render in Markdown code blocks marked `mermaid`.
    pub fn to_mermaid(&self) -> String {
        mermaid::mermaid(&self.shown(), &self.title)
    }

    /// Writes the picture to a file in the format of its extension: `.svg`, `.dot` (or `.gv`) for Graphviz, `.mmd`
    /// for Mermaid.
    ///
    /// # Errors
    /// If the extension is another one, or the folder or the file cannot be written; the message names the path.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let text = match path.extension().and_then(OsStr::to_str) {
            Some("svg") => self.to_svg(),
            Some("dot" | "gv") => self.to_dot(),
            Some("mmd") => self.to_mermaid(),
            _ => {
                let text = format!("cannot write {}: a graph is saved as .svg, .dot or .mmd", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
            }
        };
        file::save(path, &text)
    }

    /// Shows the picture in Jupyter with the Rust kernel, which calls this for the value of a cell.
    pub fn evcxr_display(&self) {
        jupyter::display(&self.to_svg());
    }

    /// The nodes to draw with the current options.
    fn shown(&self) -> Cow<'_, [Node]> {
        let mut nodes = Cow::Borrowed(&self.nodes[..]);
        if !self.gradients {
            nodes.to_mut().iter_mut().flat_map(|node| &mut node.inputs).for_each(|input| input.strength = None);
        }
        if self.collapsed.unwrap_or(self.nodes.len() > MAX_NODES) {
            nodes = Cow::Owned(collapse::collapse(&nodes, MAX_NODES));
        }
        if !(self.values && self.gradients) {
            let hidden = |kind: LineKind| match kind {
                LineKind::Plain => false,
                LineKind::Value => !self.values,
                LineKind::Gradient => !self.gradients,
            };
            nodes.to_mut().iter_mut().for_each(|node| node.lines.retain(|(kind, _)| !hidden(*kind)));
        }
        nodes
    }
}

#[cfg(test)]
mod samples;
