//! `detect_anomaly`: finds the first operation, forward or backward, that produced infinity or NaN.
//!
//! Values are ranked: finite, infinite, NaN. An operation is at fault if its result is worse than all of its inputs.
//! So an infinity that you put in yourself is not reported, whether a tensor holds it (`Tensor::full`) or
//! `masked_fill` writes it. A NaN computed from it (`0 * inf`, `inf - inf`) is.

mod level;
mod remedy;
mod report;

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::hook::Name;
use crate::autograd::observe::{Applied, Event, HandedOn, Observer, OpInfo, Passed, Seen, Started, observe};
use crate::autograd::op::OpKind;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::error::Error;
use level::{Level, worst};

/// Runs `f` and returns its result. The first operation in it that turns finite numbers into infinity or NaN is an
/// error, which names the operation, the element, the numbers it was computed from, the line, and what to do.
///
/// Include the forward pass in the closure: then errors of the backward pass can name the line and the numbers of
/// each operation. Results are the same bit for bit, but slower to compute, because every result is read again.
/// Outside the closure nothing is checked.
///
/// ```
/// use downhill_tensor::{Tensor, detect_anomaly};
/// let x = Tensor::from([4.0, 1.0]).requires_grad_(true);
/// detect_anomaly(|| x.sqrt().sum().backward());
/// assert_eq!(x.grad().unwrap().to_vec(), [0.25, 0.5]);
/// ```
///
/// ```should_panic
/// use downhill_tensor::{Tensor, detect_anomaly};
/// let x = Tensor::from([4.0, 0.0]).requires_grad_(true);
/// // sqrt: its backward made inf of finite numbers
/// //   grad / (2√x): element [1] of the gradient of x is inf, where grad[1] = 1, x[1] = 0
/// detect_anomaly(|| x.sqrt().sum().backward());
/// ```
///
/// # Panics
/// When an operation or a step of a backward pass in `f` makes infinity or NaN.
pub fn detect_anomaly<R>(f: impl FnOnce() -> R) -> R {
    observe(Detector::default(), f).0
}

/// Whether a graph still holds an operation.
type IsAlive = Box<dyn Fn() -> bool>;

/// An observer that checks every result and every gradient.
#[derive(Default)]
struct Detector {
    /// The operations that can still be differentiated, by the number of their output.
    made: HashMap<u64, (Made, IsAlive)>,
    /// How many were left when dead entries were last removed.
    alive: usize,
    /// The running backward passes, innermost last.
    passes: Vec<Pass>,
}

/// An operation that was applied.
struct Made {
    info: OpInfo,
    inputs: Vec<Input>,
    /// The user's line: of the operation, or of the backward pass whose rule applied it.
    line: &'static Location<'static>,
    by_backward: bool,
}

/// An input of an operation, as it was.
struct Input {
    /// Detached.
    value: AnyTensor,
    name: Option<Name>,
}

/// A running backward pass.
struct Pass {
    /// The worst level of the gradients that have reached each tensor.
    reached: HashMap<u64, Level>,
    line: &'static Location<'static>,
}

impl Observer for Detector {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match event {
            Event::Applied(applied) => self.applied(applied),
            Event::Backward(started) => {
                self.passes.push(Pass::new(started));
                Ok(())
            }
            Event::Passed(passed) => self.passed(passed),
            Event::Finished => {
                self.passes.pop();
                Ok(())
            }
            Event::Noted { .. } => Ok(()),
        }
    }
}

impl Detector {
    fn applied(&mut self, applied: &Applied) -> Result<(), Error> {
        // Inside a backward rule check only the resulting gradients: some rules mask an intermediate infinity.
        let by_backward = !self.passes.is_empty();
        let line = self.passes.last().map_or(applied.line, |pass| pass.line);
        let input = |seen: &Seen| Input { value: seen.tensor.detach(), name: seen.tensor.name() };
        let inputs = applied.inputs.iter().map(input).collect();
        let made = Made { info: applied.info.clone(), inputs, line, by_backward };
        if !by_backward && applied.info.kind != OpKind::Masked {
            let (level, at) = worst(&applied.output.tensor);
            if level > Level::Finite && level > made.worst() {
                return Err(report::forward(applied, &made, at));
            }
        }
        if let Some(is_alive) = liveness(&applied.output.tensor) {
            self.made.insert(applied.output.id, (made, is_alive));
            self.forget_the_dead();
        }
        Ok(())
    }

    fn passed(&mut self, passed: &Passed) -> Result<(), Error> {
        let Some(pass) = self.passes.last_mut() else { return Ok(()) };
        let made = self.made.get(&passed.id).map(|(made, _)| made);
        let (level, at) = worst(&passed.grad);
        if level > pass.reached.get(&passed.id).copied().unwrap_or(Level::Finite) {
            return Err(report::sum(passed, at, made, pass.line));
        }
        let known = || made.map_or(Level::Finite, Made::worst).max(level);
        for contribution in &passed.contributions {
            let HandedOn { id, grad, .. } = contribution;
            let (level, at) = worst(grad);
            if level > Level::Finite && level > known() {
                return Err(report::backward(passed, contribution, at, made, pass.line));
            }
            let reached = pass.reached.entry(*id).or_insert(level);
            *reached = level.max(*reached);
        }
        Ok(())
    }

    /// Drops entries whose graph was freed, once they may make up half of all entries.
    fn forget_the_dead(&mut self) {
        if self.made.len() > 2 * self.alive + 64 {
            self.made.retain(|_, (_, is_alive)| is_alive());
            self.alive = self.made.len();
        }
    }
}

impl Made {
    fn place(&self) -> String {
        let by = if self.by_backward { "applied by the backward pass with `create_graph`" } else { "applied" };
        format!("{by} at {}", self.line)
    }

    /// The level of the worst element of all inputs.
    fn worst(&self) -> Level {
        self.inputs.iter().map(|input| worst(&input.value).0).max().unwrap_or(Level::Finite)
    }
}

impl Pass {
    fn new(started: &Started) -> Self {
        let reached = started.roots.iter().map(|(id, seed)| (*id, worst(seed).0)).collect();
        Pass { reached, line: started.line }
    }
}

/// A function that says whether a graph still holds the operation that made a tensor; `None` without a graph.
fn liveness(tensor: &AnyTensor) -> Option<IsAlive> {
    fn of<T: Element>(tensor: &Tensor<T>) -> Option<IsAlive> {
        let edge = Arc::downgrade(&tensor.edge()?);
        Some(Box::new(move || edge.strong_count() > 0))
    }
    match tensor {
        AnyTensor::F32(tensor) => of(tensor),
        AnyTensor::F64(tensor) => of(tensor),
        AnyTensor::I64(_) | AnyTensor::Bool(_) => None,
    }
}
