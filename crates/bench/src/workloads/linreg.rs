//! W1: a linear regression of ten samples with two features; dominated by overhead per operation.

use downhill_nn::{Layer, MSELoss, Module};
use downhill_optim::{Optimizer, ParamGroups, SGD};
use downhill_tensor::Tensor;

use crate::stream::uniform;
use crate::timing::{Report, Unit};
use crate::workloads::linear;

pub fn run(report: &Report) {
    let x = uniform(101, &[10, 2], -1.0, 1.0);
    let target = |row: &[f32]| (2.0 * f64::from(row[0]) - 3.4 * f64::from(row[1]) + 4.2) as f32;
    let y = x.to_vec().chunks(2).map(target).collect();
    let y = Tensor::from_vec(y, [10, 1]).expect("one target for each row");
    let net = linear(102, 2, 1);
    let criterion = MSELoss::new();
    let mut optimizer = SGD::new(net.parameters(), 0.03);
    report.train(Unit::NanosecondsPerStep, || {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&x), &y);
        loss.backward();
        optimizer.step();
        loss
    });
}
