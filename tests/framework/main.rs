//! What crosses crates: `#[derive(Module)]`, training loops, errors through containers, resuming.
//!
//! One program, because each one compiles the code for its types of numbers again.

mod derive;
mod errors_in_containers;
mod lenet_trace;
mod lint;
#[path = "../../examples/lenet/model.rs"]
mod model;
mod notes;
mod resume;
mod resume_table;
mod same_bits;
mod tape;
mod training_loop;
mod what_went_wrong;
