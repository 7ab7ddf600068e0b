//! The tensor and its graph: what an operation is, what is recorded of it, and the backward pass.
//! The files of this room know each other, because a tensor knows the node that made it.

pub(crate) mod any_tensor;
pub(crate) mod backward;
pub(crate) mod grad_mode;
pub(crate) mod gradient;
pub(crate) mod hook;
pub(crate) mod node;
pub mod observe;
pub(crate) mod op;
pub(crate) mod tensor;
