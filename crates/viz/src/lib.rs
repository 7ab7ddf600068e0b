//! Pictures of training: the computation graph of a tape, a page to step through it, and the plots of
//! `downhill-plot`.
//!
//! A [`Graph`] and a [`Page`] take a tape of `downhill-tensor`; a [`Plot`], an [`ImageSheet`] and a [`Grid`] take
//! plain numbers. None of them needs a font or a system library, and all draw the same bytes for the same numbers.
//!
//! ```
//! use downhill_tensor::{Tape, Tensor};
//! use downhill_viz::Graph;
//!
//! let w = Tensor::from([2.0]).requires_grad_(true).named("w");
//! let (_, tape) = Tape::record(|| w.square().sum().backward());
//! assert!(Graph::of(&tape).to_svg().contains("square"));
//! ```

mod graph;
mod page;

pub use downhill_plot::{Grid, ImageSheet, Levels, Plot, Point};
pub use graph::Graph;
pub use page::Page;
