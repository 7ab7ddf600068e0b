//! Layers and losses as functions, as in `torch.nn.functional`.

mod loss;

pub use loss::{
    binary_cross_entropy_with_logits, cross_entropy, huber_loss, l1_loss, mse_loss, nll_loss, smooth_l1_loss,
};
