//! The kind of an operation, so that tools need not know names of operations.

use crate::base::element::Kind;

/// How the elements of the output depend on those of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpKind {
    /// Each is computed from the input elements at the same index, with broadcasting.
    Elementwise,
    /// Each is an input element at the same index or a plain number, selected by a mask. Nothing is computed.
    Masked,
    /// Each is computed from all elements of an input, or from all along some dimensions.
    Reduction,
    /// Each is an element of the input: the same values in another order or shape.
    View,
    /// In some other way.
    Other,
}

impl OpKind {
    /// Whether an output element depends only on the input elements at the same index.
    pub fn is_elementwise(self) -> bool {
        matches!(self, OpKind::Elementwise | OpKind::Masked)
    }
}

/// An element that an operation or its derivative has made infinite or NaN, with the numbers it was computed from,
/// for [`Op::remedy`](crate::Op::remedy).
#[derive(Clone, Debug)]
pub struct Anomaly<'a> {
    /// The element of each input at this index, if there is one.
    pub inputs: &'a [Option<f64>],
    /// Whether it is an element of the gradient of an input, and not of the output.
    pub is_backward: bool,
    /// The value of the element: infinity or NaN.
    pub became: f64,
    /// The type of the elements.
    pub kind: Kind,
    /// The number of elements of the first input.
    pub elements: usize,
}

impl Anomaly<'_> {
    /// The element of an input at this index, if there is one.
    pub fn input(&self, position: usize) -> Option<f64> {
        self.inputs.get(position).copied().flatten()
    }
}
