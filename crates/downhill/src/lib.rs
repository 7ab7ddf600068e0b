//! A mini deep-learning framework: tensors with autograd, layers, optimisers, used the way PyTorch is used.
//!
//! ```
//! use downhill::prelude::*;
//!
//! manual_seed(0);
//! let (x, y) = (Tensor::randn([64, 2]), Tensor::randn([64, 1]));
//! let net = nn::Sequential::new().add(nn::Linear::new(2, 8)).add(nn::Tanh).add(nn::Linear::new(8, 1));
//! let criterion = nn::MSELoss::new();
//! let mut optimizer = optim::SGD::new(net.parameters(), 0.1).momentum(0.9);
//! let train_data = data::DataLoader::new(data::TensorDataset::new(x, y)?, 16).shuffle(true);
//!
//! for _epoch in 0..3 {
//!     for (inputs, targets) in &train_data {
//!         optimizer.zero_grad();
//!         let loss = criterion.forward(&net.forward(&inputs), &targets);
//!         loss.backward();
//!         optimizer.step();
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The pages: [`nn`] layers and losses, [`optim`] optimisers, [`data`] data sets and loaders, [`viz`] pictures,
//! [`lint`](mod@lint) mistakes in training loops, [`differences`] from PyTorch, and the [`guide`] to backpropagation, from a
//! slope to LeNet. With the feature `save` there is also `save`: safetensors files and checkpoints. How a gradient is computed is
//! told in [`tensor`], crate by crate in `ARCHITECTURE.md`.
//!
//! Large operations use every processor: [`set_num_threads`] or the environment variable `DOWNHILL_NUM_THREADS` says how many, and
//! `DOWNHILL_SIMD` (`portable`, `avx2` or `avx512`) the widest vector instructions. Any other value of these is refused.

pub use downhill_data as data;
pub use downhill_lint as lint;
pub use downhill_nn as nn;
pub use downhill_optim as optim;
#[cfg(feature = "save")]
pub use downhill_save as save;
pub use downhill_tensor as tensor;
pub use downhill_viz as viz;

/// Makes a struct of layers a module; see [`nn::Module`].
pub use downhill_derive::Module;
/// Runs a training loop and tells the mistakes in it; see the module [`lint`](mod@lint).
pub use downhill_lint::lint;
pub use downhill_nn::Layer;
pub use downhill_optim::{Optimizer, ParamGroups};
pub use downhill_tensor::{
    AnyTensor, Backward, Error, Float, LoadError, StateDict, Tensor, detect_anomaly, enable_grad, grad, gradcheck,
    gradgradcheck, manual_seed, no_grad, num_threads, set_num_threads,
};

/// The array library whose arrays go in and out of tensors.
pub use ndarray;
/// The random-number library whose generators and distributions tensors are sampled with.
pub use rand;

#[doc = include_str!("differences.md")]
pub mod differences {}
// Pages and pictures; whoever only builds does not read them.
#[cfg(any(doc, doctest))]
pub mod guide;

/// Everything a training loop needs, in one `use`.
pub mod prelude {
    pub use crate::{data, lint, nn, optim, viz};
    pub use downhill_data::Dataset;
    pub use downhill_derive::Module;
    pub use downhill_nn::{Layer, Module};
    pub use downhill_optim::{Optimizer, ParamGroups};
    pub use downhill_tensor::prelude::*;
}
