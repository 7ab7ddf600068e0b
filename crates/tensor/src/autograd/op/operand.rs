//! A tensor as an operand: owned or borrowed.

use crate::array::Array;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;

/// A tensor that is passed by value, so that its buffer may be reused, or by reference.
pub enum Operand<'a, T: Element> {
    /// Passed by value: the operation owns it.
    Owned(Tensor<T>),
    /// Passed by reference: only read.
    Borrowed(&'a Tensor<T>),
}

impl<T: Element> Operand<'_, T> {
    pub(super) fn tensor(&self) -> &Tensor<T> {
        match self {
            Operand::Owned(tensor) => tensor,
            Operand::Borrowed(tensor) => tensor,
        }
    }

    /// The value; the node that gets its gradient is written to `edge`.
    #[inline]
    pub(super) fn take_parts(&mut self, edge: &mut Option<NodeRef<T>>) -> Array<T> {
        match self {
            Operand::Owned(tensor) => tensor.take_parts(edge),
            Operand::Borrowed(tensor) => tensor.parts(edge),
        }
    }

    #[inline]
    pub(super) fn take_array(&mut self) -> Array<T> {
        match self {
            Operand::Owned(tensor) => tensor.take_parts(&mut None),
            Operand::Borrowed(tensor) => tensor.array(),
        }
    }

    /// The handle, if its value was taken out of the slot, so that the slot can be reused.
    #[inline]
    pub(super) fn vacated(self) -> Option<Tensor<T>> {
        match self {
            Operand::Owned(tensor) => tensor.into_vacated(),
            Operand::Borrowed(_) => None,
        }
    }
}

impl<T: Element> From<Tensor<T>> for Operand<'_, T> {
    fn from(tensor: Tensor<T>) -> Self {
        Operand::Owned(tensor)
    }
}

impl<'a, T: Element> From<&'a Tensor<T>> for Operand<'a, T> {
    fn from(tensor: &'a Tensor<T>) -> Self {
        Operand::Borrowed(tensor)
    }
}
