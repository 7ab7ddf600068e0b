//! W9: the product of two square matrices without recording; measures how close it comes to the machine's peak.

use crate::stream::uniform;
use crate::timing::{Report, Unit};

pub fn run<const N: usize>(report: &Report) {
    let [a, b] = [901, 902].map(|seed| uniform(seed, &[N, N], -1.0, 1.0));
    let check: f64 = a.matmul(&b).to_vec().iter().map(|&c| f64::from(c.abs())).sum();
    report.time(Unit::GigaflopPerSecond(2.0 * (N as f64).powi(3)), &[check], || drop(a.matmul(&b)));
}
