//! Layers and losses as functions that take the parameters as arguments, as in `torch.nn.functional`.
//!
//! Most are methods of [`Tensor`](downhill_tensor::Tensor) as well, under the same names.

mod activation;
mod conv;
mod linear;
mod loss;
mod norm;

pub use activation::{dropout, elu, gelu, leaky_relu, log_softmax, relu, sigmoid, silu, softmax, softplus, tanh};
pub use conv::{avg_pool2d, conv2d, max_pool2d};
pub use linear::{embedding, linear, one_hot};
pub use loss::{
    binary_cross_entropy_with_logits, cross_entropy, huber_loss, l1_loss, mse_loss, nll_loss, smooth_l1_loss,
};
pub use norm::{batch_norm, layer_norm};
