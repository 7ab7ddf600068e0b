//! Tests that need several crates: `#[derive(Module)]`, training loops, errors through containers, resuming.
//!
//! One test program, because each program compiles the generic code for its element types again.

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
