//! Times a workload as `WORKLOADS.md` describes and prints its JSON line.

use std::time::Instant;

use downhill_tensor::Tensor;

use crate::reference;

const WARM_UP_SECONDS: f64 = 0.2;
const REPEAT_SECONDS: f64 = 0.12;
const REPEATS: usize = 7;

/// The unit of a figure.
#[derive(Clone, Copy)]
pub enum Unit {
    /// Nanoseconds per training step.
    NanosecondsPerStep,
    /// Microseconds per training step.
    MicrosecondsPerStep,
    /// Milliseconds per training step.
    MillisecondsPerStep,
    /// Milliseconds per training step of this many floating-point operations; the rate is printed as well.
    MillisecondsPerStepOf(f64),
    /// Nanoseconds per operation, given the number of operations in a call.
    NanosecondsPerOp(f64),
    /// Billions of floating-point operations per second, given their number in a call.
    GigaflopPerSecond(f64),
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::NanosecondsPerStep => "ns/step",
            Unit::MicrosecondsPerStep => "us/step",
            Unit::MillisecondsPerStep | Unit::MillisecondsPerStepOf(_) => "ms/step",
            Unit::NanosecondsPerOp(_) => "ns/op",
            Unit::GigaflopPerSecond(_) => "GFLOP/s",
        }
    }

    fn of(self, seconds: f64) -> f64 {
        match self {
            Unit::NanosecondsPerStep => seconds * 1e9,
            Unit::MicrosecondsPerStep => seconds * 1e6,
            Unit::MillisecondsPerStep | Unit::MillisecondsPerStepOf(_) => seconds * 1e3,
            Unit::NanosecondsPerOp(ops) => seconds * 1e9 / ops,
            Unit::GigaflopPerSecond(flop) => flop / seconds / 1e9,
        }
    }

    /// Additional JSON fields of a line with this median.
    fn extra(self, seconds: f64) -> String {
        match self {
            Unit::MillisecondsPerStepOf(flop) => format!(",\"gflops\":{:.2}", flop / seconds / 1e9),
            _ => String::new(),
        }
    }
}

/// Prints the figures of one workload.
pub struct Report {
    /// The name of the workload.
    pub workload: &'static str,
    /// The number of threads that the run uses.
    pub threads: usize,
    /// The peak memory of the process so far, in MB.
    pub base_memory_mb: f64,
}

impl Report {
    /// Times `call`: at least 0.2 s and 2 calls of warm-up, then 7 repeats of about 0.12 s; reports the median and
    /// the fastest.
    pub fn time(&self, unit: Unit, check: &[f64], mut call: impl FnMut()) {
        let (start, mut calls) = (Instant::now(), 0);
        while calls < 2 || start.elapsed().as_secs_f64() < WARM_UP_SECONDS {
            call();
            calls += 1;
        }
        let once = start.elapsed().as_secs_f64() / f64::from(calls);
        let inner = ((REPEAT_SECONDS / once) as usize).max(1);
        let repeat = |_| {
            let start = Instant::now();
            (0..inner).for_each(|_| call());
            start.elapsed().as_secs_f64() / inner as f64
        };
        let mut seconds: Vec<f64> = (0..REPEATS).map(repeat).collect();
        seconds.sort_by(f64::total_cmp);
        let (median, min) = (seconds[REPEATS / 2], seconds[0]);
        self.print(unit.name(), unit.of(median), unit.of(min), REPEATS * inner, check, &unit.extra(median));
    }

    /// Trains 20 steps, reading the loss at each and checking that it falls, then times `step` from there on. A
    /// workload named `memory-...` prints the memory that the 20 steps needed instead.
    pub fn train(&self, unit: Unit, mut step: impl FnMut() -> Tensor) {
        let losses: Vec<f64> = (0..20).map(|_| step().item()).collect();
        assert!(losses[19] < losses[0], "{}: the loss went up from {} to {}", self.workload, losses[0], losses[19]);
        let check = [losses[0], losses[19]];
        if self.workload.starts_with("memory-") {
            self.memory(losses.len(), &check);
        } else {
            self.time(unit, &check, || drop(step()));
        }
    }

    /// Prints by how much the peak memory of the process has grown.
    pub fn memory(&self, iterations: usize, check: &[f64]) {
        let growth = peak_memory_mb() - self.base_memory_mb;
        self.print("MB", growth, growth, iterations, check, &format!(",\"base_rss_mb\":{:.1}", self.base_memory_mb));
    }

    /// Prints how the time of a case grows with n: milliseconds for each n, or `null` where it was skipped.
    pub fn print_scaling(&self, case: &str, n: &[usize], ms: &[String]) {
        println!(
            "{{\"framework\":\"downhill\",\"version\":\"{}\",\"build\":\"{}\",\"workload\":\"{}\",\
             \"case\":\"{case}\",\"n\":{n:?},\"ms\":[{}]}}",
            env!("CARGO_PKG_VERSION"),
            std::env::var("BENCH_BUILD").unwrap_or_else(|_| "default".to_owned()),
            self.workload,
            ms.join(","),
        );
    }

    /// Prints the line; `extra` is additional fields, each with a leading comma.
    ///
    /// # Panics
    /// When the check values differ from those of the reference.
    pub fn print(&self, unit: &str, median: f64, min: f64, iterations: usize, check: &[f64], extra: &str) {
        reference::check(self.workload, check);
        let check: Vec<String> = check.iter().map(|value| format!("{value:.9e}")).collect();
        println!(
            "{{\"framework\":\"downhill\",\"version\":\"{}\",\"build\":\"{}\",\"workload\":\"{}\",\"threads\":{},\
             \"median\":{median:.6},\"min\":{min:.6},\"unit\":\"{unit}\",\
             \"iters\":{iterations},\"check\":[{}]{extra}}}",
            env!("CARGO_PKG_VERSION"),
            std::env::var("BENCH_BUILD").unwrap_or_else(|_| "default".to_owned()),
            self.workload,
            self.threads,
            check.join(","),
        );
    }
}

/// The peak memory of this process so far, in MB (10⁶ bytes); 0 where the system does not report it.
pub fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(0.0, |kib| kib * 1024.0 / 1e6)
}
