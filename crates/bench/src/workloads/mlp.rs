//! W2: a classifier with one hidden layer, 64 samples, momentum; dominated by arithmetic.

use downhill_nn::{CrossEntropyLoss, Layer, Module, ReLU, Sequential};
use downhill_optim::{Optimizer, ParamGroups, SGD};

use crate::stream::{labels, uniform};
use crate::timing::{Report, Unit};
use crate::workloads::linear;

pub fn run(report: &Report) {
    let (x, y) = (uniform(201, &[64, 784], 0.0, 1.0), labels(202, 64, 10));
    let net = Sequential::new().add(linear(203, 784, 256)).add(ReLU).add(linear(205, 256, 10));
    let criterion = CrossEntropyLoss::new();
    let mut optimizer = SGD::new(net.parameters(), 0.01).momentum(0.9);
    report.train(Unit::MicrosecondsPerStep, || {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&x), &y);
        loss.backward();
        optimizer.step();
        loss
    });
}
