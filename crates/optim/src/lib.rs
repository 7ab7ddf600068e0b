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

mod optimizer;
mod sgd;

pub use optimizer::Optimizer;
pub use sgd::SGD;
