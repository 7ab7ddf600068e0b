//! Operations: name, forward computation and derivative, side by side.
//!
//! Every file under `ops/` implements [`Op`], and so can any user's crate: [`Op::apply`] computes the output and
//! records the operation when one of the inputs requires a gradient.
//!
//! # An operation of your own
//!
//! ```
//! use downhill_tensor::{Array, Fixed, Op, Saved, Saves, Tensor, gradcheck};
//!
//! /// x³, with the derivative 3x².
//! struct Cube;
//!
//! impl Op<f64> for Cube {
//!     type Arity = Fixed<1>;
//!     const NAME: &'static str = "cube";
//!     const FORMULA: &'static str = "x³";
//!     const DERIVATIVE: &'static str = "grad * 3x²";
//!     const SAVES: Saves = Saves::Inputs;
//!
//!     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
//!         x.map(|x| x * x * x)
//!     }
//!
//!     // Written with tensors, so that it can be differentiated again.
//!     fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
//!         [Some(grad * 3 * saved.input(0).square())]
//!     }
//! }
//!
//! let x = Tensor::<f64>::new([1.0, -2.0]).requires_grad_(true);
//! let y = Cube.apply([&x]).sum();
//! y.backward();
//! assert_eq!(x.grad().unwrap().to_vec(), [3.0, 12.0]);
//! gradcheck(|[x]| Cube.apply([x]), [&x]).unwrap();
//! ```

mod input_grads;
mod kind;
mod operand;
mod saved;

use crate::array::Array;
use crate::autograd::grad_mode::{self, ThreadMode};
use crate::autograd::node::{NodeRef, OpNode};
use crate::autograd::observe::{self, OpInfo, Seen};
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;

pub use input_grads::InputGrads;
pub use kind::{Anomaly, OpKind};
pub use operand::Operand;
pub use saved::Saved;

/// An operation on tensors with one output, and its derivative.
///
/// The derivative is a vector-Jacobian product: given the gradient of a scalar with respect to the output, it returns
/// the gradient with respect to each input. It is written with tensor operations, so higher derivatives need no
/// further code.
pub trait Op<T: Element = f32>: Send + Sync + Sized + 'static {
    /// How many inputs there are: `Fixed<2>` or [`Variadic`].
    type Arity: Arity;

    /// The name in error messages, in printed tensors and on the tape.
    const NAME: &'static str;

    /// The formula of the output, as in a textbook.
    const FORMULA: &'static str;

    /// The formula of the gradient of each input, as in a textbook, separated by semicolons; a single one holds for
    /// all inputs.
    const DERIVATIVE: &'static str;

    /// How the elements of the output depend on those of the inputs, for observers.
    const KIND: OpKind = OpKind::Other;

    /// The values that the backward rule needs. All others are not kept alive.
    const SAVES: Saves;

    /// Whether inputs are broadcast against each other. The backward rule is then written for equal shapes, and the
    /// engine sums each gradient over the dimensions in which its input was broadcast.
    const BROADCASTS: bool = false;

    /// Computes the output. Inputs are passed by value, so that `map` and `zip` can reuse a buffer that is not
    /// shared.
    #[track_caller]
    fn forward(&self, inputs: Many<Self::Arity, Array<T>>) -> Array<T>;

    /// The parameters besides the inputs, by the names in the formula, such as `number=0.5`; shown on a tape.
    fn settings(&self) -> String {
        String::new()
    }

    /// Advice for when the operation or its derivative turns finite numbers into infinity or NaN, shown by
    /// [`detect_anomaly`](crate::detect_anomaly). `None` gives general advice.
    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        let _ = at;
        None
    }

    /// The output for different inputs, used by finite differences. An operation that stores something about its
    /// inputs, such as the positions of maxima, must compute it again here.
    fn recompute(&self, inputs: Many<Self::Arity, Array<T>>) -> Array<T> {
        self.forward(inputs)
    }

    /// The backward rule: the gradient of each input from the gradient of the output; `None` for an input whose
    /// gradient is not wanted or does not exist.
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> Many<Self::Arity, Option<Tensor<T>>>;

    /// An optional fast version of [`Op::backward`] on bare arrays, used unless `create_graph` records a graph of the
    /// gradients. If it returns the gradient as an error, [`Op::backward`] is used. [`InputGrads::add_zip`] has an
    /// example.
    ///
    /// # Errors
    /// The unchanged gradient, if there is no fast path for it. Nothing may have been added to `into`.
    fn backward_fused(
        &self,
        grad: Array<T>,
        saved: &Saved<'_, T>,
        into: &mut InputGrads<'_, T>,
    ) -> Result<(), Array<T>> {
        let _ = (saved, into);
        Err(grad)
    }

    /// Computes the output and records the operation if an input requires a gradient.
    #[track_caller]
    fn apply(self, inputs: Many<Self::Arity, &Tensor<T>>) -> Tensor<T> {
        apply(self, Self::Arity::map(inputs, Operand::Borrowed))
    }
}

/// The values an operation saves for its backward rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saves {
    /// None: the derivative depends on the gradient alone.
    Nothing,
    /// Every input.
    Inputs,
    /// Each input that the gradient of another one needs, as in a product.
    OtherInputs,
    /// The output.
    Output,
    /// Every input and the output.
    InputsAndOutput,
}

impl Saves {
    fn input<T: Element>(self, index: usize, wants: &[Option<NodeRef<T>>]) -> bool {
        match self {
            Saves::Nothing | Saves::Output => false,
            Saves::Inputs | Saves::InputsAndOutput => true,
            Saves::OtherInputs => wants.iter().enumerate().any(|(other, edge)| other != index && edge.is_some()),
        }
    }

    fn output(self) -> bool {
        matches!(self, Saves::Output | Saves::InputsAndOutput)
    }
}

/// How many inputs an operation takes.
pub trait Arity: 'static {
    /// One `X` for each input.
    type Of<X: Send>: AsRef<[X]> + AsMut<[X]> + IntoIterator<Item = X> + Send;

    /// Creates the members in order, from their index.
    fn from_fn<X: Send>(count: usize, f: impl FnMut(usize) -> X) -> Self::Of<X>;

    /// Changes each member.
    fn map<X: Send, Y: Send>(many: Self::Of<X>, f: impl FnMut(X) -> Y) -> Self::Of<Y>;
}

/// One `X` for each input of an operation with this arity.
pub type Many<A, X> = <A as Arity>::Of<X>;

/// Exactly `N` inputs, as an array.
pub struct Fixed<const N: usize>;

impl<const N: usize> Arity for Fixed<N> {
    type Of<X: Send> = [X; N];

    #[inline]
    fn from_fn<X: Send>(_: usize, f: impl FnMut(usize) -> X) -> [X; N] {
        std::array::from_fn(f)
    }

    #[inline]
    fn map<X: Send, Y: Send>(many: [X; N], f: impl FnMut(X) -> Y) -> [Y; N] {
        many.map(f)
    }
}

/// Any number of inputs, as a `Vec`.
pub struct Variadic;

impl Arity for Variadic {
    type Of<X: Send> = Vec<X>;

    fn from_fn<X: Send>(count: usize, f: impl FnMut(usize) -> X) -> Vec<X> {
        (0..count).map(f).collect()
    }

    fn map<X: Send, Y: Send>(many: Vec<X>, f: impl FnMut(X) -> Y) -> Vec<Y> {
        many.into_iter().map(f).collect()
    }
}

/// Computes the output of an operation and records it if an input requires a gradient.
///
/// The functions behind it are `#[inline(never)]`, so that crates share one compiled instance instead of each
/// compiling its own.
#[track_caller]
#[inline]
pub(crate) fn apply<T: Element, O: Op<T>>(op: O, inputs: Many<O::Arity, Operand<'_, T>>) -> Tensor<T> {
    match grad_mode::mode() {
        ThreadMode::RECORD if const { T::KIND.has_gradients() } => apply_recorded(op, inputs),
        ThreadMode::RECORD | ThreadMode::NO_GRAD => apply_only(op, inputs),
        _ => apply_observed(op, inputs),
    }
}

/// As [`apply`] with an observer on this thread: the slow path.
#[cold]
#[track_caller]
#[inline(never)]
fn apply_observed<T: Element, O: Op<T>>(op: O, inputs: Many<O::Arity, Operand<'_, T>>) -> Tensor<T> {
    let seen = observe::sees_operations().then(|| {
        let info = OpInfo::of::<T, O>(&op);
        (info, seen(inputs.as_ref()))
    });
    let output = if const { T::KIND.has_gradients() } && grad_mode::is_enabled() {
        apply_recorded(op, inputs)
    } else {
        apply_only(op, inputs)
    };
    if let Some((info, seen)) = seen {
        observe::applied(info, seen, &output);
    }
    output
}

fn seen<T: Element>(inputs: &[Operand<'_, T>]) -> Vec<Seen> {
    inputs.iter().map(|input| Seen::of(input.tensor())).collect()
}

#[track_caller]
#[inline(never)]
fn apply_only<T: Element, O: Op<T>>(op: O, mut inputs: Many<O::Arity, Operand<'_, T>>) -> Tensor<T> {
    let values = O::Arity::from_fn(inputs.as_ref().len(), |input| inputs.as_mut()[input].take_array());
    let output = op.forward(values);
    Tensor::computed(output, None, inputs.into_iter().find_map(Operand::vacated))
}

#[track_caller]
#[inline(never)]
fn apply_recorded<T: Element, O: Op<T>>(op: O, mut inputs: Many<O::Arity, Operand<'_, T>>) -> Tensor<T> {
    let count = inputs.as_ref().len();
    let mut edges = O::Arity::from_fn(count, |_| None);
    let values = O::Arity::from_fn(count, |input| inputs.as_mut()[input].take_parts(&mut edges.as_mut()[input]));
    if edges.as_ref().iter().all(Option::is_none) {
        let output = op.forward(values);
        return Tensor::computed(output, None, inputs.into_iter().find_map(Operand::vacated));
    }
    let saved = O::Arity::from_fn(count, |input| {
        O::SAVES.input(input, edges.as_ref()).then(|| values.as_ref()[input].clone())
    });
    let output = op.forward(values);
    let saved_output = O::SAVES.output().then(|| output.clone());
    let node = OpNode::make(op, output.shape_ref(), edges, saved, saved_output);
    // The output reuses the slot of an operand that was passed by value.
    Tensor::computed(output, Some(node), inputs.into_iter().find_map(Operand::vacated))
}
