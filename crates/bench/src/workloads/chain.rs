//! W5: a chain of 2000 operations on one number; measures the overhead of an operation.

use downhill_tensor::Tensor;

use crate::timing::{Report, Unit};

const LENGTH: usize = 1000;

pub fn run(report: &Report) {
    let x = Tensor::from([0.5]).requires_grad_(true);
    let call = || {
        let mut y = x.clone();
        for _ in 0..LENGTH {
            y = y * 0.999 + &x;
        }
        x.zero_grad();
        y.backward();
        (y, x.grad().expect("y depends on x"))
    };
    let (y, dx) = call();
    report.time(Unit::NanosecondsPerOp(2.0 * LENGTH as f64), &[y.item(), dx.item()], || drop(call()));
}
