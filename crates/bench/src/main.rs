//! Measures the workloads of `WORKLOADS.md` and prints one JSON line for each.
//!
//! ```text
//! cargo run --release -p downhill-bench              # all but W5b, memory and scaling
//! cargo run --release -p downhill-bench -- W1 W5 W9  # some; W9 is W9-256, W9-512, ...
//! cargo run --release -p downhill-bench -- memory-W2 # each in a process of its own, as is W5b
//! cargo run --release -p downhill-bench -- scaling   # how times grow with the number of tensors
//! BENCH_THREADS=1 taskset -c 0 target/release/downhill-bench W1
//! ```

mod reference;
mod scaling;
mod stream;
mod timing;
mod workloads;

use std::process::ExitCode;

use workloads::{
    bias_layer_norm, chain, elementwise, lenet, linreg, long_chain, matmul, mlp, softmax_cross_entropy, wide_mlp,
};

/// A workload: its name and what measures it.
type Workload = (&'static str, fn(&timing::Report));

const WORKLOADS: &[Workload] = &[
    ("W1", linreg::run),
    ("W2", mlp::run),
    ("W3", lenet::run),
    ("W4", wide_mlp::run),
    ("W5", chain::run),
    ("W6", elementwise::run),
    ("W7", softmax_cross_entropy::run),
    ("W8", bias_layer_norm::run),
    ("W9-256", matmul::run::<256>),
    ("W9-512", matmul::run::<512>),
    ("W9-1024", matmul::run::<1024>),
    ("W9-2048", matmul::run::<2048>),
    ("W5b", long_chain::run),
    ("memory-W2", mlp::run),
    ("memory-W3", lenet::run),
    ("memory-W4", wide_mlp::run),
    ("memory-epoch", lenet::epoch),
    ("scaling", scaling::run),
];

/// Whether to run a workload: those named, or those of `W9`; without names, all that time a step or an operation.
fn is_wanted(name: &str, wanted: &[String]) -> bool {
    let only_by_name = name == "W5b" || name.starts_with("memory-") || name == "scaling";
    let named = |wanted: &String| name == wanted || (wanted == "W9" && name.starts_with("W9-"));
    wanted.iter().any(named) || (wanted.is_empty() && !only_by_name)
}

fn main() -> ExitCode {
    let base_memory_mb = timing::peak_memory_mb();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_known = |wanted: &String| WORKLOADS.iter().any(|(name, _)| is_wanted(name, std::slice::from_ref(wanted)));
    if let Some(unknown) = wanted.iter().find(|wanted| !is_known(wanted)) {
        let known: Vec<&str> = WORKLOADS.iter().map(|(name, _)| *name).collect();
        eprintln!("downhill-bench: there is no workload `{unknown}`; there are {} and W9", known.join(" "));
        return ExitCode::FAILURE;
    }
    let threads = std::env::var("BENCH_THREADS").unwrap_or_else(|_| "1".to_owned());
    let Ok(threads) = threads.parse() else {
        eprintln!("downhill-bench: BENCH_THREADS is `{threads}`; it must be a number of threads");
        return ExitCode::FAILURE;
    };
    downhill_tensor::set_num_threads(threads);
    for &(workload, run) in WORKLOADS {
        if is_wanted(workload, &wanted) {
            run(&timing::Report { workload, threads, base_memory_mb });
        }
    }
    ExitCode::SUCCESS
}
