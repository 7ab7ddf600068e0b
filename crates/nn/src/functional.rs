//! The layers and losses as functions, as in `torch.nn.functional`: what has parameters takes them as arguments.

mod conv;

pub use conv::{avg_pool2d, conv2d, max_pool2d};
