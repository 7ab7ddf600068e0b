//! Optimisers: what turns gradients into better parameters, as in `torch.optim`.
//!
//! ```
//! use downhill_optim::{Optimizer, SGD};
//! use downhill_tensor::Tensor;
//!
//! let x = Tensor::from(10.0).requires_grad_(true);
//! let mut optimizer = SGD::new([&x], 0.2);
//! for _ in 0..10 {
//!     optimizer.zero_grad();
//!     x.square().backward();
//!     optimizer.step();
//! }
//! assert!((x.item() - 0.0604661760).abs() < 1e-6);
//! ```

mod adam;
mod descent;
mod group;
mod optimizer;
mod reader;
mod setting;
mod sgd;

pub use adam::{Adam, AdamRule, AdamW};
pub use descent::{Descent, Rule};
pub use group::Options;
pub use optimizer::{Optimizer, ParamGroup};
pub use setting::Setting;
pub use sgd::{SGD, SGDRule};
