//! Observers: see every operation applied on this thread and every step of a backward pass.
//!
//! The [`Tape`](crate::Tape) is built on this, and you can build your own tools: a profiler, a counter, a check.
//! Without an observer, an operation only reads one flag of the thread.
//!
//! ```
//! use downhill_tensor::{Error, Tensor, observe::{Event, Observer, observe}};
//!
//! /// Counts the operations by name.
//! #[derive(Default)]
//! struct Names(Vec<&'static str>);
//!
//! impl Observer for Names {
//!     fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
//!         if let Event::Applied(applied) = event {
//!             self.0.push(applied.info.op);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let x = Tensor::from([1.0, 2.0]);
//! let (_, names) = observe(Names::default(), || x.square().sum());
//! assert_eq!(names.0, ["square", "sum"]);
//! ```

mod note;

use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::grad_mode::{Changed, ThreadMode, mode};
use crate::autograd::gradient::Gradient;
use crate::autograd::op::{Anomaly, Op, OpKind};
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::caller;
use downhill_kernels::error::{Error, OrRaise};

pub use note::{Note, id, note};

/// A tool that receives the events of a thread.
pub trait Observer {
    /// Receives an event that has just happened.
    ///
    /// # Errors
    /// An error is raised as a panic at the line of the user's call.
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error>;
}

/// An event.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An operation was applied.
    Applied(&'a Applied),
    /// A backward pass begins.
    Backward(&'a Started),
    /// A backward pass has propagated the gradient of a tensor to the inputs it was computed from.
    Passed(&'a Passed),
    /// The backward pass that began last has ended, perhaps by a panic. An error of the observer is not raised here.
    Finished,
    /// The program did something other than computing, such as an optimiser step.
    Noted {
        /// What it did.
        note: &'a Note,
        /// The line of the user's call, if it is known.
        line: &'static Location<'static>,
    },
}

/// An operation that was applied.
#[derive(Debug)]
pub struct Applied {
    /// Which operation.
    pub info: OpInfo,
    /// Its inputs in their order.
    pub inputs: Vec<Seen>,
    /// Its output.
    pub output: Seen,
    /// The line of the user's call.
    pub line: &'static Location<'static>,
}

/// The name of an operation, with its formula and derivative as in a textbook.
#[derive(Clone, Debug)]
pub struct OpInfo {
    /// As [`Op::NAME`](crate::Op::NAME).
    pub op: &'static str,
    /// As [`Op::FORMULA`](crate::Op::FORMULA).
    pub formula: &'static str,
    /// As [`Op::DERIVATIVE`](crate::Op::DERIVATIVE).
    pub derivative: &'static str,
    /// As [`Op::KIND`](crate::Op::KIND).
    pub kind: OpKind,
    /// As [`Op::settings`](crate::Op::settings).
    pub settings: String,
    /// As [`Op::remedy`](crate::Op::remedy).
    pub remedy: fn(&Anomaly<'_>) -> Option<&'static str>,
}

impl OpInfo {
    pub(crate) fn of<T: Element, O: Op<T>>(op: &O) -> Self {
        OpInfo {
            op: O::NAME,
            formula: O::FORMULA,
            derivative: O::DERIVATIVE,
            kind: O::KIND,
            settings: op.settings(),
            remedy: O::remedy,
        }
    }

    /// For a leaf.
    pub(crate) fn leaf() -> Self {
        OpInfo { formula: "", derivative: "grad", ..OpInfo::without_gradient(LEAF, OpKind::Other) }
    }

    /// For an operation without a gradient.
    pub(crate) fn without_gradient(op: &'static str, kind: OpKind) -> Self {
        let derivative = "no gradient flows through";
        OpInfo { op, formula: op, derivative, kind, settings: String::new(), remedy: |_| None }
    }

    /// The gradient of an input in the notation of a textbook.
    pub fn derivative_of(&self, input: usize) -> &'static str {
        let parts = || self.derivative.split("; ");
        parts().nth(input).or_else(|| parts().next()).unwrap_or_default()
    }
}

/// A tensor as it was at the time of the event.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Identifies the tensor: the same number for all handles, and after changes in place.
    pub id: u64,
    /// A snapshot of its value, attached to the same node of the graph.
    pub tensor: AnyTensor,
}

impl Seen {
    pub(crate) fn of<T: Element>(tensor: &Tensor<T>) -> Seen {
        Seen { id: tensor.id(), tensor: AnyTensor::from(&tensor.snapshot()) }
    }
}

/// The beginning of a backward pass.
#[derive(Debug)]
pub struct Started {
    /// The outputs it starts at, by the numbers of [`Seen`], each with its seed gradient.
    pub roots: Vec<(u64, AnyTensor)>,
    /// Whether leaves accumulate into `.grad`; false for [`grad`](crate::grad()).
    pub accumulates: bool,
    /// The line of the user's call.
    pub line: &'static Location<'static>,
}

/// The operation name of a leaf.
pub(crate) const LEAF: &str = "leaf";

/// A step of a backward pass.
#[derive(Debug)]
pub struct Passed {
    /// The operation that made the tensor, or `leaf`.
    pub op: &'static str,
    /// Whose gradient it is, by the number of [`Seen`].
    pub id: u64,
    /// The gradient, summed over all consumers.
    pub grad: AnyTensor,
    /// The contribution to each input.
    pub contributions: Vec<HandedOn>,
    /// As [`Op::KIND`](crate::Op::KIND).
    pub kind: OpKind,
    is_leaf: bool,
}

/// The contribution to the gradient of one input of an operation.
#[derive(Debug)]
pub struct HandedOn {
    /// Which input of the operation.
    pub position: usize,
    /// The tensor, by the number of [`Seen`].
    pub id: u64,
    /// The gradient passed to it.
    pub grad: AnyTensor,
    /// Whether it was summed over the dimensions in which the input was broadcast.
    pub summed: bool,
}

impl Passed {
    /// Whether the gradient has arrived at a leaf.
    pub fn is_leaf(&self) -> bool {
        self.is_leaf
    }

    #[cold]
    pub(crate) fn operation<T: Element, O: Op<T>>(id: u64, grad: &Gradient<T>) -> Self {
        let grad = AnyTensor::from(&grad.to_tensor());
        Passed { op: O::NAME, id, grad, contributions: Vec::new(), kind: O::KIND, is_leaf: false }
    }

    #[cold]
    pub(crate) fn leaf<T: Element>(id: u64, grad: &Gradient<T>) -> Self {
        let grad = AnyTensor::from(&grad.to_tensor());
        Passed { op: LEAF, id, grad, contributions: Vec::new(), kind: OpKind::Other, is_leaf: true }
    }

    #[cold]
    pub(crate) fn hand_on<T: Element>(&mut self, position: usize, id: u64, grad: &Gradient<T>, summed: bool) {
        self.contributions.push(HandedOn { position, id, grad: AnyTensor::from(&grad.to_tensor()), summed });
    }
}

/// Runs `f` while the observer watches this thread, and returns the result of `f` and the observer.
///
/// Several observers may watch at once. What an observer computes itself is not shown to any.
pub fn observe<O: Observer + 'static, R>(observer: O, f: impl FnOnce() -> R) -> (R, O) {
    let observer = Rc::new(RefCell::new(observer));
    let watching = Watching::begin(Rc::clone(&observer) as Rc<RefCell<dyn Observer>>);
    let result = f();
    drop(watching);
    let observer = Rc::into_inner(observer).expect("nobody else holds it after the scope");
    (result, observer.into_inner())
}

thread_local! {
    static OBSERVERS: RefCell<Vec<Rc<RefCell<dyn Observer>>>> = const { RefCell::new(Vec::new()) };
}

const SHOW_ALL: ThreadMode = ThreadMode::SHOW_OPERATIONS.and(ThreadMode::SHOW_BACKWARD);

/// Whether operations on this thread are shown to an observer.
pub(crate) fn sees_operations() -> bool {
    mode().has(ThreadMode::SHOW_OPERATIONS)
}

/// Whether there is an observer on this thread.
pub(crate) fn is_on() -> bool {
    mode().has(ThreadMode::SHOW_BACKWARD)
}

/// Sends an event to all observers.
#[cold]
pub(crate) fn tell(event: &Event<'_>) -> Result<(), Error> {
    // Hide what observers compute themselves. Copy the list: an observer may be added or removed in the meantime.
    let _hidden = hide();
    let observers = OBSERVERS.with_borrow(Vec::clone);
    // Borrow all before the first one sees the event, so that what one of them computes is not shown to the others.
    let free: Vec<_> = observers.iter().filter_map(|observer| observer.try_borrow_mut().ok()).collect();
    free.into_iter().try_for_each(|mut observer| observer.see(event))
}

#[track_caller]
pub(crate) fn applied<T: Element>(info: OpInfo, inputs: Vec<Seen>, output: &Tensor<T>) {
    let applied = Applied { info, inputs, output: Seen::of(output), line: caller::line() };
    tell(&Event::Applied(&applied)).or_raise();
}

/// Shows an operation without a gradient, such as `detach` or a comparison, to observers, and returns its output.
#[track_caller]
#[inline]
pub(crate) fn without_gradient<T: Element, U: Element>(
    op: &'static str,
    kind: OpKind,
    inputs: &[&Tensor<T>],
    output: Tensor<U>,
) -> Tensor<U> {
    if sees_operations() {
        applied(OpInfo::without_gradient(op, kind), inputs.iter().map(|input| Seen::of(input)).collect(), &output);
    }
    output
}

/// Hides everything from observers until the result is dropped.
pub(crate) fn hide() -> Changed {
    Changed::new(SHOW_ALL, ThreadMode::RECORD)
}

/// Hides operations, but not backward passes, until the result is dropped: the arithmetic inside a pass is not what
/// the user wrote.
pub(crate) fn hide_operations() -> Changed {
    Changed::new(ThreadMode::SHOW_OPERATIONS, ThreadMode::RECORD)
}

/// Guard: keeps an observer on the list until it is dropped.
struct Watching {
    observer: Rc<RefCell<dyn Observer>>,
    _shown: Changed,
}

impl Watching {
    fn begin(observer: Rc<RefCell<dyn Observer>>) -> Self {
        OBSERVERS.with_borrow_mut(|observers| observers.push(Rc::clone(&observer)));
        Watching { observer, _shown: Changed::new(SHOW_ALL, SHOW_ALL) }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        OBSERVERS.with_borrow_mut(|observers| observers.retain(|other| !Rc::ptr_eq(other, &self.observer)));
    }
}
