//! Requests a backward pass: from which outputs, with which seeds, with respect to which tensors.
//!
//! The walk itself is in `pass`.

mod pass;
mod pending;
mod request;

use std::sync::Arc;

use crate::array::Array;
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::grad_mode::with_grad_mode;
use crate::autograd::gradient::Gradient;
use crate::autograd::observe::{self, Event, Started};
use crate::autograd::tensor::Tensor;
use crate::base::element::Float;
use downhill_kernels::caller;
use downhill_kernels::carry::carrying;
use downhill_kernels::error::{Error, OrRaise};
pub(crate) use pass::Pass;
pub(crate) use pending::PendingSums;
pub(crate) use request::Request;
use request::Targets;

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
    roots: PendingSums<T>,
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

    /// Starts at a tensor of any shape, given the gradient of some scalar with respect to each of its elements.
    ///
    /// # Panics
    /// When the shapes differ or the tensor does not require a gradient.
    #[track_caller]
    pub fn with(output: &Tensor<T>, seed: &Tensor<T>) -> Self {
        Backward::new().and_with(output, seed)
    }

    fn new() -> Self {
        Backward { roots: PendingSums::new(), retain_graph: false, create_graph: false, accumulate: true }
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
        self.roots.add(edge.id(), edge, seed);
        self
    }

    /// Keeps the saved values, so that the same graph can be walked again.
    pub fn retain_graph(mut self) -> Self {
        self.retain_graph = true;
        self
    }

    /// Records how the gradients are computed, so that they can be differentiated. Keeps the graph as well.
    ///
    /// After [`Backward::run`] the graph of each `.grad` leads back to its tensor: it is kept until the gradient is
    /// set to none (`zero_grad`) or the last handle of the tensor is dropped. [`Backward::grads`] keeps nothing
    /// alive.
    pub fn create_graph(mut self) -> Self {
        self.create_graph = true;
        self.retain_graph = true;
        self
    }

    /// Leaves every `.grad` unchanged: the pass runs only for its observers.
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

    /// The gradients of these tensors, without touching any `.grad`; `None` for a tensor that the outputs do not
    /// depend on.
    ///
    /// # Panics
    /// When one of them does not require a gradient, or an earlier pass freed the graph.
    #[track_caller]
    pub fn grads<const N: usize>(self, inputs: [&Tensor<T>; N]) -> [Option<Tensor<T>>; N] {
        let mut grads = self.grads_of(&inputs).into_iter();
        std::array::from_fn(|_| grads.next().flatten())
    }

    /// As [`Backward::grads`], for any number of tensors.
    #[track_caller]
    pub fn grads_of(self, inputs: &[&Tensor<T>]) -> Vec<Option<Tensor<T>>> {
        let mut ids = Vec::with_capacity(inputs.len());
        for input in inputs {
            match input.edge() {
                Some(edge) => ids.push(edge.id()),
                None => Error::NoGraph { op: "grad" }.raise(),
            }
        }
        let mut wanted = ids.clone();
        wanted.sort_unstable();
        wanted.dedup();
        let mut captures: Vec<_> = wanted.iter().map(|&id| (id, None)).collect();
        let targets = Targets::new(self.roots.iter().map(|(_, node, _)| Arc::clone(node)), wanted);
        self.walk(Some(targets), &mut captures);
        let capture =
            |id: u64| captures.binary_search_by_key(&id, |(wanted, _)| *wanted).map(|place| &captures[place].1);
        ids.into_iter().map(|id| capture(id).ok()?.as_ref().map(Tensor::snapshot)).collect()
    }

    #[track_caller]
    #[inline(never)]
    fn walk(self, targets: Option<Targets>, captures: &mut [(u64, Option<Tensor<T>>)]) {
        let (retain_graph, retains) = (self.retain_graph, self.accumulate);
        let accumulate = retains && targets.is_none();
        let observed = observe::is_on();
        let request = Request { retain_graph, accumulate, retains, observed, targets };
        let mut pass = Pass { request, pending: self.roots, captures };
        pass.pending.retain(|id| pass.request.wants(id));
        if observed {
            let roots = pass.pending.iter().map(|(id, _, seed)| (id, AnyTensor::from(&seed.to_tensor()))).collect();
            let started = Started { roots, accumulates: accumulate, line: caller::line() };
            observe::tell(&Event::Backward(&started)).or_raise();
        }
        let _hidden = (observed && !self.create_graph).then(observe::hide_operations);
        let _finished = observed.then_some(Finished);
        carrying(|| with_grad_mode(self.create_graph, || pass.walk())).flatten().or_raise();
    }
}

/// Tells observers that a pass has ended, even if a hook panicked.
struct Finished;

impl Drop for Finished {
    fn drop(&mut self) {
        // The pass is over, so an error of an observer has nothing to stop.
        let _ = observe::tell(&Event::Finished);
    }
}

/// The gradients of an output with respect to some tensors, without touching any `.grad`.
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
/// When the output is not a scalar, or the output or one of the tensors does not require a gradient.
#[track_caller]
pub fn grad<T: Float, const N: usize>(output: &Tensor<T>, inputs: [&Tensor<T>; N]) -> [Option<Tensor<T>>; N] {
    Backward::of(output).grads(inputs)
}
