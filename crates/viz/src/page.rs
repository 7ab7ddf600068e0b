//! One HTML file to step through a tape: the graph, the numbers of each step, and why each gradient is what it is.

mod data;
mod explanations;
mod json;
mod shown;
mod source;

use std::io;
use std::path::Path;

use downhill_tensor::Tape;

use downhill_plot::{file, svg};

use crate::Graph;

/// With more values than this the graph shows modules as one node each; up to this many, the page scrolls with the
/// steps.
const MAX_NODES: usize = 150;

/// The parts of the script, in order.
const SCRIPT: &str = concat!(
    include_str!("page/elements.js"),
    include_str!("page/tensors.js"),
    include_str!("page/steps.js"),
    include_str!("page/graph.js"),
    include_str!("page/why.js"),
    include_str!("page/page.js"),
);

/// A tape as a page for the browser: a single HTML file that works offline and opens with a double click.
///
/// The reader steps through the forward pass and the recorded backward passes, with buttons, a slider or the arrow
/// keys. Beside the [`Graph`] are the formula of the step, its numbers, and the user's source lines if the files are
/// found from the program's working directory. A click on a number explains its gradient, in the words of
/// [`Tape::explain`].
///
/// ```
/// use downhill_tensor::{Tape, Tensor};
/// use downhill_viz::Page;
///
/// let w = Tensor::from([3.0]).requires_grad_(true).named("w");
/// let (_, tape) = Tape::record(|| w.square().sum().backward());
/// let page = Page::of(&tape).title("The slope of w²").to_html();
/// assert!(page.starts_with("<!doctype html>") && page.contains("∂L/∂w[0] = 6"));
/// ```
#[derive(Clone, Debug)]
pub struct Page<'a> {
    tape: &'a Tape,
    title: String,
    explanations: usize,
}

impl<'a> Page<'a> {
    /// The page of a tape. Backward passes are shown if they were recorded: call `backward()` in the closure.
    pub fn of(tape: &'a Tape) -> Page<'a> {
        Page { tape, title: "Backprop, step by step".to_string(), explanations: 2000 }
    }

    /// The title of the page.
    pub fn title(mut self, title: impl Into<String>) -> Page<'a> {
        self.title = title.into();
        self
    }

    /// The largest number of elements that are explained, 2000 by default: first those of parameters, then of values
    /// between them and the loss. Explaining one takes as long as a backward pass through one operation and two
    /// forward passes from there on.
    pub fn explanations(mut self, count: usize) -> Page<'a> {
        self.explanations = count;
        self
    }

    /// The page as an HTML document: the same bytes for the same tape.
    pub fn to_html(&self) -> String {
        let graph = Graph::of(self.tape);
        let graph = if self.tape.entries().len() > MAX_NODES { graph.collapse() } else { graph.expand() };
        format!(
            include_str!("page/page.html"),
            title = svg::escape(&self.title),
            style = include_str!("page/style.css"),
            graph = graph.to_svg(),
            data = data::json(self.tape, self.explanations),
            script = SCRIPT,
        )
    }

    /// Writes the page to a file, as [`Plot::save`](crate::Plot::save) does.
    ///
    /// # Errors
    /// If the folder or the file cannot be written; the message names the path.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        file::save(path.as_ref(), &self.to_html())
    }
}
