//! What an optimiser does to the elements of one parameter: the formula of the textbook, in a loop.

use downhill_tensor::Float;

use crate::group::Options;

/// What an optimiser does to the elements of a parameter.
///
/// A large parameter is updated in parts, which several threads share; each part has buffers of its own.
///
/// ```
/// use downhill_optim::{Descent, Optimizer, Options, Setting, UpdateRule};
/// use downhill_tensor::{Error, Tensor};
///
/// /// Steps of one size, whatever the gradient.
/// #[derive(Clone, Debug)]
/// struct SignDescent;
///
/// impl Options for SignDescent {
///     const NAME: &'static str = "SignDescent";
///     const SETTINGS: &'static [Setting<Self>] = &[];
/// }
///
/// impl UpdateRule<f32> for SignDescent {
///     const BUFFERS: &'static [&'static str] = &[];
///
///     #[inline(always)]
///     fn update(&self, lr: f64, _step: i64, values: &mut [f32], grad: &[f32], _buffers: &mut [Vec<f32>]) {
///         for (p, g) in values.iter_mut().zip(grad) {
///             *p -= lr as f32 * g.signum();
///         }
///     }
/// }
///
/// let w = Tensor::from([1.0, -2.0]).requires_grad_(true);
/// let mut optimizer = Descent::with_rule([&w], 0.5, SignDescent);
/// w.square().sum().backward();
/// optimizer.step();
/// assert_eq!(w.to_vec(), [0.5, -1.5]);
/// ```
pub trait UpdateRule<T: Float>: Options + Sync {
    /// The names of the buffers that are kept for each parameter, as they are saved.
    const BUFFERS: &'static [&'static str];

    /// Changes elements of a parameter by their gradient. `step` counts the updates of this parameter from 1. There are as
    /// many buffers as [`UpdateRule::BUFFERS`] names, in that order. A buffer is empty until the rule fills it, with a number
    /// for each of these elements.
    ///
    /// A simple loop that says `#[inline(always)]` is compiled to the widest vector instructions of the machine.
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]);

    /// Panics when options do not fit together.
    #[track_caller]
    fn check(&self) {}
}

/// The gradient that a step uses, from the gradient and the parameter: negated to maximise, plus `weight_decay` times the
/// parameter.
#[inline(always)]
pub(crate) fn effective_grad<T: Float>(maximize: bool, weight_decay: f64) -> impl Fn(T, T) -> T {
    let (sign, decay) = (T::of(if maximize { -1.0 } else { 1.0 }), T::of(weight_decay));
    move |g, p| if decay == T::zero() { sign * g } else { sign * g + decay * p }
}

/// The buffers of a rule as an array, to be taken apart by name.
#[inline(always)]
pub(crate) fn named<T, const N: usize>(buffers: &mut [Vec<T>]) -> &mut [Vec<T>; N] {
    buffers.try_into().expect("as many buffers as `BUFFERS` names")
}

/// Fills an empty buffer.
#[inline(always)]
pub(crate) fn filled<T: Float>(buffer: &mut Vec<T>, length: usize, value: T) -> &mut [T] {
    if buffer.is_empty() {
        buffer.resize(length, value);
    }
    buffer
}

/// A part of the way from `a` to `b`, as `torch.lerp` rounds it.
#[inline(always)]
pub(crate) fn lerp<T: Float>(a: T, b: T, weight: T) -> T {
    if weight < T::of(0.5) { a + weight * (b - a) } else { b - (b - a) * (T::one() - weight) }
}
