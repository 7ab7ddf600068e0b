//! What all optimisers and schedulers promise: PyTorch's numbers, checked arguments, groups, and states that go on bit for
//! bit.

mod errors;
mod groups;
mod many;
mod newton;
mod resume;
mod saved_states;
mod schedules;
mod sgd;
mod trajectories;
