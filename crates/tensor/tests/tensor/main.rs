//! What tensors promise, apart from the table of operations in `tests/ops`: gradients, errors, printing, random numbers,
//! threads.
//!
//! One program, because each one compiles the code for its types of numbers again.

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
