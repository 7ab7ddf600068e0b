//! The request of a backward pass: what to keep, and which gradients are wanted.

use std::collections::BTreeMap;

use crate::autograd::node::NodeRef;
use crate::base::element::Element;

/// The request of a backward pass. It does not change during the pass.
pub(crate) struct Request {
    /// Whether nodes keep their saved values.
    pub(crate) retain_graph: bool,
    /// Whether leaves accumulate into `.grad`.
    pub(crate) accumulate: bool,
    /// Whether tensors with `retain_grad` store their gradient.
    pub(crate) retains: bool,
    /// Whether an observer watches this thread.
    pub(crate) observed: bool,
    /// The requested gradients; `None` for those of all leaves.
    pub(super) targets: Option<Targets>,
}

/// Nodes are identified by their creation numbers.
pub(super) struct Targets {
    /// The nodes whose gradients were requested, sorted.
    wanted: Vec<u64>,
    /// The nodes from which one of them can be reached, sorted.
    paths: Vec<u64>,
}

impl Request {
    /// For a backward rule that is applied outside a pass.
    pub(crate) fn of_one_rule() -> Self {
        Request { retain_graph: true, accumulate: false, retains: false, observed: false, targets: None }
    }

    /// Whether the gradient of a node is needed: it was requested, or leads to one that was.
    #[inline]
    pub(crate) fn wants(&self, id: u64) -> bool {
        self.targets.as_ref().is_none_or(|targets| targets.is_on_path(id) || targets.is_wanted(id))
    }

    /// Whether the pass ends at a node, so that its inputs are neither needed nor freed.
    #[inline]
    pub(crate) fn ends_at(&self, id: u64) -> bool {
        self.targets.as_ref().is_some_and(|targets| !targets.is_on_path(id))
    }
}

impl Targets {
    /// Finds the ancestors of the roots from which a wanted node can be reached; `wanted` is sorted. Inputs have
    /// smaller numbers than what is computed from them, so one loop in increasing order decides each node after its
    /// inputs.
    pub(super) fn new<T: Element>(roots: impl Iterator<Item = NodeRef<T>>, wanted: Vec<u64>) -> Self {
        let oldest = wanted.first().copied().unwrap_or(u64::MAX);
        let mut found = BTreeMap::new();
        let mut waiting: Vec<NodeRef<T>> = roots.collect();
        while let Some(node) = waiting.pop() {
            if node.id() <= oldest || found.contains_key(&node.id()) {
                continue;
            }
            let inputs = node.inputs();
            let ids = inputs.as_ref().map(|inputs| inputs.iter().map(|input| input.id()).collect::<Vec<_>>());
            found.insert(node.id(), ids);
            waiting.extend(inputs.into_iter().flatten());
        }
        let mut targets = Targets { wanted, paths: Vec::new() };
        for (id, inputs) in found {
            let leads = |input: &u64| targets.is_wanted(*input) || targets.is_on_path(*input);
            // A freed node has lost its edges: treat it as on the path, so that the pass reports that it was freed.
            if inputs.is_none_or(|inputs| inputs.iter().any(leads)) {
                targets.paths.push(id);
            }
        }
        targets
    }

    fn is_wanted(&self, id: u64) -> bool {
        self.wanted.binary_search(&id).is_ok()
    }

    fn is_on_path(&self, id: u64) -> bool {
        self.paths.binary_search(&id).is_ok()
    }
}
