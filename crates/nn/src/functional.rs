//! Layers as functions, as in `torch.nn.functional`: what a layer computes, with its parameters as arguments.
//!
//! Most are methods of [`Tensor`](downhill_tensor::Tensor) as well, under the same names.

mod activation;
mod linear;
mod norm;

pub use activation::{dropout, elu, gelu, leaky_relu, log_softmax, relu, sigmoid, silu, softmax, softplus, tanh};
pub use linear::{embedding, linear, one_hot};
pub use norm::{batch_norm, layer_norm};
