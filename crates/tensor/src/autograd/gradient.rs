//! A gradient during the backward pass: a bare array until a tensor is needed.

use crate::array::Array;
use crate::array::reduce::sum_to;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::shape::Shape;

/// The gradient of a node, or a contribution to it.
pub(crate) enum Gradient<T: Element> {
    /// Without a graph. Most gradients never need one, and creating a tensor costs more than a small sum.
    Values(Array<T>),
    /// From a backward rule written with tensors; it has a graph with `create_graph`.
    Tensor(Tensor<T>),
}

impl<T: Element> Gradient<T> {
    pub(crate) fn shape(&self) -> &Shape {
        match self {
            Gradient::Values(values) => values.shape_ref(),
            Gradient::Tensor(tensor) => tensor.shape_ref(),
        }
    }

    /// A snapshot of this gradient.
    pub(crate) fn snapshot(&self) -> Self {
        match self {
            Gradient::Values(values) => Gradient::Values(values.clone()),
            Gradient::Tensor(tensor) => Gradient::Tensor(tensor.snapshot()),
        }
    }

    /// The values, detached.
    pub(crate) fn array(&self) -> Array<T> {
        match self {
            Gradient::Values(values) => values.clone(),
            Gradient::Tensor(tensor) => tensor.array(),
        }
    }

    /// The values as a detached tensor.
    pub(crate) fn to_tensor(&self) -> Tensor<T> {
        Tensor::from_array(self.array())
    }

    /// The values, detached; they are not shared if the gradient was not. The tensor that they were taken out of goes
    /// to `slot`, so that the result of a rule can reuse it.
    #[inline]
    pub(crate) fn take_array(self, slot: &mut Option<Tensor<T>>) -> Array<T> {
        match self {
            Gradient::Values(values) => values,
            Gradient::Tensor(tensor) => slot.insert(tensor).take_parts(&mut None),
        }
    }

    pub(crate) fn into_tensor(self) -> Tensor<T> {
        match self {
            Gradient::Values(values) => Tensor::from_array(values),
            Gradient::Tensor(tensor) => tensor,
        }
    }

    /// The sum with another gradient, in place if one of them is not shared.
    pub(crate) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Gradient::Values(a), Gradient::Values(b)) => Gradient::Values(a.zip("add", b, T::plus)),
            (a, b) => Gradient::Tensor(a.into_tensor().plus(b.into_tensor())),
        }
    }

    /// The sum over the dimensions in which a tensor of the node's shape was broadcast.
    pub(crate) fn sum_to(self, node: &NodeRef<T>) -> Self {
        match self {
            Gradient::Values(values) => Gradient::Values(sum_to(values, &node.shape())),
            Gradient::Tensor(tensor) => Gradient::Tensor(tensor.sum_to(&node.shape())),
        }
    }
}
