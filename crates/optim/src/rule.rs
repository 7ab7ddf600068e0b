//! What an optimiser does to the elements of one parameter: the formula of the textbook, in a loop.

use downhill_tensor::Float;

use crate::group::Options;

/// What an optimiser does to the elements of a parameter.
///
/// A large parameter is updated in parts, which several threads share; each part has buffers of its own.
///
/// ```
/// use downhill_optim::{Descent, Optimizer, Options, Rule, Setting};
/// use downhill_tensor::{Error, Tensor};
///
/// /// Steps of one size, whatever the gradient.
/// #[derive(Clone, Debug)]
/// struct SignDescent;
///
/// impl Options for SignDescent {
///     const NAME: &'static str = "SignDescent";
///     fn settings(&mut self) -> Vec<Setting<'_>> {
///         Vec::new()
///     }
/// }
///
/// impl Rule<f32> for SignDescent {
///     const BUFFERS: &'static [&'static str] = &[];
///
///     #[inline(always)]
///     fn update(&self, lr: f64, _step: i64, values: &mut [f32], grad: &[f32], _buffers: &mut [Vec<f32>; 3]) {
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
pub trait Rule<T: Float>: Options + Sync {
    /// The names of the buffers that are kept for each parameter, at most three.
    const BUFFERS: &'static [&'static str];

    /// Changes elements of a parameter by their gradient. `step` counts the updates of this parameter from 1. A buffer is
    /// empty until the rule fills it, with a number for each of these elements.
    ///
    /// A simple loop that says `#[inline(always)]` is compiled to the widest vector instructions of the machine.
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>; 3]);

    /// Panics when options do not fit together.
    #[track_caller]
    fn check(&self) {}
}

/// The gradient that is followed, from the gradient and the parameter: turned round when climbing, with the pull of
/// the weight decay to 0.
#[inline(always)]
pub(crate) fn followed<T: Float>(maximize: bool, weight_decay: f64) -> impl Fn(T, T) -> T {
    let (sign, decay) = (T::of(if maximize { -1.0 } else { 1.0 }), T::of(weight_decay));
    move |g, p| if decay == T::zero() { sign * g } else { sign * g + decay * p }
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
