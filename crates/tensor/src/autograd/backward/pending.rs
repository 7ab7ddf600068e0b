//! The gradients that a backward pass has summed up so far.

use crate::array::Array;
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::base::element::Element;
use crate::base::shape::Shape;

/// The nodes that gradients have reached and that were not visited yet, sorted by creation number, the largest last. A
/// sorted list is faster than a heap for the handful that is pending at a time.
pub(crate) struct PendingSums<T: Element>(Vec<Pending<T>>);

/// A node that waits for its turn, with the sum of the gradients that have reached it.
struct Pending<T: Element> {
    id: u64,
    node: NodeRef<T>,
    /// `None` while [`InputGrads`](crate::InputGrads) adds a contribution to it.
    sum: Option<Gradient<T>>,
}

impl<T: Element> PendingSums<T> {
    pub(super) fn new() -> Self {
        PendingSums(Vec::new())
    }

    /// Adds a contribution to the gradient of a node.
    #[inline(always)]
    pub(super) fn add(&mut self, id: u64, node: NodeRef<T>, grad: Gradient<T>) {
        match self.0.binary_search_by_key(&id, |pending| pending.id) {
            Ok(place) => {
                let sum = &mut self.0[place].sum;
                *sum = Some(match sum.take() {
                    Some(sum) => sum.plus(grad),
                    None => grad,
                });
            }
            Err(place) if place == self.0.len() => self.0.push(Pending { id, node, sum: Some(grad) }),
            Err(place) => self.0.insert(place, Pending { id, node, sum: Some(grad) }),
        }
    }

    /// Takes the sum of a node out, if it has this shape, for a loop that adds a contribution while it computes it. The
    /// caller gives the result to [`PendingSums::add`]. The sum has no history, as no graph of the gradients is recorded
    /// where this is used.
    pub(crate) fn take(&mut self, id: u64, shape: &Shape) -> Option<Array<T>> {
        let place = self.0.binary_search_by_key(&id, |pending| pending.id).ok()?;
        let sum = self.0[place].sum.take_if(|sum| sum.shape() == shape)?;
        Some(sum.take_array(&mut None))
    }

    /// The node with the largest creation number and its gradient, which is complete.
    ///
    /// # Panics
    /// When the sum was taken and never given back: a fused rule went on after a panic while it was added to.
    pub(super) fn pop(&mut self) -> Option<(NodeRef<T>, Gradient<T>)> {
        let Pending { node, sum, .. } = self.0.pop()?;
        let Some(sum) = sum else {
            panic!("the gradient of `{}` was lost: a fused rule went on after adding to it had panicked", node.name())
        };
        Some((node, sum))
    }

    /// Keeps the nodes for which this holds.
    pub(super) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.0.retain(|pending| keep(pending.id));
    }

    /// The nodes with their gradients so far.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &NodeRef<T>, &Gradient<T>)> {
        self.0.iter().filter_map(|pending| Some((pending.id, &pending.node, pending.sum.as_ref()?)))
    }
}
