//! The backward walk: from the outputs to the leaves, each node once, when its gradient is complete.
//!
//! Nodes carry a creation number, and a node is made after its inputs. So among the gradients that are pending, the one with
//! the largest number has no consumer left: its sum is complete and it can be taken. Nothing here knows an operation but `+`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::any_tensor::AnyTensor;
use crate::array::Array;
use crate::caller;
use crate::element::{Element, Float};
use crate::error::{Error, OrRaise};
use crate::grad_mode::with_grad_mode;
use crate::gradient::Gradient;
use crate::node::Edge;
use crate::observe::{self, Event, Started};
use crate::tensor::Tensor;

/// The gradients on their way through the graph in one backward pass.
pub(crate) struct Pass<'a, T: Element> {
    /// Sorted by creation number, the largest last. A sorted list is faster than a heap for the handful that is
    /// pending at a time.
    pending: Vec<Pending<T>>,
    pub(crate) retain_graph: bool,
    /// Whether leaves add to their `.grad`.
    pub(crate) accumulate: bool,
    /// Whether what passes a tensor with `retain_grad` is kept.
    pub(crate) retains: bool,
    /// The nodes that lead to a gradient that was asked for, in rising order; `None` when every leaf wants its own.
    paths: Option<Vec<u64>>,
    captures: &'a mut [(u64, Option<Tensor<T>>)],
    /// Whether somebody watches this thread.
    pub(crate) observed: bool,
}

/// A node that waits for its turn, with the sum of the gradients that have reached it.
struct Pending<T: Element> {
    id: u64,
    edge: Edge<T>,
    grad: Option<Gradient<T>>,
}

/// Adds a contribution to the gradient of a node.
#[inline(always)]
fn add<T: Element>(pending: &mut Vec<Pending<T>>, id: u64, edge: Edge<T>, grad: Gradient<T>) {
    match pending.binary_search_by_key(&id, |pending| pending.id) {
        Ok(place) => {
            let sum = &mut pending[place].grad;
            *sum = sum.take().map(|sum| sum.plus(grad));
        }
        Err(place) if place == pending.len() => pending.push(Pending { id, edge, grad: Some(grad) }),
        Err(place) => pending.insert(place, Pending { id, edge, grad: Some(grad) }),
    }
}

impl<T: Element> Pass<'_, T> {
    /// What a rule sees that is asked for a gradient outside a pass.
    pub(crate) fn of_one_rule() -> Self {
        Pass {
            pending: Vec::new(),
            retain_graph: true,
            accumulate: false,
            retains: false,
            paths: None,
            captures: &mut [],
            observed: false,
        }
    }

    /// Adds a contribution to the gradient of a node, if anything is to come of it. Its shape is that of the node.
    pub(crate) fn add(&mut self, edge: Edge<T>, grad: Gradient<T>) {
        let id = edge.id();
        if self.wants(id) {
            add(&mut self.pending, id, edge, grad);
        }
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
    fn walk(&mut self) -> Result<(), Error> {
        while let Some(Pending { edge, grad: Some(grad), .. }) = self.pending.pop() {
            edge.step(&edge, grad, self)?;
        }
        Ok(())
    }
}

/// The nodes behind the roots from which a wanted node can be reached, in rising order. Inputs have smaller numbers than
/// what is made of them, so one pass in that order decides each node after its inputs.
fn paths<T: Element>(roots: impl Iterator<Item = Edge<T>>, wanted: &[u64]) -> Vec<u64> {
    let oldest = wanted.iter().min().copied().unwrap_or(u64::MAX);
    let mut found = BTreeMap::new();
    let mut waiting: Vec<Edge<T>> = roots.collect();
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

/// A backward pass with options: several outputs, seeds, keeping the graph, recording a graph of the gradients.
///
/// ```
/// use downhill_tensor::{Backward, Tensor};
/// let x = Tensor::from(3.0).requires_grad_(true);
/// let y = x.square();
/// Backward::of(&y).retain_graph().run();
/// Backward::of(&y).run();
/// assert_eq!(x.grad().unwrap().item(), 12.0); // 6 + 6: gradients accumulate
/// ```
#[must_use = "nothing happens until `run` or `grads`"]
pub struct Backward<T: Float = f32> {
    roots: Vec<Pending<T>>,
    retain_graph: bool,
    create_graph: bool,
    accumulate: bool,
}

impl<T: Float> Backward<T> {
    /// Starts at a tensor of one element.
    ///
    /// # Panics
    /// When it has more than one element or does not require a gradient.
    #[track_caller]
    pub fn of(output: &Tensor<T>) -> Self {
        Backward::new().and(output)
    }

    /// Starts at a tensor of any shape with the gradient of some scalar by each of its elements.
    ///
    /// # Panics
    /// When the shapes differ or the tensor does not require a gradient.
    #[track_caller]
    pub fn with(output: &Tensor<T>, seed: &Tensor<T>) -> Self {
        Backward::new().and_with(output, seed)
    }

    fn new() -> Self {
        Backward { roots: Vec::new(), retain_graph: false, create_graph: false, accumulate: true }
    }

    /// Adds another output of one element to the same pass.
    ///
    /// # Panics
    /// As [`Backward::of`].
    #[track_caller]
    pub fn and(self, output: &Tensor<T>) -> Self {
        if output.numel() != 1 {
            Error::NonScalar { shape: output.shape().to_vec() }.raise();
        }
        let seed = Array::full(output.shape_ref().clone(), T::one());
        self.and_seeded(output, Gradient::Values(seed))
    }

    /// Adds another output with its seed to the same pass.
    ///
    /// # Panics
    /// As [`Backward::with`].
    #[track_caller]
    pub fn and_with(self, output: &Tensor<T>, seed: &Tensor<T>) -> Self {
        if output.shape() != seed.shape() {
            let (given, expected) = (seed.shape().to_vec(), output.shape().to_vec());
            Error::GradientShape { op: "backward", given, expected }.raise();
        }
        self.and_seeded(output, Gradient::Tensor(seed.snapshot()))
    }

    #[track_caller]
    fn and_seeded(mut self, output: &Tensor<T>, seed: Gradient<T>) -> Self {
        let edge = output.edge().ok_or(Error::NoGraph { op: "backward" }).or_raise();
        add(&mut self.roots, edge.id(), edge, seed);
        self
    }

    /// Keeps the saved values, so that the same graph can be walked again.
    pub fn retain_graph(mut self) -> Self {
        self.retain_graph = true;
        self
    }

    /// Records how the gradients are computed, so that they can be differentiated. Keeps the graph as well.
    pub fn create_graph(mut self) -> Self {
        self.create_graph = true;
        self.retain_graph = true;
        self
    }

    /// Leaves every `.grad` as it is: the pass is made to be watched.
    pub(crate) fn only_watched(mut self) -> Self {
        self.accumulate = false;
        self
    }

    /// Adds the gradients to `.grad` of every leaf.
    ///
    /// # Panics
    /// When an earlier pass freed the graph.
    #[track_caller]
    pub fn run(self) {
        self.walk(None, &mut []);
    }

    /// The gradients of these tensors, without touching `.grad` of any; `None` where the outputs do not depend on one.
    ///
    /// # Panics
    /// When one of them does not require a gradient, or an earlier pass freed the graph.
    #[track_caller]
    pub fn grads<const N: usize>(self, inputs: [&Tensor<T>; N]) -> [Option<Tensor<T>>; N] {
        let mut grads = self.grads_of(&inputs).into_iter();
        std::array::from_fn(|_| grads.next().flatten())
    }

    /// As [`Backward::grads`] for a number of tensors that is known only when running.
    #[track_caller]
    pub fn grads_of(self, inputs: &[&Tensor<T>]) -> Vec<Option<Tensor<T>>> {
        let mut captures = Vec::with_capacity(inputs.len());
        for input in inputs {
            match input.edge() {
                Some(edge) => captures.push((edge.id(), None)),
                None => Error::NoGraph { op: "grad" }.raise(),
            }
        }
        let wanted: Vec<u64> = captures.iter().map(|(id, _)| *id).collect();
        let paths = paths(self.roots.iter().map(|root| Arc::clone(&root.edge)), &wanted);
        self.walk(Some(paths), &mut captures);
        captures.into_iter().map(|(_, grad)| grad).collect()
    }

    #[track_caller]
    fn walk(self, paths: Option<Vec<u64>>, captures: &mut [(u64, Option<Tensor<T>>)]) {
        let (retain_graph, retains) = (self.retain_graph, self.accumulate);
        let accumulate = retains && paths.is_none();
        let observed = observe::is_on();
        let mut pass = Pass { pending: Vec::new(), retain_graph, accumulate, retains, paths, captures, observed };
        let mut roots = self.roots;
        roots.retain(|root| pass.wants(root.id));
        pass.pending = roots;
        if observed {
            let root = |root: &Pending<T>| Some((root.id, AnyTensor::from(&root.grad.as_ref()?.to_tensor())));
            let roots = pass.pending.iter().filter_map(root).collect();
            let started = Started { roots, accumulates: accumulate, line: caller::line() };
            observe::tell(&Event::Backward(&started)).or_raise();
        }
        let _hidden = (observed && !self.create_graph).then(observe::hide_operations);
        let _finished = observed.then_some(Finished);
        with_grad_mode(self.create_graph, || pass.walk()).or_raise();
    }
}

/// Tells those who watch that a pass has ended, also by a panic of a hook.
struct Finished;

impl Drop for Finished {
    fn drop(&mut self) {
        // Nothing is left that an observer could end.
        let _ = observe::tell(&Event::Finished);
    }
}

/// The gradients of an output by some tensors, without touching `.grad` of any.
///
/// ```
/// use downhill_tensor::{Tensor, grad};
/// let x = Tensor::from(3.0).requires_grad_(true);
/// let [dx] = grad(&x.square(), [&x]);
/// assert_eq!(dx.unwrap().item(), 6.0);
/// assert!(x.grad().is_none());
/// ```
///
/// # Panics
/// When the output is not a scalar, or something does not require a gradient.
#[track_caller]
pub fn grad<T: Float, const N: usize>(output: &Tensor<T>, inputs: [&Tensor<T>; N]) -> [Option<Tensor<T>>; N] {
    Backward::of(output).grads(inputs)
}
