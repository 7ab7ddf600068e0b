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
//! - `DOWNHILL_SIMD`: the widest vector instructions that are used: `portable`, `avx2` or `avx512`; without it, what
//!   the machine has.
//!
//! Any other value causes a panic that names the valid ones.
//!
//! # In reading order
//!
//! `base` (element types, shapes), `array` (values without a graph), `autograd` ([`Tensor`], [`Op`], the recorded
//! graph and the backward pass), `ops` (one file for each operation and its derivative), `tensor_methods` (the other
//! methods of tensors), `derivatives` ([`gradcheck`], [`jacobian`], [`hessian`]), `tape` ([`Tape`]), `anomaly`
//! ([`detect_anomaly`]).

// The modules from the lowest layer up: each may import only those listed before it.

// Element types, shapes, random numbers. Built on the crate `downhill-kernels`: loops, memory, threads and errors.
mod base;

// Values without a graph, shared and copied on write.
mod array;

// The tensor and its graph: operations, recorded nodes, the backward pass, observers.
mod autograd;

// All operations: one file each, with its derivative.
mod ops;

// The other methods of tensors: create, convert, compare, print, change in place, save.
mod tensor_methods;

// Gradcheck, Jacobians, Hessians.
mod derivatives;

// The tape: records what was computed, prints and explains it.
mod tape;

// Finds the first operation that turned finite numbers into NaN or infinity.
mod anomaly;

// Operations that nearly every program uses, compiled once.
mod precompiled;

pub use anomaly::detect_anomaly;
pub use array::Array;
pub use autograd::any_tensor::AnyTensor;
pub use autograd::backward::{Backward, grad};
pub use autograd::grad_mode::{enable_grad, is_enabled as is_grad_enabled, no_grad};
pub use autograd::hook::HookHandle;
pub use autograd::observe;
pub use autograd::op::{Anomaly, Arity, Fixed, InputGrads, Many, Op, OpKind, Operand, Saved, Saves, Variadic};
pub use autograd::tensor::Tensor;
pub use base::element::{Element, Float, Kind, Number};
pub use base::generator::Generator;
#[doc(hidden)]
pub use base::one_line::one_line;
pub use base::padding::Padding;
pub use base::pair::Pair;
pub use base::random::{manual_seed, with_generator};
pub use base::scalar::{IntoLimit, IntoScalar};
pub use base::shape::{IntoDims, IntoShape, Shape};
pub use derivatives::functional::{hessian, hvp, jacobian};
pub use derivatives::gradcheck::{GradcheckError, gradcheck, gradgradcheck};
#[doc(inline)]
pub use downhill_kernels::{
    caller::calling,
    error::Error,
    threads::{num_threads, set_num_threads},
};
pub use ops::avg_pool2d::AvgPool2dOptions;
pub use ops::conv2d::Conv2dOptions;
pub use ops::max_pool2d::MaxPool2dOptions;
pub use ops::pow::Exponent;
pub use tape::{
    Audit, AuditRow, Contribution, Cut, CutReason, Entry, Explanation, Reached, Role, Step, Tape, Verdict,
};
pub use tensor_methods::compare::Comparand;
pub use tensor_methods::convert::Nested;
pub use tensor_methods::create::{Create, CreateFloat};
pub use tensor_methods::state_dict::{LoadError, StateDict};

/// The imports most programs need.
pub mod prelude {
    pub use crate::{
        Backward, Create, CreateFloat, Tape, Tensor, detect_anomaly, enable_grad, grad, manual_seed, no_grad,
    };
}
