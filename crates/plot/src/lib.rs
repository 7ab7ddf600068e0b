//! Plots of plain numbers, as SVG and in the terminal: loss curves, descent paths over a function or over contours,
//! small images.
//!
//! It takes `f64` numbers and closures, needs no font and no system library, and draws the same bytes for the same
//! numbers. Numbers that cannot be drawn (NaN, infinity, zero or below on a log axis) leave a gap; a cross marks the
//! last number before the gap, and the legend says what followed.
//!
//! ```
//! use downhill_plot::Plot;
//!
//! let losses = [(0.0, 14.0), (1.0, 0.3), (2.0, 0.001), (3.0, f64::INFINITY)];
//! let plot = Plot::new("Training").x_label("epoch").y_label("loss").log_y().curve("lr 5", &losses);
//! assert!(plot.to_svg().contains("lr 5 (inf at 3)"));
//! println!("{}", plot.to_terminal(80, 24));
//! ```
//!
//! Other kinds of drawings, such as the graphs of `downhill-viz`, are built from [`svg`], [`number`], [`mod@file`]
//! and [`jupyter`].

mod axis;
mod bands;
mod canvas;
mod colors;
mod contour;
pub mod file;
mod frame;
mod grid;
mod image_sheet;
pub mod jupyter;
mod legend;
mod line;
pub mod number;
mod picture;
mod plot;
mod ranges;
mod series;
mod stroke;
pub mod svg;
mod terminal;
mod ticks;

pub use contour::Levels;
pub use grid::Grid;
pub use image_sheet::ImageSheet;
pub use plot::Plot;
pub use series::Point;
