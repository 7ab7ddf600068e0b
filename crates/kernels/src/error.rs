//! One typed error for everything that can be wrong with a call; its text says what was given, what was expected and
//! what to do.
//!
//! A mistake in the program (shapes that do not fit, a backward without a seed) panics with this text at the
//! user's own line. What comes from outside (a vector with a shape, a label in a data set) is a `Result`.

use crate::{caller, element::Kind};

/// What is wrong with a call. The text names the operation, the shapes and the remedy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum Error {
    /// Two shapes that broadcasting cannot join.
    #[error(
        "{op}: cannot broadcast {left:?} with {right:?}; counted from the last, each pair of dimensions must be \
        equal or one of them 1"
    )]
    Broadcast { op: &'static str, left: Vec<usize>, right: Vec<usize> },

    /// A shape that cannot be expanded to another.
    #[error(
        "{op}: cannot expand {from:?} to {to:?}; only dimensions of size 1 stretch, and new ones are added at the \
        front"
    )]
    Expand { op: &'static str, from: Vec<usize>, to: Vec<usize> },

    /// Matrices whose inner dimensions differ.
    #[error("{op}: cannot multiply {left:?} by {right:?}; {expected}")]
    Matmul { op: &'static str, left: Vec<usize>, right: Vec<usize>, expected: String },

    /// A shape that holds another number of elements.
    #[error("{op}: {elements} elements do not fit the shape {shape:?}, which holds {expected}")]
    Elements { op: &'static str, elements: usize, shape: Vec<usize>, expected: usize },

    /// A shape with more elements than can be counted.
    #[error(
        "{op}: a tensor of shape {shape:?} would have more elements than can be counted; the sizes other than 0 \
        may multiply to {} at most",
        isize::MAX
    )]
    Uncountable { op: &'static str, shape: Vec<usize> },

    /// More memory than there is.
    #[error(
        "{op}: {what} would take {bytes} bytes of memory, {available}; use smaller sizes, or compute it in parts"
    )]
    Memory { op: &'static str, what: String, bytes: u128, available: String },

    /// A reshape whose sizes do not multiply to the number of elements.
    #[error(
        "reshape: cannot see {from:?} ({elements} elements) as {to:?}; the sizes must multiply to {elements}, and \
        at most one may be -1"
    )]
    Reshape { from: Vec<usize>, elements: usize, to: Vec<isize> },

    /// An argument that is not what an operation expects.
    #[error("{op}: expected {expected}, got {given}")]
    Expected { op: &'static str, expected: String, given: String },

    /// A dimension that the tensor does not have.
    #[error("{op}: dimension {dim} does not exist in a tensor of {rank} dimension(s); use {range}")]
    Dim { op: &'static str, dim: isize, rank: usize, range: String },

    /// A dimension beyond those that can be named.
    #[error(
        "dimension {} of a tensor is out of reach: at most 64 can be named or reduced; join some with \
        `flatten_dims` first",
        rank - 1
    )]
    Rank { rank: usize },

    /// A dimension that was named twice.
    #[error("{op}: dimension {dim} is named twice in {dims:?}; name each dimension once")]
    DimTwice { op: &'static str, dim: isize, dims: Vec<isize> },

    /// A position outside a dimension.
    #[error("{op}: index {index} is out of range for dimension {dim} of size {size} (shape {shape:?})")]
    Index { op: &'static str, index: isize, dim: usize, size: usize, shape: Vec<usize> },

    /// A negative position in a tensor of positions.
    #[error(
        "{op}: index {index} is out of range for dimension {dim} of size {size} (shape {shape:?}); positions in a \
        tensor are not counted from the end{remedy}"
    )]
    NegativeIndex { op: &'static str, index: i64, dim: usize, size: usize, shape: Vec<usize>, remedy: String },

    /// A reduction over no elements that has no value.
    #[error("{op}: a tensor of shape {shape:?} has no elements to take it of; check for `numel() == 0` first")]
    Empty { op: &'static str, shape: Vec<usize> },

    /// `item` of a tensor that does not hold exactly one element.
    #[error(
        "item: a tensor of shape {shape:?} holds {elements} elements, not one; use `at` to read one of them or \
        `to_vec` for all"
    )]
    Item { shape: Vec<usize>, elements: usize },

    /// `backward` on a tensor that is not a scalar, without a seed.
    #[error(
        "backward: the tensor has shape {shape:?}, and only a single number has one gradient; reduce it first \
        (`.sum()` or `.mean()`), or pass the gradient of each element to `backward_with`"
    )]
    NonScalar { shape: Vec<usize> },

    /// A seed, hook or rule gave a gradient of another shape than its tensor.
    #[error("{op}: the gradient has shape {given:?}, but the tensor it belongs to has shape {expected:?}")]
    GradientShape { op: &'static str, given: Vec<usize>, expected: Vec<usize> },

    /// `backward` where nothing requires a gradient.
    #[error(
        "{op}: this tensor does not require a gradient and was not computed from one that does; call \
        `requires_grad_(true)` on the parameters before the forward pass, and check that it does not run inside \
        `no_grad` or behind `detach`"
    )]
    NoGraph { op: &'static str },

    /// A gradient that is not there.
    #[error("grad: this tensor of shape {shape:?} has no gradient; {remedy}")]
    NoGrad { shape: Vec<usize>, remedy: &'static str },

    /// A second backward through a graph whose saved values are gone.
    #[error(
        "backward: the graph behind `{op}` was freed by an earlier backward; run the forward pass again, or keep \
        the graph the first time with `Backward::of(&loss).retain_graph().run()`"
    )]
    Freed { op: &'static str },

    /// An in-place change of a tensor that is being tracked.
    #[error(
        "{op}: this tensor {why} and grad mode is on; put the update inside `no_grad(|| ...)`, or compute a new \
        tensor instead of changing this one"
    )]
    InPlace { op: &'static str, why: &'static str },

    /// An in-place change by numbers whose gradient it would lose.
    #[error(
        "{op}: the tensor that is written requires a gradient, which a change in place does not record; put the \
        update inside `no_grad(|| ...)`, call `detach()` on what is written, or compute a new tensor"
    )]
    InPlaceCutsGradient { op: &'static str },

    /// An in-place change of a view.
    #[error(
        "{op}: this tensor is a view of shape {shape:?}, and writing to it would not reach the tensor it was made \
        from; write to that tensor with `slice_assign_`, or take a `copy()` first"
    )]
    WriteToView { op: &'static str, shape: Vec<usize> },

    /// A tensor that is used while its elements are lent.
    #[error(
        "update_: this tensor is used while a closure of `update_` has its elements; read what is needed of it \
        before, and change it by the closure's argument alone"
    )]
    Lent,

    /// An in-place change that would change the shape.
    #[error("{op}: cannot write a result of shape {right:?} into a tensor of shape {left:?}")]
    InPlaceShape { op: &'static str, left: Vec<usize>, right: Vec<usize> },

    /// A cast that would cut the gradient.
    #[error(
        "cast: a tensor that requires a gradient cannot change from {from} to {to} without losing it; call \
        `detach()` first if that is what you want"
    )]
    CastCutsGradient { from: Kind, to: Kind },

    /// Something that only leaves of the graph can do.
    #[error("{op}: this tensor is the result of an operation, not a leaf; {remedy}")]
    NotALeaf { op: &'static str, remedy: &'static str },

    /// A class label outside the classes.
    #[error(
        "{op}: label {label} in row {row} is out of range; with {classes} classes labels run from 0 to {last}",
        last = *classes as i64 - 1
    )]
    Label { op: &'static str, row: usize, label: i64, classes: usize },

    /// A draw from the default generator while a closure has it.
    #[error(
        "{op}: the default generator is in use by `with_generator`; draw with the generator that it hands to the \
        closure"
    )]
    GeneratorInUse { op: &'static str },

    /// A tensor that a tape does not know.
    #[error(
        "{op}: a tensor of shape {shape:?} is not on this tape; use or compute it inside the closure of \
        `Tape::record` (at {line})"
    )]
    NotOnTape { op: &'static str, shape: Vec<usize>, line: String },

    /// A tape without the backward pass that is asked about.
    #[error(
        "{op}: no backward pass that reaches this tensor is on the tape; call `loss.backward()` inside the \
        closure of `Tape::record`; `tape.audit()` says which parameters a pass reaches, and where the way to \
        others is cut"
    )]
    NoPass { op: &'static str },

    /// An operation that made infinity or NaN, while `detect_anomaly` watched.
    #[error("{op}: {made}\n  {numbers}\n  {line}\n  {remedy}")]
    Anomaly { op: &'static str, made: String, numbers: String, line: String, remedy: String },

    /// A setting outside its range.
    #[error("{op}: {name} is {given}; it must be {expected}")]
    Argument { op: &'static str, name: &'static str, given: String, expected: &'static str },
}

impl Error {
    /// An [`Error::Expected`]: the operation expected something else than it was given.
    ///
    /// ```
    /// # use downhill_kernels::error::Error;
    /// let error = Error::expected("t", "a matrix", format!("{:?}", [2, 3, 4]));
    /// assert_eq!(error.to_string(), "t: expected a matrix, got [2, 3, 4]");
    /// ```
    pub fn expected(op: &'static str, expected: impl Into<String>, given: impl Into<String>) -> Error {
        Error::Expected { op, expected: expected.into(), given: given.into() }
    }

    /// Panics with this text at the line of the user's call; inside a container the text names the line that called
    /// it.
    #[track_caller]
    pub fn raise(self) -> ! {
        match caller::context() {
            Some(context) => panic!("{self}\n  in {context}"),
            None => panic!("{self}"),
        }
    }
}

/// The value, or a panic with the error's text at the caller's line.
pub trait OrRaise<V> {
    /// The value, or a panic with the text of the error at the caller's line.
    fn or_raise(self) -> V;
}

impl<V> OrRaise<V> for Result<V, Error> {
    #[track_caller]
    fn or_raise(self) -> V {
        match self {
            Ok(value) => value,
            Err(error) => error.raise(),
        }
    }
}
