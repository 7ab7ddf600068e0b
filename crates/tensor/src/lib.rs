//! Tensors with a reverse-mode autograd tape, used the way PyTorch's are.
//!
//! ```
//! use downhill_tensor::prelude::*;
//!
//! // Fit y = 2x by hand: forward, backward, update.
//! let x = Tensor::from([[1.0], [2.0], [3.0]]);
//! let y = 2 * &x;
//! let w = Tensor::zeros([1, 1]).requires_grad_(true);
//! for _ in 0..100 {
//!     w.zero_grad();
//!     let loss = (x.matmul(&w) - &y).square().mean();
//!     loss.backward();
//!     no_grad(|| w.sub_(&(0.1 * w.grad().unwrap())));
//! }
//! assert!((w.item() - 2.0).abs() < 1e-4);
//! ```
//!
//! # Environment variables
//!
//! - `DOWNHILL_NUM_THREADS`: how many threads an operation may use, from 1, instead of one for each processor; see
//!   [`set_num_threads`].
//! - `DOWNHILL_SIMD`: the widest vector instructions that are used: `portable`, `avx2` or `avx512`; without it, what the machine has.
//!
//! Any other value is a panic that says so.
//!
//! # In reading order
//!
//! `element` (the four types of numbers), `shape` (rules about sizes), `array` (values without history), [`Tensor`] (the
//! handle), [`Op`] (what an operation is), `ops` (the table of contents: one file for each operation and its
//! derivative), `node` (what is recorded), `backward` (the walk), `hook` (watching gradients), `functional` ([`jacobian`], [`hessian`]), [`gradcheck`].

mod anomaly;
mod any_tensor;
mod argmax;
mod array;
mod backward;
mod buffer;
mod caller;
mod compare;
mod convert;
mod create;
mod display;
mod element;
mod error;
mod functional;
mod generator;
mod grad_mode;
mod gradcheck;
mod gradient;
mod hook;
mod inplace;
mod integer;
mod kernels;
mod node;
pub mod observe;
mod op;
mod operators;
mod ops;
mod padding;
mod pair;
mod precompiled;
mod random;
mod rich;
mod scalar;
mod shape;
mod short;
mod state_dict;
mod strided;
mod tape;
mod tensor;
mod window;

pub use anomaly::detect_anomaly;
pub use any_tensor::AnyTensor;
pub use array::Array;
pub use backward::{Backward, grad};
pub use caller::calling;
pub use compare::Comparand;
pub use convert::Nested;
pub use create::{Create, CreateFloat};
pub use element::{Element, Float, Kind, Number};
pub use error::Error;
pub use functional::{hessian, hvp, jacobian};
pub use grad_mode::{enable_grad, is_enabled as is_grad_enabled, no_grad};
pub use gradcheck::{GradcheckError, gradcheck, gradgradcheck};
pub use hook::HookHandle;
pub use kernels::threads::{num_threads, set_num_threads};
/// For loops of the other crates of downhill.
#[doc(hidden)]
pub use kernels::{
    simd::{Kernel, MulAdd, vectorized},
    threads::for_each as for_each_part,
};
pub use op::{Arity, Fixed, Many, Op, Operand, Saved, Saves, Variadic};
pub use ops::avg_pool2d::AvgPool2dOptions;
pub use ops::conv2d::Conv2dOptions;
pub use ops::max_pool2d::MaxPool2dOptions;
pub use ops::pow::Exponent;
pub use padding::Padding;
pub use pair::Pair;
pub use random::{Generator, manual_seed, with_generator};
pub use scalar::{IntoLimit, IntoScalar};
pub use shape::{IntoDims, IntoShape, Shape};
pub use state_dict::{LoadError, StateDict};
pub use tape::{Audit, AuditRow, Contribution, Cut, CutReason, Entry, Explanation, Reached, Role, Step, Tape, Verdict};
pub use tensor::Tensor;

/// What a program that uses tensors needs.
pub mod prelude {
    pub use crate::{
        Backward, Create, CreateFloat, Tape, Tensor, detect_anomaly, enable_grad, grad, manual_seed, no_grad,
    };
}
