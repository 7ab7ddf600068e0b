//! W6: elementwise functions of a million numbers; dominated by vector arithmetic and passes over memory.

use crate::stream::uniform;
use crate::timing::Report;
use crate::workloads::gradient_step;

pub fn run(report: &Report) {
    let x = uniform(601, &[1_000_000], -2.0, 2.0).requires_grad_(true);
    gradient_step(report, &[&x], || (x.tanh() * x.sigmoid() + (-&x * &x).exp()).sum());
}
