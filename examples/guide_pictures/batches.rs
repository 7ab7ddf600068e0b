//! The chapter on mini-batches: runs, noise, costs, and escaping a valley.

pub mod cost;
pub mod escape;
pub mod noise;
pub mod runs;
pub mod trouble;
