//! Tests of optimisers and schedulers: PyTorch's numbers, checked arguments, groups, and saved states that continue
//! bit for bit.

mod errors;
mod groups;
mod many;
mod newton;
mod resume;
mod saved_states;
mod schedules;
mod sgd;
mod trajectories;
