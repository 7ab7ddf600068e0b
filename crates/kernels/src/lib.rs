//! Loops over bare numbers for the tensors of downhill: the only place that knows how an element is reached quickly.
//!
//! It is the ground floor: types of numbers, errors, memory, threads, vector instructions and the loops that use
//! them. It knows no tensor and no array. All `unsafe` code of downhill is here; every other crate forbids it. What
//! is public here is for the other crates of downhill and may change with any version.

mod aligned;
pub mod buffer;
pub mod caller;
pub mod carry;
pub mod conv;
pub mod each;
pub mod element;
pub mod error;
mod gemm;
mod lanes;
pub mod lock;
pub mod maths;
pub mod matmul;
pub mod memory;
pub mod pool;
pub mod reduce;
pub mod simd;
pub mod softmax;
pub mod threads;
mod tile;
pub mod window;

#[cfg(test)]
mod tests;
