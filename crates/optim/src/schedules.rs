//! The schedules, one file each. The formulas and their order of operations are PyTorch's.

pub(crate) mod cosine_annealing;
pub(crate) mod exponential;
pub(crate) mod lambda;
pub(crate) mod linear;
pub(crate) mod multi_step;
pub(crate) mod one_cycle;
pub(crate) mod step;
