//! Pictures of training: loss curves, descent paths over a function or over contours, and computation graphs, as SVG and
//! in the terminal.
//!
//! Plots take plain `f64` numbers and closures, a [`Graph`] and a [`Page`] to step through take a tape of
//! `downhill-tensor`. All of it needs no font and no system library, and draws the same bytes for the same numbers.
//! Numbers that cannot be drawn (NaN, infinity, zero or less on a log axis) leave a gap; a cross marks the last number
//! before the gap and the legend says what came next.
//!
//! ```
//! use downhill_viz::Plot;
//!
//! let losses = [(0.0, 14.0), (1.0, 0.3), (2.0, 0.001), (3.0, f64::INFINITY)];
//! let plot = Plot::new("Training").x_label("epoch").y_label("loss").log_y().curve("lr 5", &losses);
//! assert!(plot.to_svg().contains("lr 5 (inf at 3)"));
//! println!("{}", plot.to_terminal(80, 24));
//! ```

mod axis;
mod bands;
mod canvas;
mod colors;
mod contour;
mod file;
mod frame;
mod graph;
mod grid;
mod image_sheet;
mod jupyter;
mod legend;
mod line;
mod number;
mod page;
mod picture;
mod plot;
mod ranges;
mod series;
mod stroke;
mod svg;
mod terminal;
mod ticks;

pub use contour::Levels;
pub use graph::Graph;
pub use grid::Grid;
pub use image_sheet::ImageSheet;
pub use page::Page;
pub use plot::Plot;
