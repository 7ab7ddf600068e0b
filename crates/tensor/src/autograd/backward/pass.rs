//! The backward pass: from the outputs to the leaves, each node once, when its gradient is complete.
//!
//! Nodes carry a creation number, and a node is made after its inputs. So among the pending gradients, the one with
//! the largest number has no consumers left: its sum is complete. The only operation this file knows is `+`.

use super::pending::PendingSums;
use super::request::Request;
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::error::Error;

/// The pending gradients of one backward pass.
pub(crate) struct Pass<'a, T: Element> {
    pub(crate) request: Request,
    pub(crate) pending: PendingSums<T>,
    /// The requested gradients, sorted by the numbers of their nodes.
    pub(super) captures: &'a mut [(u64, Option<Tensor<T>>)],
}

impl<T: Element> Pass<'_, T> {
    /// Adds a contribution of the node's shape to its gradient, if that is needed.
    pub(crate) fn add(&mut self, node: NodeRef<T>, grad: Gradient<T>) {
        let id = node.id();
        if self.request.wants(id) {
            self.pending.add(id, node, grad);
        }
    }

    /// Stores the complete gradient of a node if it was requested.
    #[inline]
    pub(crate) fn capture(&mut self, id: u64, grad: &Gradient<T>) {
        if let Ok(place) = self.captures.binary_search_by_key(&id, |(wanted, _)| *wanted) {
            self.captures[place].1 = Some(grad.snapshot().into_tensor());
        }
    }

    /// Processes nodes until nothing is pending.
    pub(super) fn walk(&mut self) -> Result<(), Error> {
        while let Some((node, grad)) = self.pending.pop() {
            node.step(&node, grad, self)?;
        }
        Ok(())
    }
}
