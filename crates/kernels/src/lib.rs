//! Fast loops over slices of numbers, on which the tensors of downhill are built.
//!
//! It has the element types, errors, memory, threads, SIMD instructions and the loops that use them, and knows
//! neither tensors nor arrays. All `unsafe` code of downhill is here; every other crate forbids it. Its public items
//! are for the other crates of downhill and may change with any version.

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
