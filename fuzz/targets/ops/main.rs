//! Programs of operations with hostile shapes and arguments, forward and backward: tensors, or refusals at the line
//! of the call.

#![no_main]

mod hostile;
mod program;

use libfuzzer_sys::fuzz_target;
use program::Program;

fuzz_target!(init: downhill_tensor::set_num_threads(1), |program: Program| program.run());
