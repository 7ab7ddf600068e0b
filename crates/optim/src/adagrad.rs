//! `Adagrad`: steps divided by the root of the sum of all squared gradients.

use std::borrow::Borrow;

use downhill_tensor::{Float, Tensor};

use crate::descent::Descent;
use crate::group::Options;
use crate::setting::Setting;
use crate::update_rule::{UpdateRule, effective_grad, filled, named};

/// Adagrad (Duchi, Hazan and Singer, 2011), with the update of `torch.optim.Adagrad`; PyTorch's default learning rate
/// is 0.01:
///
/// ```text
/// g = gradient                             (maximize: -gradient)
/// g = g + weight_decay * p
/// s = s + g²
/// p = p - lr / (1 + (t - 1) * lr_decay) * g / (√s + eps)
/// ```
///
/// ```
/// use downhill_optim::{Adagrad, Optimizer};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = Adagrad::new([&w], 0.1);
/// w.set_grad(Some(Tensor::from(1000.0)));
/// optimizer.step();
/// assert!((w.item() - 0.9).abs() < 1e-6); // the first step is as long as the learning rate
/// ```
pub type Adagrad<T = f32> = Descent<T, AdagradRule>;

/// The options of [`Adagrad`] and its update.
#[derive(Clone, Debug)]
pub struct AdagradRule {
    lr_decay: f64,
    weight_decay: f64,
    initial_accumulator_value: f64,
    eps: f64,
    maximize: bool,
}

impl<T: Float> Adagrad<T> {
    /// An optimiser for these parameters with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        let rule = AdagradRule {
            lr_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
            maximize: false,
        };
        Descent::with_rule(parameters, lr, rule)
    }

    /// The decay of the learning rate with the number of steps t, see the formula; 0 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn lr_decay(self, lr_decay: f64) -> Self {
        self.with("lr_decay", lr_decay)
    }

    /// The initial value of the sums of squares; 0 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn initial_accumulator_value(self, initial_accumulator_value: f64) -> Self {
        self.with("initial_accumulator_value", initial_accumulator_value)
    }

    /// Added to the square root, so that nothing is divided by 0; 1e-10 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn eps(self, eps: f64) -> Self {
        self.with("eps", eps)
    }
}

impl Options for AdagradRule {
    const NAME: &'static str = "Adagrad";

    const SETTINGS: &'static [Setting<Self>] = &[
        Setting::at_least_0("lr_decay", |o| o.lr_decay, |o, value| o.lr_decay = value),
        Setting::at_least_0("weight_decay", |o| o.weight_decay, |o, value| o.weight_decay = value),
        Setting::at_least_0(
            "initial_accumulator_value",
            |o| o.initial_accumulator_value,
            |o, value| o.initial_accumulator_value = value,
        ),
        Setting::at_least_0("eps", |o| o.eps, |o, value| o.eps = value),
        Setting::bool("maximize", |o| o.maximize, |o, value| o.maximize = value),
    ];
}

impl<T: Float> UpdateRule<T> for AdagradRule {
    const BUFFERS: &'static [&'static str] = &["sum"];

    #[inline(always)]
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]) {
        let [sum] = named(buffers);
        let effective_grad = effective_grad(self.maximize, self.weight_decay);
        let (lr, eps) = (T::of(lr / (1.0 + (step - 1) as f64 * self.lr_decay)), T::of(self.eps));
        let sum = filled(sum, values.len(), T::of(self.initial_accumulator_value));
        for ((p, &g), s) in values.iter_mut().zip(grad).zip(sum) {
            let g = effective_grad(g, *p);
            *s += g * g;
            *p -= lr * g / (s.sqrt() + eps);
        }
    }
}
