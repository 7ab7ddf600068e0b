//! Measures the workloads of `WORKLOADS.md` and prints one JSON line for each.
//!
//! ```text
//! cargo run --release -p downhill-bench              # all but W5b
//! cargo run --release -p downhill-bench -- W1 W5 W5b # some; W5b only when named
//! BENCH_THREADS=1 taskset -c 0 target/release/downhill-bench W1
//! ```

mod stream;
mod timing;
mod workloads;

use std::process::ExitCode;

/// A workload: its name and what measures it.
type Workload = (&'static str, fn(&timing::Report));

const WORKLOADS: [Workload; 8] = [
    ("W1", workloads::linreg::run),
    ("W2", workloads::mlp::run),
    ("W3", workloads::lenet::run),
    ("W5", workloads::chain::run),
    ("W5b", workloads::long_chain::run),
    ("W6", workloads::elementwise::run),
    ("W7", workloads::softmax_cross_entropy::run),
    ("W8", workloads::bias_layer_norm::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known: Vec<&str> = WORKLOADS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("downhill-bench: there is no workload `{unknown}`; there are {}", known.join(" "));
        return ExitCode::FAILURE;
    }
    let threads = std::env::var("BENCH_THREADS").unwrap_or_else(|_| "1".to_owned());
    let Ok(threads) = threads.parse() else {
        eprintln!("downhill-bench: BENCH_THREADS is `{threads}`; it must be a number of threads");
        return ExitCode::FAILURE;
    };
    for (name, run) in WORKLOADS {
        if wanted.iter().any(|wanted| wanted == name) || (wanted.is_empty() && name != "W5b") {
            run(&timing::Report { workload: name, threads });
        }
    }
    ExitCode::SUCCESS
}
