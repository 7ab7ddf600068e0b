//! The backward walk: from the outputs to the leaves, each node once, when its gradient is complete.
//!
//! Nodes carry a creation number, and a node is made after its inputs. So among the gradients that are pending, the one with
//! the largest number has no consumer left: its sum is complete and it can be taken. Nothing here knows an operation but `+`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::array::Array;
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::error::Error;
use crate::base::shape::Shape;

/// The gradients on their way through the graph in one backward pass.
pub(crate) struct Pass<'a, T: Element> {
    /// Sorted by creation number, the largest last. A sorted list is faster than a heap for the handful that is
    /// pending at a time.
    pub(super) pending: RefCell<Vec<Pending<T>>>,
    pub(crate) retain_graph: bool,
    /// Whether leaves add to their `.grad`.
    pub(crate) accumulate: bool,
    /// Whether what passes a tensor with `retain_grad` is kept.
    pub(crate) retains: bool,
    /// The nodes that lead to a gradient that was asked for, in rising order; `None` when every leaf wants its own.
    pub(super) paths: Option<Vec<u64>>,
    pub(super) captures: &'a mut [(u64, Option<Tensor<T>>)],
    /// Whether somebody watches this thread.
    pub(crate) observed: bool,
}

/// A node that waits for its turn, with the sum of the gradients that have reached it.
pub(super) struct Pending<T: Element> {
    pub(super) id: u64,
    pub(super) edge: NodeRef<T>,
    /// `None` while a rule has it that adds to it.
    pub(super) grad: Option<Gradient<T>>,
}

/// Adds a contribution to the gradient of a node.
#[inline(always)]
pub(super) fn add<T: Element>(pending: &mut Vec<Pending<T>>, id: u64, edge: NodeRef<T>, grad: Gradient<T>) {
    match pending.binary_search_by_key(&id, |pending| pending.id) {
        Ok(place) => {
            let sum = &mut pending[place].grad;
            *sum = Some(match sum.take() {
                Some(sum) => sum.plus(grad),
                None => grad,
            });
        }
        Err(place) if place == pending.len() => pending.push(Pending { id, edge, grad: Some(grad) }),
        Err(place) => pending.insert(place, Pending { id, edge, grad: Some(grad) }),
    }
}

impl<T: Element> Pass<'_, T> {
    /// What a rule sees that is asked for a gradient outside a pass.
    pub(crate) fn of_one_rule() -> Self {
        Pass {
            pending: RefCell::default(),
            retain_graph: true,
            accumulate: false,
            retains: false,
            paths: None,
            captures: &mut [],
            observed: false,
        }
    }

    /// Adds a contribution to the gradient of a node, if anything is to come of it. Its shape is that of the node.
    pub(crate) fn add(&mut self, edge: NodeRef<T>, grad: Gradient<T>) {
        let id = edge.id();
        if self.wants(id) {
            add(self.pending.get_mut(), id, edge, grad);
        }
    }

    /// What has reached a node so far, if it has this shape, for a kernel that adds its part while it computes it. The sum that
    /// the kernel gives takes its place. It has no history, as no kernel is used when one is recorded.
    pub(crate) fn take_sum(&self, id: u64, shape: &Shape) -> Option<Array<T>> {
        let mut pending = self.pending.borrow_mut();
        let place = pending.binary_search_by_key(&id, |pending| pending.id).ok()?;
        pending[place].grad.take_if(|sum| sum.shape() == shape).map(Gradient::into_array)
    }

    /// Whether the gradient of a node is needed: to be kept, or on the way to one that is.
    pub(crate) fn wants(&self, id: u64) -> bool {
        !self.ends_at(id) || self.captures.iter().any(|(wanted, _)| *wanted == id)
    }

    /// Whether the pass ends at a node, so that what is behind it is neither needed nor freed.
    pub(crate) fn ends_at(&self, id: u64) -> bool {
        self.paths.as_ref().is_some_and(|paths| paths.binary_search(&id).is_err())
    }

    /// Keeps the finished gradient of a node that was asked for.
    #[inline]
    pub(crate) fn capture(&mut self, id: u64, grad: &Gradient<T>) {
        for (_, place) in self.captures.iter_mut().filter(|(wanted, _)| *wanted == id) {
            *place = Some(grad.snapshot().into_tensor());
        }
    }

    /// Walks until nothing is pending.
    pub(super) fn walk(&mut self) -> Result<(), Error> {
        while let Some(Pending { edge, grad: Some(grad), .. }) = self.pending.get_mut().pop() {
            edge.step(&edge, grad, self)?;
        }
        Ok(())
    }
}

/// The nodes behind the roots from which a wanted node can be reached, in rising order. Inputs have smaller numbers than
/// what is made of them, so one pass in that order decides each node after its inputs.
pub(super) fn paths<T: Element>(roots: impl Iterator<Item = NodeRef<T>>, wanted: &[u64]) -> Vec<u64> {
    let oldest = wanted.iter().min().copied().unwrap_or(u64::MAX);
    let mut found = BTreeMap::new();
    let mut waiting: Vec<NodeRef<T>> = roots.collect();
    while let Some(edge) = waiting.pop() {
        if edge.id() <= oldest || found.contains_key(&edge.id()) {
            continue;
        }
        let inputs = edge.inputs();
        found
            .insert(edge.id(), inputs.as_ref().map(|inputs| inputs.iter().map(|input| input.id()).collect::<Vec<_>>()));
        waiting.extend(inputs.into_iter().flatten());
    }
    let mut paths = Vec::new();
    for (id, inputs) in found {
        let leads = |input: &u64| wanted.contains(input) || paths.binary_search(input).is_ok();
        // Nobody knows where a freed node led: the walk goes there and says that it is freed.
        if inputs.is_none_or(|inputs| inputs.iter().any(leads)) {
            paths.push(id);
        }
    }
    paths
}
