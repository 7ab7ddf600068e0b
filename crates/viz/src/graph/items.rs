//! The parts of a layered layout: boxes, and the links that run down between them.

/// A box to be placed.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) row_choice: RowChoice,
}

/// Which row an item may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowChoice {
    Free,
    /// The row above all others, where links enter.
    Top,
    /// The row below all others, where links leave.
    Bottom,
}

/// A line from one item down to another; offsets are measured from the centres of the items.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) from_offset: f64,
    pub(crate) to: usize,
    pub(crate) to_offset: f64,
}

/// A vertical piece of a line; the line curves from one to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) x: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}
