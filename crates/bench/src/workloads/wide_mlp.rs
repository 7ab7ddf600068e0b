//! W4: a wide network with one hidden layer, 256 samples; dominated by the products of large matrices.

use downhill_nn::{Layer, MSELoss, Module, ReLU, Sequential};
use downhill_optim::{Optimizer, ParamGroups, SGD};

use crate::stream::uniform;
use crate::timing::{Report, Unit};
use crate::workloads::linear;

/// The five products of a step: two forward, the gradients of both weights, and the gradient of the hidden values.
const FLOP: f64 = 5.0 * 2.0 * 256.0 * 1024.0 * 4096.0;

pub fn run(report: &Report) {
    let [x, y] = [401, 402].map(|seed| uniform(seed, &[256, 1024], -1.0, 1.0));
    let net = Sequential::new().add(linear(403, 1024, 4096)).add(ReLU).add(linear(405, 4096, 1024));
    let criterion = MSELoss::new();
    let mut optimizer = SGD::new(net.parameters(), 0.01);
    report.train(Unit::MillisecondsPerStepOf(FLOP), || {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&x), &y);
        loss.backward();
        optimizer.step();
        loss
    });
}
