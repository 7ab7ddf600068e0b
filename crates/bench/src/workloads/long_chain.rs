//! W5b: a single chain of a million additions; it must not overflow the stack, and memory per operation counts.

use std::time::Instant;

use downhill_tensor::Tensor;

use crate::timing::{Report, peak_memory_mb};

const LENGTH: usize = 1_000_000;

pub fn run(report: &Report) {
    let x = Tensor::from([0.5]).requires_grad_(true);

    let start = Instant::now();
    let mut y = x.clone();
    for _ in 0..LENGTH {
        y = y + &x;
    }
    let forward = start.elapsed().as_secs_f64();

    let start = Instant::now();
    y.backward();
    let backward = start.elapsed().as_secs_f64();

    let start = Instant::now();
    drop(y);
    let dropping = start.elapsed().as_secs_f64();

    let total = forward + backward + dropping;
    let extra = format!(
        ",\"forward_s\":{forward:.4},\"backward_s\":{backward:.4},\"drop_s\":{dropping:.4},\
         \"peak_rss_mb\":{:.1},\"base_rss_mb\":{:.1}",
        peak_memory_mb(),
        report.base_memory_mb
    );
    let gradient = x.grad().expect("y depends on x").item();
    report.print("s", total, total, 1, &[gradient], &extra);
}
