//! One file for each workload.

pub mod chain;
pub mod lenet;
pub mod linreg;
pub mod long_chain;
pub mod matmul;
pub mod mlp;
pub mod wide_mlp;

use downhill_nn::{Linear, Parameter};

use crate::stream::initial;

/// A layer whose weight comes from stream `seed` and whose bias from the next.
fn linear(seed: u64, in_features: usize, out_features: usize) -> Linear {
    Linear {
        weight: Parameter::new(initial(seed, &[out_features, in_features], in_features)),
        bias: Some(Parameter::new(initial(seed + 1, &[out_features], in_features))),
    }
}
