//! `RMSprop`: steps divided by a running root mean square of the gradient.

use std::borrow::Borrow;

use downhill_tensor::{Float, Tensor};

use crate::descent::Descent;
use crate::group::Options;
use crate::setting::Setting;
use crate::update_rule::{UpdateRule, effective_grad, filled, lerp, named};

/// RMSprop (Hinton, lecture 6e of his course, 2012), with the update of `torch.optim.RMSprop`; PyTorch's default
/// learning rate is 0.01:
///
/// ```text
/// g = gradient                             (maximize: -gradient)
/// g = g + weight_decay * p
/// s = alpha * s + (1 - alpha) * g²
/// a = alpha * a + (1 - alpha) * g          (centered; otherwise a = 0)
/// b = momentum * b + g / (√(s - a²) + eps)
/// p = p - lr * b
/// ```
///
/// When the gradient does not change, rounding could make s - a² negative and its root NaN. It is therefore clamped
/// from below to the rounding error of s: the epsilon of the element type times s.
///
/// ```
/// use downhill_optim::{Optimizer, RMSprop};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = RMSprop::new([&w], 0.1).alpha(0.75);
/// w.set_grad(Some(Tensor::from(1000.0)));
/// optimizer.step();
/// assert!((w.item() - 0.8).abs() < 1e-6); // the gradient is divided by √0.25 times itself
/// ```
pub type RMSprop<T = f32> = Descent<T, RMSpropRule>;

/// The options of [`RMSprop`] and its update.
#[derive(Clone, Debug)]
pub struct RMSpropRule {
    alpha: f64,
    eps: f64,
    weight_decay: f64,
    momentum: f64,
    centered: bool,
    maximize: bool,
}

impl<T: Float> RMSprop<T> {
    /// An optimiser for these parameters with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        let rule = RMSpropRule {
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        };
        Descent::with_rule(parameters, lr, rule)
    }

    /// The decay rate of the running mean square; 0.99 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Self {
        self.with("alpha", alpha)
    }

    /// Added to the square root, so that nothing is divided by 0; 1e-8 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn eps(self, eps: f64) -> Self {
        self.with("eps", eps)
    }

    /// The factor by which the velocity of the previous step is multiplied; 0 (no velocity) by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        self.with("momentum", momentum)
    }

    /// Divides by an estimate of the standard deviation instead of the root mean square; off by default.
    pub fn centered(self, centered: bool) -> Self {
        self.with("centered", centered)
    }
}

impl Options for RMSpropRule {
    const NAME: &'static str = "RMSprop";

    const SETTINGS: &'static [Setting<Self>] = &[
        Setting::at_least_0("alpha", |o| o.alpha, |o, value| o.alpha = value),
        Setting::at_least_0("eps", |o| o.eps, |o, value| o.eps = value),
        Setting::at_least_0("weight_decay", |o| o.weight_decay, |o, value| o.weight_decay = value),
        Setting::at_least_0("momentum", |o| o.momentum, |o, value| o.momentum = value),
        Setting::bool("centered", |o| o.centered, |o, value| o.centered = value),
        Setting::bool("maximize", |o| o.maximize, |o, value| o.maximize = value),
    ];
}

impl<T: Float> UpdateRule<T> for RMSpropRule {
    const BUFFERS: &'static [&'static str] = &["square_avg", "momentum_buffer", "grad_avg"];

    #[inline(always)]
    fn update(&self, lr: f64, _step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]) {
        let effective_grad = effective_grad(self.maximize, self.weight_decay);
        let [lr, alpha, share, eps, momentum] =
            [lr, self.alpha, 1.0 - self.alpha, self.eps, self.momentum].map(T::of);
        let mean_square = |g: T, s: &mut T| {
            *s = alpha * *s + share * g * g;
            *s
        };
        let variance = |g: T, s: &mut T, average: &mut T| {
            *average = lerp(*average, g, share);
            let (square, least) = (mean_square(g, s), T::epsilon() * *s);
            let variance = square - *average * *average;
            // The difference is negative only by rounding; below the rounding error of s it is meaningless.
            if variance >= least { variance } else { least }
        };
        let descend = |p: &mut T, g: T, square: T| *p -= lr * g / (square.sqrt() + eps);
        let roll = |p: &mut T, g: T, square: T, v: &mut T| {
            *v = momentum * *v + g / (square.sqrt() + eps);
            *p -= lr * *v;
        };

        let [square, velocity, average] = named(buffers);
        let buffer = |buffer| filled(buffer, grad.len(), T::zero());
        let elements = values.iter_mut().zip(grad).zip(buffer(square));
        // One loop per case: a branch inside the loop would prevent vectorisation.
        match (self.centered, self.momentum > 0.0) {
            (false, false) => {
                for ((p, &g), s) in elements {
                    let g = effective_grad(g, *p);
                    descend(p, g, mean_square(g, s));
                }
            }
            (false, true) => {
                for (((p, &g), s), v) in elements.zip(buffer(velocity)) {
                    let g = effective_grad(g, *p);
                    roll(p, g, mean_square(g, s), v);
                }
            }
            (true, false) => {
                for (((p, &g), s), average) in elements.zip(buffer(average)) {
                    let g = effective_grad(g, *p);
                    descend(p, g, variance(g, s, average));
                }
            }
            (true, true) => {
                for ((((p, &g), s), average), v) in elements.zip(buffer(average)).zip(buffer(velocity)) {
                    let g = effective_grad(g, *p);
                    roll(p, g, variance(g, s, average), v);
                }
            }
        }
    }
}
