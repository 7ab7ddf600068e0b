//! Derivatives of functions: checked against finite differences, and whole Jacobians and Hessians.

pub(crate) mod functional;
pub(crate) mod gradcheck;
