//! Loops over bare numbers: the only place that knows how an element is reached quickly.

pub(crate) mod aligned;
pub(crate) mod buffer;
pub(crate) mod conv;
pub(crate) mod each;
pub(crate) mod gemm;
pub(crate) mod lanes;
pub(crate) mod maths;
pub(crate) mod matmul;
pub(crate) mod memory;
pub(crate) mod pool;
pub(crate) mod reduce;
pub(crate) mod simd;
pub(crate) mod softmax;
pub(crate) mod threads;
pub(crate) mod tile;

#[cfg(test)]
mod tests;
