//! What all optimisers have in common, and what they ask of parameters.

use std::borrow::Borrow;

use downhill_tensor::{Error, Float, Tensor};

/// Changes parameters by their gradients.
pub trait Optimizer {
    /// Updates every parameter that has a gradient.
    fn step(&mut self);

    /// Sets the gradient of every parameter to none. Without it, gradients of several batches add up.
    fn zero_grad(&self);

    /// The learning rate.
    fn lr(&self) -> f64;

    /// Changes the learning rate for the steps to come.
    ///
    /// # Panics
    /// When it is negative or not a number.
    #[track_caller]
    fn set_lr(&mut self, lr: f64);
}

/// The parameters as tensors, checked: at least one, only leaves, each once.
#[track_caller]
pub(crate) fn checked_parameters<T: Float>(
    optimizer: &'static str,
    parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>,
) -> Vec<Tensor<T>> {
    let mut checked: Vec<Tensor<T>> = Vec::new();
    for parameter in parameters {
        let parameter = parameter.borrow();
        if !parameter.is_leaf() {
            let remedy = "give the optimiser the parameter that it was computed from, or `detach()` it";
            Error::NotALeaf { op: optimizer, remedy }.raise();
        }
        if checked.iter().any(|other| other.is(parameter)) {
            let expected = "each parameter once (`parameters()` names a shared tensor once)".to_owned();
            let given = format!("a tensor of shape {:?} twice", parameter.shape());
            Error::Expected { op: optimizer, expected, given }.raise();
        }
        checked.push(parameter.clone());
    }
    if checked.is_empty() {
        let expected = "at least one parameter".to_owned();
        Error::Expected { op: optimizer, expected, given: "an empty list".to_owned() }.raise();
    }
    checked
}

/// The value, or a panic that says what it must be.
#[track_caller]
pub(crate) fn checked_value(
    op: &'static str,
    name: &'static str,
    value: f64,
    expected: &'static str,
    holds: bool,
) -> f64 {
    if !holds {
        Error::Argument { op, name, given: value.to_string(), expected }.raise();
    }
    value
}
