//! The backward walk: from the outputs to the leaves, each node once, when its gradient is complete.
//!
//! Nodes carry a creation number, and a node is made after its inputs. So among the gradients that are pending, the
//! one with the largest number has no consumer left: its sum is complete and it can be taken. Nothing here knows an
//! operation but `+`.

use super::pending::PendingSums;
use super::request::Request;
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::error::Error;

/// The gradients on their way through the graph in one backward pass.
pub(crate) struct Pass<'a, T: Element> {
    pub(crate) request: Request,
    pub(crate) pending: PendingSums<T>,
    /// The gradients that were asked for, by the numbers of their nodes, in rising order.
    pub(super) captures: &'a mut [(u64, Option<Tensor<T>>)],
}

impl<T: Element> Pass<'_, T> {
    /// Adds a contribution to the gradient of a node, if it is needed. Its shape is that of the node.
    pub(crate) fn add(&mut self, node: NodeRef<T>, grad: Gradient<T>) {
        let id = node.id();
        if self.request.wants(id) {
            self.pending.add(id, node, grad);
        }
    }

    /// Keeps the finished gradient of a node that was asked for.
    #[inline]
    pub(crate) fn capture(&mut self, id: u64, grad: &Gradient<T>) {
        if let Ok(place) = self.captures.binary_search_by_key(&id, |(wanted, _)| *wanted) {
            self.captures[place].1 = Some(grad.snapshot().into_tensor());
        }
    }

    /// Walks until nothing is pending.
    pub(super) fn walk(&mut self) -> Result<(), Error> {
        while let Some((node, grad)) = self.pending.pop() {
            node.step(&node, grad, self)?;
        }
        Ok(())
    }
}
