//! Loops over bare numbers: the only place that knows how an element is reached quickly.

pub(crate) mod conv;
pub(crate) mod maths;
pub(crate) mod matmul;
pub(crate) mod pool;
pub(crate) mod reduce;
pub(crate) mod simd;
pub(crate) mod threads;
