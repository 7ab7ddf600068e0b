//! What tools may know of an operation without knowing its name.

use crate::base::element::Kind;

/// How the elements of an output come from those of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpKind {
    /// Each is computed from the elements at the same place, broadcast.
    Elementwise,
    /// Each is one of the elements at the same place or a plain number, as a mask says. Nothing is computed.
    Masked,
    /// Each is computed from all elements of an input, or from all along some dimensions.
    Reduction,
    /// Each is an element of the input: the same numbers in another order or under another shape.
    View,
    /// In some other way.
    Other,
}

impl OpKind {
    /// Whether an element belongs to the elements of the inputs at the same place.
    pub fn is_elementwise(self) -> bool {
        matches!(self, OpKind::Elementwise | OpKind::Masked)
    }
}

/// An element that an operation or its derivative has made infinite or NaN, and the numbers it was made of: what
/// [`Op::remedy`](crate::Op::remedy) gives advice on.
#[derive(Clone, Debug)]
pub struct Anomaly<'a> {
    /// The element of each input at this place, where there is one.
    pub inputs: &'a [Option<f64>],
    /// Whether it is an element of the gradient of an input, and not of the output.
    pub is_backward: bool,
    /// What the element has become.
    pub became: f64,
    /// The type of the elements.
    pub kind: Kind,
    /// The number of elements of the first input.
    pub elements: usize,
}

impl Anomaly<'_> {
    /// The element of an input at this place, if there is one.
    pub fn input(&self, position: usize) -> Option<f64> {
        self.inputs.get(position).copied().flatten()
    }
}
