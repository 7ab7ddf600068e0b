//! What tensors promise, apart from the table of operations in `tests/ops`: gradients, errors, printing, random
//! numbers, threads.
//!
//! One test program, because each program compiles the generic code for its element types again.

mod anomaly;
mod audit;
mod autograd;
mod display;
mod errors;
mod explain;
mod kinds;
mod many;
mod observe;
mod random;
mod tape;
mod tape_passes;
mod threads;
