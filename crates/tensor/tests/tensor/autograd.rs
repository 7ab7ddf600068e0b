//! The backward pass against closed forms: the gradient of each leaf, hooks, and what must not change a gradient.

mod accumulation;
mod at_zero;
mod backward;
mod chosen;
mod custom_ops;
mod functional;
mod gradcheck;
mod higher_order;
mod hooks;
mod in_place;
mod overwriting;

use downhill_tensor::{Nested, Tensor};

/// A leaf that requires a gradient.
fn leaf(values: impl Nested<f64>) -> Tensor<f64> {
    Tensor::<f64>::new(values).requires_grad_(true)
}

/// The gradient that a leaf has collected.
fn grad_of(leaf: &Tensor<f64>) -> Vec<f64> {
    leaf.grad().expect("a gradient").to_vec()
}
