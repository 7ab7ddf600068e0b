//! The tensor and its graph: operations, recorded nodes and the backward pass. The files of this module import each
//! other, because a tensor knows the node that made it.

pub(crate) mod any_tensor;
pub(crate) mod backward;
pub(crate) mod grad_mode;
pub(crate) mod gradient;
pub(crate) mod hook;
pub(crate) mod node;
pub mod observe;
pub(crate) mod op;
pub(crate) mod tensor;
