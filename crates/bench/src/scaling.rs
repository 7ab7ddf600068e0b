//! How the time grows with the number n of tensors, parameters, columns or entries: n = 10³, 10⁴, 10⁵.
//!
//! Each case must stay below a constant times n log n: ten times the n may take little more than ten times as long.

mod files;
mod graphs;
mod states;

use std::time::Instant;

use crate::timing::Report;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// When a size takes longer than this, the next is skipped: quadratic growth would take a hundred times as long.
const MAX_SECONDS: f64 = 2.0;

/// A case: its name, and a function that returns the seconds it takes for a size.
type Case = (&'static str, fn(usize) -> f64);

const CASES: &[Case] = &[
    ("y = y + x_i, backward", graphs::sum_of_leaves),
    ("a tensor with n consumers, backward", graphs::consumers),
    ("n pending gradients, the youngest first, backward", graphs::youngest_first),
    ("n pending gradients, the oldest first, backward", graphs::oldest_first),
    ("n outputs in one pass, backward", graphs::outputs),
    ("the gradients of n tensors asked for", graphs::asked_for),
    ("n hooks removed from one tensor", graphs::hooks),
    ("n slices of one tensor of n numbers, backward", graphs::slices),
    ("tape, audit and explanation of n parameters", graphs::tape),
    ("picture of a chain of n operations", graphs::picture),
    ("SGD::new of n parameters", states::new),
    ("n groups of one parameter", states::groups),
    ("Adam: state_dict of n parameters", states::save),
    ("Adam: load_state_dict of n parameters", states::load),
    ("StateDict: insert and get", states::insert_and_get),
    ("Sequential of n layers: parameters, state_dict, load, copy, summary", states::module),
    ("lint of a step with n parameters", states::lint),
    ("CSV file of n columns", files::csv),
    ("safetensors file of n tensors", files::safetensors),
    ("checkpoint of n numbers", files::checkpoint),
];

/// Prints one line for each case.
pub fn run(report: &Report) {
    for (name, measure) in CASES {
        let mut last = 0.0;
        let times = SIZES.map(|n| {
            if last > MAX_SECONDS {
                return "null".to_owned();
            }
            last = measure(n);
            format!("{:.3}", last * 1e3)
        });
        report.print_scaling(name, &SIZES, &times);
    }
}

/// The seconds that a call takes.
fn seconds<R>(f: impl FnOnce() -> R) -> f64 {
    let start = Instant::now();
    let result = f();
    let elapsed = start.elapsed().as_secs_f64();
    drop(result);
    elapsed
}
