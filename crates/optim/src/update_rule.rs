//! The update rule of an optimiser: the textbook formula in a loop over the elements of a parameter.

use downhill_tensor::Float;

use crate::group::Options;

/// How an optimiser updates the elements of a parameter.
///
/// A large parameter is updated in parts, on several threads; each part has its own buffers.
///
/// ```
/// use downhill_optim::{Descent, Optimizer, Options, Setting, UpdateRule};
/// use downhill_tensor::{Error, Tensor};
///
/// /// Steps of the same size, whatever the gradient.
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
    /// The names of the buffers kept for each parameter, under which they are saved.
    const BUFFERS: &'static [&'static str];

    /// Updates elements of a parameter by their gradient. `step` counts the updates of this parameter from 1.
    /// `buffers` are those of [`UpdateRule::BUFFERS`], in that order; each is empty until the rule fills it with one
    /// number per element.
    ///
    /// With `#[inline(always)]` a simple loop is compiled for every level of SIMD instructions, and the widest that
    /// the machine has is used.
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]);

    /// Panics when options contradict each other.
    #[track_caller]
    fn check(&self) {}
}

/// The gradient that a step uses, computed from gradient and parameter: negated to maximise, plus `weight_decay`
/// times the parameter.
#[inline(always)]
pub(crate) fn effective_grad<T: Float>(maximize: bool, weight_decay: f64) -> impl Fn(T, T) -> T {
    let (sign, decay) = (T::of(if maximize { -1.0 } else { 1.0 }), T::of(weight_decay));
    move |g, p| if decay == T::zero() { sign * g } else { sign * g + decay * p }
}

/// The buffers of a rule as an array, to destructure.
#[inline(always)]
pub(crate) fn named<T, const N: usize>(buffers: &mut [Vec<T>]) -> &mut [Vec<T>; N] {
    buffers.try_into().expect("as many buffers as `BUFFERS` names")
}

/// Fills the buffer with `value` if it is empty.
#[inline(always)]
pub(crate) fn filled<T: Float>(buffer: &mut Vec<T>, length: usize, value: T) -> &mut [T] {
    if buffer.is_empty() {
        buffer.resize(length, value);
    }
    buffer
}

/// Linear interpolation from `a` to `b`, rounded as `torch.lerp` does.
#[inline(always)]
pub(crate) fn lerp<T: Float>(a: T, b: T, weight: T) -> T {
    if weight < T::of(0.5) { a + weight * (b - a) } else { b - (b - a) * (T::one() - weight) }
}
