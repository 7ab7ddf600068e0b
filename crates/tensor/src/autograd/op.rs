//! What an operation is: its name, its forward computation and its derivative, side by side.
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
/// `forward` and `backward` stand next to each other. The derivative is a vector-Jacobian product: given the gradient
/// of a scalar by the output, it gives the gradient by each input. Because it is written with tensor operations,
/// derivatives of derivatives need no further code.
pub trait Op<T: Element = f32>: Send + Sync + Sized + 'static {
    /// How many inputs there are: `Fixed<2>` or [`Variadic`].
    type Arity: Arity;

    /// The name in error messages, in printed tensors and on the tape.
    const NAME: &'static str;

    /// The output in the notation of a textbook.
    const FORMULA: &'static str;

    /// The gradient of each input in the notation of a textbook, separated by semicolons; a single one holds for all
    /// inputs.
    const DERIVATIVE: &'static str;

    /// How the elements of the output come from those of the inputs, for tools that observe.
    const KIND: OpKind = OpKind::Other;

    /// Which values the derivative needs. What is not declared is not kept alive.
    const SAVES: Saves;

    /// Whether inputs are broadcast against each other. The rule is then written for equal shapes, and the engine
    /// sums each gradient over the dimensions in which its input was repeated.
    const BROADCASTS: bool = false;

    /// The output. Inputs are owned: `map` and `zip` reuse a buffer that is not shared.
    #[track_caller]
    fn forward(&self, inputs: Many<Self::Arity, Array<T>>) -> Array<T>;

    /// What it is made with besides its inputs, in the names of its formula, such as `number=0.5`; a tape shows it.
    fn settings(&self) -> String {
        String::new()
    }

    /// What to do where it or its derivative makes infinity or NaN of finite numbers, for
    /// [`detect_anomaly`](crate::detect_anomaly), which has general advice where there is none here.
    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        let _ = at;
        None
    }

    /// The output for other inputs than those it was made for, as finite differences want it. An operation that holds
    /// what it has found out about its inputs, such as the places of maxima, finds it out again here.
    fn recompute(&self, inputs: Many<Self::Arity, Array<T>>) -> Array<T> {
        self.forward(inputs)
    }

    /// The gradient of each input from the gradient of the output; `None` where none is wanted or there is none.
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> Many<Self::Arity, Option<Tensor<T>>>;

    /// The same as [`Op::backward`] on bare arrays, for speed: it is used where no graph of the gradients is
    /// recorded. Without one, or where it gives the gradient back as an error, the general rule is used.
    /// [`InputGrads::add_zip`] has an example.
    ///
    /// # Errors
    /// The gradient as it came, when this rule has no fast way for it. Nothing may have been added to `into`.
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

/// Which values an operation keeps for its derivative.
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

    /// Makes the members one after the other from their index.
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

/// Computes the output of an operation; when an input requires a gradient, the output remembers where it came from.
///
/// The functions behind it are never inlined: then a crate uses what another one has compiled instead of compiling it
/// again.
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
