//! `Adam` and `AdamW`: steps scaled by running averages of the gradient and of its square.

use std::borrow::Borrow;

use downhill_tensor::{Float, Tensor};

use crate::descent::Descent;
use crate::group::Options;
use crate::setting::Setting;
use crate::update_rule::{UpdateRule, effective_grad, filled, lerp, named};

/// Adam (Kingma and Ba, 2015), with the update of `torch.optim.Adam`; PyTorch's default learning rate is 0.001:
///
/// ```text
/// g = gradient                             (maximize: -gradient)
/// g = g + weight_decay * p
/// m = beta1 * m + (1 - beta1) * g
/// v = beta2 * v + (1 - beta2) * g²         (amsgrad: from here on the largest v so far)
/// p = p - lr / (1 - beta1^t) * m / (√v / √(1 - beta2^t) + eps)
/// ```
///
/// ```
/// use downhill_optim::{Adam, Optimizer};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = Adam::new([&w], 0.1).betas(0.9, 0.99);
/// w.set_grad(Some(Tensor::from(1000.0)));
/// optimizer.step();
/// assert!((w.item() - 0.9).abs() < 1e-6); // the first step is as long as the learning rate
/// ```
pub type Adam<T = f32> = Descent<T, AdamRule<false>>;

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as `torch.optim.AdamW`: weight decay is not added
/// to the gradient but shrinks the parameter first, `p = (1 - lr * weight_decay) * p`. It is 0.01 by default.
///
/// ```
/// use downhill_optim::{AdamW, Optimizer};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = AdamW::new([&w], 0.1).weight_decay(0.5);
/// w.set_grad(Some(Tensor::from(0.0)));
/// optimizer.step();
/// assert!((w.item() - 0.95).abs() < 1e-6);
/// ```
pub type AdamW<T = f32> = Descent<T, AdamRule<true>>;

/// The options of [`Adam`] and [`AdamW`] and their update.
#[derive(Clone, Debug)]
pub struct AdamRule<const DECOUPLED: bool> {
    beta1: f64,
    beta2: f64,
    eps: f64,
    weight_decay: f64,
    amsgrad: bool,
    maximize: bool,
}

impl<T: Float, const DECOUPLED: bool> Descent<T, AdamRule<DECOUPLED>> {
    /// An optimiser for these parameters with this learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        let weight_decay = if DECOUPLED { 0.01 } else { 0.0 };
        let rule = AdamRule { beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay, amsgrad: false, maximize: false };
        Descent::with_rule(parameters, lr, rule)
    }

    /// The decay rates of the running averages of the gradient and of its square; 0.9 and 0.999 by default.
    ///
    /// # Panics
    /// When one is not at least 0 and below 1.
    #[track_caller]
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        self.with("beta1", beta1).with("beta2", beta2)
    }

    /// Added to the denominator, so that nothing is divided by 0; 1e-8 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn eps(self, eps: f64) -> Self {
        self.with("eps", eps)
    }

    /// Divides by the largest running average of squares so far (Reddi, Kale and Kumar, 2018); off by default.
    pub fn amsgrad(self, amsgrad: bool) -> Self {
        self.with("amsgrad", amsgrad)
    }
}

impl<const DECOUPLED: bool> Options for AdamRule<DECOUPLED> {
    const NAME: &'static str = if DECOUPLED { "AdamW" } else { "Adam" };

    const SETTINGS: &'static [Setting<Self>] = &[
        Setting::below_1("beta1", |o| o.beta1, |o, value| o.beta1 = value),
        Setting::below_1("beta2", |o| o.beta2, |o, value| o.beta2 = value),
        Setting::at_least_0("eps", |o| o.eps, |o, value| o.eps = value),
        Setting::at_least_0("weight_decay", |o| o.weight_decay, |o, value| o.weight_decay = value),
        Setting::bool("amsgrad", |o| o.amsgrad, |o, value| o.amsgrad = value),
        Setting::bool("maximize", |o| o.maximize, |o, value| o.maximize = value),
    ];
}

impl<T: Float, const DECOUPLED: bool> UpdateRule<T> for AdamRule<DECOUPLED> {
    const BUFFERS: &'static [&'static str] = &["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];

    #[inline(always)]
    fn update(&self, lr: f64, step: i64, values: &mut [T], grad: &[T], buffers: &mut [Vec<T>]) {
        let shrink = T::of(if DECOUPLED { 1.0 - lr * self.weight_decay } else { 1.0 });
        let effective_grad = effective_grad(self.maximize, if DECOUPLED { 0.0 } else { self.weight_decay });
        let [beta2, share1, share2] = [self.beta2, 1.0 - self.beta1, 1.0 - self.beta2].map(T::of);
        let average = |p: &mut T, g: T, m: &mut T, v: &mut T| {
            let g = effective_grad(g, *p);
            *p *= shrink;
            *m = lerp(*m, g, share1);
            *v = beta2 * *v + share2 * g * g;
        };

        // Bias correction, because the running averages start at 0.
        let correction = |beta: f64| 1.0 - beta.powf(step as f64);
        let step_size = T::of(lr / correction(self.beta1));
        let (root, eps) = (T::of(correction(self.beta2).sqrt()), T::of(self.eps));
        let descend = |p: &mut T, m: T, v: T| *p -= step_size * m / (v.sqrt() / root + eps);

        let [m, v, largest] = named(buffers);
        let (m, v) = (filled(m, grad.len(), T::zero()), filled(v, grad.len(), T::zero()));
        let elements = values.iter_mut().zip(grad).zip(m).zip(v);
        if self.amsgrad {
            for ((((p, &g), m), v), largest) in elements.zip(filled(largest, grad.len(), T::zero())) {
                average(p, g, m, v);
                // NaN stays NaN, as in `torch.maximum`.
                *largest = if *v > *largest || v.is_nan() { *v } else { *largest };
                descend(p, *m, *largest);
            }
        } else {
            for (((p, &g), m), v) in elements {
                average(p, g, m, v);
                descend(p, *m, *v);
            }
        }
    }
}
