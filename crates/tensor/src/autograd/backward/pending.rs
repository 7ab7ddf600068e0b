//! The gradient sums of a backward pass that are still pending.

use std::collections::BTreeMap;

use crate::array::Array;
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::base::element::Element;
use crate::base::shape::Shape;

/// The capacity of the sorted list; when it is full, the older half moves to the tree.
const LIST_MAX: usize = 32;

/// The nodes that gradients have reached but that were not processed yet, by creation number.
///
/// Most passes have a handful pending at a time, for which a sorted list is faster than a heap. A graph with
/// thousands of leaves can have thousands pending, for which a sorted list would take quadratic time: so the list
/// holds only the youngest, and a tree the others.
pub(crate) struct PendingSums<T: Element> {
    /// Sorted, the youngest last, and all of them younger than those in the tree.
    list: Vec<Pending<T>>,
    /// Empty while there are few.
    tree: BTreeMap<u64, Pending<T>>,
}

/// A pending node, with the sum of the gradients that have reached it.
struct Pending<T: Element> {
    id: u64,
    node: NodeRef<T>,
    /// `None` while [`InputGrads`](crate::InputGrads) adds a contribution to it.
    sum: Option<Gradient<T>>,
}

impl<T: Element> Pending<T> {
    fn add(&mut self, grad: Gradient<T>) {
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum.plus(grad),
            None => grad,
        });
    }
}

impl<T: Element> PendingSums<T> {
    pub(super) fn new() -> Self {
        PendingSums { list: Vec::new(), tree: BTreeMap::new() }
    }

    /// Adds a contribution to the gradient of a node.
    #[inline(always)]
    pub(super) fn add(&mut self, id: u64, node: NodeRef<T>, grad: Gradient<T>) {
        match self.list.binary_search_by_key(&id, |pending| pending.id) {
            Ok(at) => self.list[at].add(grad),
            Err(0) if !self.tree.is_empty() => self.add_to_tree(id, node, grad),
            Err(at) => {
                let pending = Pending { id, node, sum: Some(grad) };
                if at == self.list.len() {
                    self.list.push(pending);
                } else {
                    self.list.insert(at, pending);
                }
                if self.list.len() > LIST_MAX {
                    self.move_to_tree();
                }
            }
        }
    }

    /// Takes the sum of a node out, if it has this shape, for a fused loop that computes a contribution and
    /// accumulates it. The caller passes the result to [`PendingSums::add`]. The sum has no graph, because this is
    /// never used with `create_graph`.
    pub(crate) fn take(&mut self, id: u64, shape: &Shape) -> Option<Array<T>> {
        let pending = match self.list.binary_search_by_key(&id, |pending| pending.id) {
            Ok(at) => &mut self.list[at],
            Err(_) => self.tree.get_mut(&id)?,
        };
        let sum = pending.sum.take_if(|sum| sum.shape() == shape)?;
        Some(sum.take_array(&mut None))
    }

    /// The node with the largest creation number and its gradient, which is complete.
    ///
    /// # Panics
    /// When the sum was taken and never given back: a fused rule caught a panic that happened while it was adding to
    /// it.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<(NodeRef<T>, Gradient<T>)> {
        let Pending { node, sum, .. } = match self.list.pop() {
            Some(youngest) => youngest,
            None if self.tree.is_empty() => return None,
            None => self.refill()?,
        };
        let Some(sum) = sum else {
            panic!("the gradient of `{}` was lost: a fused rule went on after adding to it had panicked", node.name())
        };
        Some((node, sum))
    }

    /// Keeps only the nodes for which the predicate holds.
    pub(super) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.list.retain(|pending| keep(pending.id));
        if !self.tree.is_empty() {
            self.tree.retain(|&id, _| keep(id));
        }
    }

    /// The nodes with their gradients so far.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &NodeRef<T>, &Gradient<T>)> {
        let pending = self.tree.values().chain(&self.list);
        pending.filter_map(|pending| Some((pending.id, &pending.node, pending.sum.as_ref()?)))
    }

    #[cold]
    fn add_to_tree(&mut self, id: u64, node: NodeRef<T>, grad: Gradient<T>) {
        match self.tree.get_mut(&id) {
            Some(pending) => pending.add(grad),
            None => drop(self.tree.insert(id, Pending { id, node, sum: Some(grad) })),
        }
    }

    /// Moves the older half of the list to the tree.
    #[cold]
    fn move_to_tree(&mut self) {
        self.tree.extend(self.list.drain(..LIST_MAX / 2).map(|pending| (pending.id, pending)));
    }

    /// Refills the empty list with the youngest nodes of the tree and takes the first of them.
    #[cold]
    fn refill(&mut self) -> Option<Pending<T>> {
        let youngest = std::iter::from_fn(|| self.tree.pop_last()).take(LIST_MAX / 2).map(|(_, pending)| pending);
        self.list.extend(youngest);
        self.list.reverse();
        self.list.pop()
    }
}
