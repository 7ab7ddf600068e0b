//! The tape: records every value computed while a closure runs, and every step of its backward passes, so that you
//! can see backprop at work.
//!
//! A tape can be printed, traversed in both directions and drawn (`viz::Graph`, `viz::Page`), and it can explain an
//! element of a gradient ([`Tape::explain`]).
//!
//! ```
//! use downhill_tensor::prelude::*;
//!
//! let x = Tensor::from([[1.0], [2.0]]).named("x");
//! let w = Tensor::from([[3.0]]).requires_grad_(true).named("w");
//! let (loss, tape) = Tape::record(|| {
//!     let loss = x.matmul(&w).square().sum();
//!     loss.backward();
//!     loss
//! });
//! assert_eq!(loss.item(), 45.0);
//! let operations: Vec<&str> = tape.entries().iter().map(|entry| entry.op()).collect();
//! assert_eq!(operations, ["leaf", "leaf", "matmul", "square", "sum"]);
//! println!("{tape}");
//! ```

mod audit;
mod backward;
mod entry;
mod explain;
mod group;
mod print;
mod recorder;

use std::fmt;
use std::panic::Location;

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::backward::Backward;
use crate::autograd::observe::observe;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Float};

pub use audit::{Audit, AuditRow, Cut, CutReason, Reached, Verdict};
pub use backward::{Contribution, Step};
pub use entry::{Entry, Role};
pub use explain::Explanation;
use recorder::Recorder;

/// What was computed while a closure ran, and the backward passes in it.
///
/// It keeps all values alive as they were: a later in-place change copies them first. Values computed before the
/// recording are on the tape as data, without an operation.
#[derive(Clone)]
pub struct Tape {
    recorder: Recorder,
    /// Everything named by [`Tape::with_names`], including tensors the closure did not use.
    names: Vec<(String, AnyTensor)>,
    line: &'static Location<'static>,
}

impl Tape {
    /// Runs `f`, and returns its result and the tape of everything this thread computed in it.
    ///
    /// To have backward passes on the tape as well, call `backward()` in the closure, or [`Tape::backward_steps`]
    /// afterwards.
    #[track_caller]
    pub fn record<R>(f: impl FnOnce() -> R) -> (R, Tape) {
        let (result, recorder) = observe(Recorder::default(), f);
        let mut tape = Tape { recorder, names: Vec::new(), line: Location::caller() };
        tape.recorder.name_late();
        tape.regroup();
        (result, tape)
    }

    /// Names the tensors of a model, as returned by `net.named_parameters()`. Operations belong to the group of the
    /// module whose parameter they take: those on `conv1.weight` to `conv1`.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let weight = Tensor::from([[2.0]]).requires_grad_(true);
    /// let (_, tape) = Tape::record(|| Tensor::from([[1.0]]).matmul(&weight));
    /// let tape = tape.with_names([("fc.weight", &weight)]);
    /// assert_eq!(tape.entries()[1].name(), Some("fc.weight"));
    /// assert_eq!(tape.entries()[2].group(), Some("fc"));
    /// ```
    #[must_use = "it returns the tape with its names"]
    pub fn with_names<N: Into<String>, A: Into<AnyTensor>>(
        mut self,
        names: impl IntoIterator<Item = (N, A)>,
    ) -> Self {
        self.names.extend(names.into_iter().map(|(name, tensor)| (name.into(), tensor.into())));
        let by_id = self.names.iter().map(|(name, tensor)| (tensor.id(), name.as_str())).collect();
        self.recorder.rename(&by_id);
        self.regroup();
        self
    }

    /// All values in the order in which they were computed or first used.
    pub fn entries(&self) -> &[Entry] {
        &self.recorder.entries
    }

    /// The entry of a tensor, after its last change in place if there are several.
    pub fn entry<T: Element>(&self, tensor: &Tensor<T>) -> Option<&Entry> {
        self.recorder.latest(tensor.id()).map(|number| &self.entries()[number])
    }

    /// The line where the recording began.
    pub fn line(&self) -> &'static Location<'static> {
        self.line
    }

    /// The steps of the last recorded backward pass from `loss`. If none was recorded, one is run that leaves every
    /// `.grad` unchanged; hooks run in it as in any other.
    ///
    /// Each step is a tensor with its complete gradient and the contribution to each input of its operation. The list
    /// can be read in both directions.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let x = Tensor::from(3.0).requires_grad_(true);
    /// let (loss, tape) = Tape::record(|| &x * &x);
    /// let steps = tape.backward_steps(&loss);
    /// let [left, right] = steps[0].contributions() else { panic!("a product has two inputs") };
    /// assert_eq!((left.grad().to_string(), right.sum().to_string()), ("tensor(3.)".into(), "tensor(6.)".into()));
    /// ```
    ///
    /// # Panics
    /// When `loss` is not on the tape, does not require a gradient, or no pass was recorded and `loss` is not a
    /// single number or its graph is freed.
    #[track_caller]
    pub fn backward_steps<T: Float>(&self, loss: &Tensor<T>) -> Vec<Step> {
        let number = self.number_of("backward_steps", loss);
        let recorded = self.recorder.walks.iter().rev().find(|walk| walk.starts_at(number));
        // Not a closure: a panic must name the line of this call.
        if let Some(walk) = recorded {
            return walk.steps.clone();
        }
        if loss.requires_grad() && !can_be_walked(loss) {
            crate::Error::NoPass { op: "backward_steps" }.raise();
        }
        self.walk_from(loss).steps
    }

    /// The gradient of an entry in the last recorded pass that reached it, summed over all its consumers.
    pub fn gradient(&self, number: usize) -> Option<&AnyTensor> {
        self.recorder.step_of(number).map(Step::grad)
    }

    /// The recorded backward passes, each as its steps.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let x = Tensor::from(3.0).requires_grad_(true);
    /// let (_, tape) = Tape::record(|| x.square().backward());
    /// let entries: Vec<usize> = tape.passes().flatten().map(|step| step.entry()).collect();
    /// assert_eq!(entries, [1, 0]);
    /// ```
    pub fn passes(&self) -> impl DoubleEndedIterator<Item = &[Step]> {
        self.recorder.walks.iter().map(|walk| &walk.steps[..])
    }

    /// The outputs at which recorded backward passes started.
    pub fn losses(&self) -> impl Iterator<Item = usize> {
        self.recorder.walks.iter().flat_map(|walk| walk.roots.iter().map(|(number, _)| *number))
    }

    #[track_caller]
    fn walk_from<T: Float>(&self, loss: &Tensor<T>) -> backward::Walk {
        let backward = Backward::of(loss).retain_graph().only_watched();
        let (_, recorder) = observe(self.recorder.clone(), || backward.run());
        recorder.walks.into_iter().next_back().expect("the pass that was just made")
    }

    #[track_caller]
    fn number_of<T: Element>(&self, op: &'static str, tensor: &Tensor<T>) -> usize {
        match self.recorder.latest(tensor.id()) {
            Some(number) => number,
            None => {
                crate::Error::NotOnTape { op, shape: tensor.shape().to_vec(), line: self.line.to_string() }.raise()
            }
        }
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape of {} entries, recorded at {}", self.entries().len(), self.line)
    }
}

/// Whether a tensor has a graph that no backward pass has freed.
fn can_be_walked<T: Element>(tensor: &Tensor<T>) -> bool {
    tensor.edge().is_some_and(|edge| edge.inputs().is_some())
}
