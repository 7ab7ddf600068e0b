//! What a backward pass was asked for.

use std::collections::BTreeMap;

use crate::autograd::node::NodeRef;
use crate::base::element::Element;

/// What a backward pass was asked for. It does not change during the walk.
pub(crate) struct Request {
    /// Whether nodes keep their saved values.
    pub(crate) retain_graph: bool,
    /// Whether leaves add to their `.grad`.
    pub(crate) accumulate: bool,
    /// Whether tensors with `retain_grad` keep their gradient.
    pub(crate) retains: bool,
    /// Whether an observer watches this thread.
    pub(crate) observed: bool,
    /// The gradients that were asked for; `None` when every leaf wants its own.
    pub(super) targets: Option<Targets>,
}

/// Nodes are named by their creation numbers.
pub(super) struct Targets {
    /// The nodes whose gradients were asked for, in rising order.
    wanted: Vec<u64>,
    /// The nodes from which one of them can be reached, in rising order.
    paths: Vec<u64>,
}

impl Request {
    /// For a rule that is applied outside of a pass.
    pub(crate) fn of_one_rule() -> Self {
        Request { retain_graph: true, accumulate: false, retains: false, observed: false, targets: None }
    }

    /// Whether the gradient of a node is needed: to be kept, or on the way to one that is.
    #[inline]
    pub(crate) fn wants(&self, id: u64) -> bool {
        self.targets.as_ref().is_none_or(|targets| targets.is_on_path(id) || targets.is_wanted(id))
    }

    /// Whether the pass ends at a node, so that what is behind it is neither needed nor freed.
    #[inline]
    pub(crate) fn ends_at(&self, id: u64) -> bool {
        self.targets.as_ref().is_some_and(|targets| !targets.is_on_path(id))
    }
}

impl Targets {
    /// Finds the nodes behind the roots from which a wanted node can be reached; the wanted ones are in rising order.
    /// Inputs have smaller numbers than what is computed from them, so one loop in that order decides each node after
    /// its inputs.
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
            // Nobody knows where a freed node led: the walk goes there and says that it is freed.
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
