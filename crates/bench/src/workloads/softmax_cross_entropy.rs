//! W7: the cross-entropy of 256 samples with 10000 classes; dominated by one exponential per element.

use downhill_nn::CrossEntropyLoss;

use crate::stream::{labels, uniform};
use crate::timing::Report;
use crate::workloads::gradient_step;

pub fn run(report: &Report) {
    let (x, y) = (uniform(701, &[256, 10_000], -3.0, 3.0).requires_grad_(true), labels(702, 256, 10_000));
    let criterion = CrossEntropyLoss::new();
    gradient_step(report, &[&x], || criterion.forward(&x, &y));
}
