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
//! The pages: [`nn`] has layers and losses, [`optim`] optimisers, [`data`] data sets and loaders, [`viz`] pictures,
//! and [`lint`](mod@lint) finds mistakes in training loops. [`differences`] compares downhill with PyTorch, and the
//! [`guide`] teaches backpropagation, from a slope to LeNet. The feature `save` adds `save`: safetensors files and
//! checkpoints. [`tensor`] explains how a gradient is computed, and `ARCHITECTURE.md` how the crates fit together.
//!
//! Large operations use all processors. [`set_num_threads`] or the environment variable `DOWNHILL_NUM_THREADS` sets
//! the number of threads, and `DOWNHILL_SIMD` (`portable`, `avx2` or `avx512`) the widest vector instructions. Any
//! other value of these variables is an error.

pub use downhill_data as data;
pub use downhill_lint as lint;
pub use downhill_nn as nn;
pub use downhill_optim as optim;
#[cfg(feature = "save")]
pub use downhill_save as save;
pub use downhill_tensor as tensor;
pub use downhill_viz as viz;

/// Turns a struct of layers into a module; see [`nn::Module`].
pub use downhill_derive::Module;
/// Runs a training loop and reports the mistakes in it; see the module [`lint`](mod@lint).
pub use downhill_lint::lint;
pub use downhill_nn::Layer;
pub use downhill_optim::{Optimizer, ParamGroups};
pub use downhill_tensor::{
    AnyTensor, Backward, Error, Float, LoadError, StateDict, Tensor, detect_anomaly, enable_grad, grad, gradcheck,
    gradgradcheck, manual_seed, no_grad, num_threads, set_num_threads,
};

/// The array library; tensors are made from its arrays and converted to them.
pub use ndarray;
/// The random-number library; tensors are sampled with its generators and distributions.
pub use rand;

#[doc = include_str!("differences.md")]
pub mod differences {}
// Pages and pictures, compiled for the documentation and its tests only.
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
