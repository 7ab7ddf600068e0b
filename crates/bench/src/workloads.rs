//! One file for each workload.

pub mod bias_layer_norm;
pub mod chain;
pub mod elementwise;
pub mod lenet;
pub mod linreg;
pub mod long_chain;
pub mod matmul;
pub mod mlp;
pub mod softmax_cross_entropy;
pub mod wide_mlp;

use downhill_nn::{Linear, Parameter};
use downhill_tensor::Tensor;

use crate::stream::initial;
use crate::timing::{Report, Unit};

/// A layer whose weight comes from stream `seed` and whose bias from the next one.
fn linear(seed: u64, in_features: usize, out_features: usize) -> Linear {
    Linear {
        weight: Parameter::new(initial(seed, &[out_features, in_features], in_features)),
        bias: Some(Parameter::new(initial(seed + 1, &[out_features], in_features))),
    }
}

/// Times a loss and its gradients with respect to these leaves; the check values are the loss and the sum of
/// |gradient of the first leaf|.
fn gradient_step(report: &Report, leaves: &[&Tensor], loss: impl Fn() -> Tensor) {
    let step = || {
        leaves.iter().for_each(|leaf| leaf.zero_grad());
        let loss = loss();
        loss.backward();
        loss
    };
    let loss = step().item();
    let gradient = leaves[0].grad().expect("the loss depends on the first leaf").to_vec();
    let total: f64 = gradient.iter().map(|g| f64::from(g.abs())).sum();
    report.time(Unit::MillisecondsPerStep, &[loss, total], || drop(step()));
}
