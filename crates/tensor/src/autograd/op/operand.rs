//! A tensor as an operand: given away or only read.

use crate::array::Array;
use crate::autograd::node::Edge;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;

/// A tensor that is given away, so that its buffer may be reused, or one that is kept.
pub enum Operand<'a, T: Element> {
    /// Owned by the operation from now on.
    Given(Tensor<T>),
    /// Only read.
    Kept(&'a Tensor<T>),
}

impl<T: Element> Operand<'_, T> {
    pub(super) fn tensor(&self) -> &Tensor<T> {
        match self {
            Operand::Given(tensor) => tensor,
            Operand::Kept(tensor) => tensor,
        }
    }

    /// The value; the way for a gradient goes to `edge`.
    #[inline]
    pub(super) fn take_parts(&mut self, edge: &mut Option<Edge<T>>) -> Array<T> {
        match self {
            Operand::Given(tensor) => tensor.take_parts(edge),
            Operand::Kept(tensor) => tensor.parts(edge),
        }
    }

    #[inline]
    pub(super) fn take_array(&mut self) -> Array<T> {
        match self {
            Operand::Given(tensor) => tensor.take_parts(&mut None),
            Operand::Kept(tensor) => tensor.array(),
        }
    }

    /// The handle, if its value was taken out of the slot.
    #[inline]
    pub(super) fn vacated(self) -> Option<Tensor<T>> {
        match self {
            Operand::Given(mut tensor) => tensor.is_vacated().then_some(tensor),
            Operand::Kept(_) => None,
        }
    }
}

impl<T: Element> From<Tensor<T>> for Operand<'_, T> {
    fn from(tensor: Tensor<T>) -> Self {
        Operand::Given(tensor)
    }
}

impl<'a, T: Element> From<&'a Tensor<T>> for Operand<'a, T> {
    fn from(tensor: &'a Tensor<T>) -> Self {
        Operand::Kept(tensor)
    }
}
