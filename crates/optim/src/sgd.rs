//! `SGD`: a step along the negative gradient, optionally with momentum.

use std::borrow::Borrow;

use downhill_tensor::{Error, Float, Tensor};

use crate::descent::Descent;
use crate::group::Options;
use crate::setting::Setting;
use crate::update_rule::{UpdateRule, effective_grad, filled, named};

/// Stochastic gradient descent, with the update of `torch.optim.SGD`:
///
/// ```text
/// g = gradient                      (maximize: -gradient)
/// g = g + weight_decay * p
/// v = momentum * v + (1 - dampening) * g     (the first time: v = g)
/// g = g + momentum * v  with Nesterov, else  g = v
/// p = p - lr * g
/// ```
///
/// ```
/// use downhill_optim::{Optimizer, SGD};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.1).momentum(0.9);
/// for gradient in [1.0, 2.0, 3.0] {
///     w.set_grad(Some(Tensor::from(gradient)));
///     optimizer.step();
/// }
/// assert!((w.item() - 0.049).abs() < 1e-6);
/// ```
pub type SGD<T = f32> = Descent<T, SGDRule>;

/// The options of [`SGD`] and its update.
#[derive(Clone, Debug, Default)]
pub struct SGDRule {
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
}

impl<T: Float> SGD<T> {
    /// An optimiser for these parameters with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        Descent::with_rule(parameters, lr, SGDRule::default())
    }

    /// The factor by which the velocity of the previous step is multiplied; 0 (no velocity) by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        self.with("momentum", momentum)
    }

    /// The new gradient enters the velocity with the factor 1 - `dampening`; 0 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Self {
        self.with("dampening", dampening)
    }

    /// Uses Nesterov momentum. It needs a momentum above 0 and a dampening of 0, which each step checks.
    pub fn nesterov(self, nesterov: bool) -> Self {
        self.with("nesterov", nesterov)
    }
}

impl Options for SGDRule {
    const NAME: &'static str = "SGD";

    const SETTINGS: &'static [Setting<Self>] = &[
        Setting::at_least_0("momentum", |o| o.momentum, |o, value| o.momentum = value),
        Setting::number("dampening", |o| o.dampening, |o, value| o.dampening = value),
        Setting::at_least_0("weight_decay", |o| o.weight_decay, |o, value| o.weight_decay = value),
        Setting::bool("nesterov", |o| o.nesterov, |o, value| o.nesterov = value),
        Setting::bool("maximize", |o| o.maximize, |o, value| o.maximize = value),
    ];
}

impl<T: Float> UpdateRule<T> for SGDRule {
    const BUFFERS: &'static [&'static str] = &["momentum_buffer"];

    #[track_caller]
    fn check(&self) {
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            let given = format!("on with momentum {} and dampening {}", self.momentum, self.dampening);
            let expected = "used with a momentum above 0 and a dampening of 0";
            Error::Argument { op: "SGD", name: "nesterov", given, expected }.raise();
        }
    }

    #[inline(always)]
    fn update(&self, lr: f64, _step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]) {
        let (lr, effective_grad) = (T::of(lr), effective_grad(self.maximize, self.weight_decay));
        if self.momentum == 0.0 {
            for (p, &g) in values.iter_mut().zip(grad) {
                *p -= lr * effective_grad(g, *p);
            }
            return;
        }
        let [velocity] = named(buffers);
        // The first velocity is the gradient.
        let (keep, share) = if velocity.is_empty() { (0.0, 1.0) } else { (self.momentum, 1.0 - self.dampening) };
        let [keep, share, momentum] = [keep, share, self.momentum].map(T::of);
        let velocity = filled(velocity, values.len(), T::zero());
        for ((p, &g), v) in values.iter_mut().zip(grad).zip(velocity) {
            let g = effective_grad(g, *p);
            *v = keep * *v + share * g;
            *p -= lr * if self.nesterov { g + momentum * *v } else { *v };
        }
    }
}
