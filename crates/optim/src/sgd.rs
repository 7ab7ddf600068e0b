//! `SGD`: a step against the gradient, with momentum if wanted.

use std::borrow::Borrow;

use downhill_tensor::{Array, Error, Float, Tensor, no_grad};

use crate::optimizer::{Optimizer, checked_parameters, checked_value};

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
#[derive(Debug)]
pub struct SGD<T: Float = f32> {
    parameters: Vec<Tensor<T>>,
    /// The velocity of each parameter, from its first step on.
    velocities: Vec<Option<Array<T>>>,
    lr: f64,
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
}

impl<T: Float> SGD<T> {
    /// An optimiser of these parameters with a learning rate.
    ///
    /// # Panics
    /// When the learning rate is negative or not a number, or a parameter is given twice, is not a leaf, or there is none.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        let parameters = checked_parameters("SGD", parameters);
        SGD {
            velocities: vec![None; parameters.len()],
            parameters,
            lr: checked_lr(lr),
            momentum: 0.0,
            dampening: 0.0,
            weight_decay: 0.0,
            nesterov: false,
            maximize: false,
        }
    }

    /// How much of the velocity is kept from step to step; 0 (no velocity) by default.
    ///
    /// # Panics
    /// When it is negative or not a number.
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        let momentum = checked_value("SGD", "momentum", momentum, "at least 0", momentum >= 0.0);
        SGD { momentum, ..self }
    }

    /// How much less than all of a new gradient goes into the velocity; 0 by default.
    ///
    /// # Panics
    /// When it is not a number.
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Self {
        let dampening = checked_value("SGD", "dampening", dampening, "a number", !dampening.is_nan());
        SGD { dampening, ..self }
    }

    /// How strongly parameters are pulled to 0 (an L2 penalty); 0 by default.
    ///
    /// # Panics
    /// When it is negative or not a number.
    #[track_caller]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        let weight_decay = checked_value("SGD", "weight_decay", weight_decay, "at least 0", weight_decay >= 0.0);
        SGD { weight_decay, ..self }
    }

    /// Steps by the gradient plus the velocity to come. Needs a momentum and no dampening, which the first step checks.
    pub fn nesterov(self, nesterov: bool) -> Self {
        SGD { nesterov, ..self }
    }

    /// Climbs instead of descending.
    pub fn maximize(self, maximize: bool) -> Self {
        SGD { maximize, ..self }
    }

    /// What is subtracted from a parameter, but for the learning rate.
    fn direction(&self, parameter: &Tensor<T>, grad: Array<T>, velocity: &mut Option<Array<T>>) -> Array<T> {
        let grad = if self.maximize { grad.map(|g| -g) } else { grad };
        let weight_decay = T::of(self.weight_decay);
        let grad = match self.weight_decay {
            0.0 => grad,
            _ => grad.zip("SGD", parameter.array(), |g, p| g + weight_decay * p),
        };
        if self.momentum == 0.0 {
            return grad;
        }
        let (momentum, share) = (T::of(self.momentum), T::of(1.0 - self.dampening));
        let next = match velocity.take() {
            Some(velocity) => velocity.zip("SGD", grad.clone(), |v, g| momentum * v + share * g),
            None => grad.clone(),
        };
        *velocity = Some(next.clone());
        if self.nesterov { grad.zip("SGD", next, |g, v| g + momentum * v) } else { next }
    }
}

#[track_caller]
fn checked_lr(lr: f64) -> f64 {
    checked_value("SGD", "lr", lr, "at least 0", lr >= 0.0)
}

impl<T: Float> Optimizer for SGD<T> {
    #[track_caller]
    fn step(&mut self) {
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            let given = format!("on with momentum {} and dampening {}", self.momentum, self.dampening);
            let expected = "used with a momentum above 0 and a dampening of 0";
            Error::Argument { op: "SGD", name: "nesterov", given, expected }.raise();
        }
        no_grad(|| {
            for (i, parameter) in self.parameters.iter().enumerate() {
                if let Some(grad) = parameter.grad() {
                    let mut velocity = self.velocities[i].take();
                    let direction = self.direction(parameter, grad.array(), &mut velocity);
                    self.velocities[i] = velocity;
                    parameter.add_scaled_(&Tensor::from_array(direction), -self.lr);
                }
            }
        });
    }

    fn zero_grad(&self) {
        self.parameters.iter().for_each(Tensor::zero_grad);
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        self.lr = checked_lr(lr);
    }
}
