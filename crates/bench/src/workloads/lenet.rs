//! W3: LeNet on 64 images, momentum; the cost is convolution and memory traffic.

use downhill_nn::{Conv2d, CrossEntropyLoss, Flatten, Layer, MaxPool2d, Module, Parameter, ReLU, Sequential};
use downhill_optim::{Optimizer, SGD};

use crate::stream::{initial, labels, uniform};
use crate::timing::{Report, Unit};
use crate::workloads::linear;

/// A layer with a kernel of 5 whose weight comes from stream `seed` and whose bias from the next.
fn conv2d(seed: u64, in_channels: usize, out_channels: usize) -> Conv2d {
    let mut layer = Conv2d::new(in_channels, out_channels, 5);
    layer.weight = Parameter::new(initial(seed, &[out_channels, in_channels, 5, 5], in_channels * 25));
    layer.bias = Some(Parameter::new(initial(seed + 1, &[out_channels], in_channels * 25)));
    layer
}

pub fn run(report: &Report) {
    let (x, y) = (uniform(301, &[64, 1, 28, 28], 0.0, 1.0), labels(302, 64, 10));
    let net = Sequential::new().add(conv2d(303, 1, 6).padding(2)).add(ReLU).add(MaxPool2d::new(2));
    let net = net.add(conv2d(305, 6, 16)).add(ReLU).add(MaxPool2d::new(2)).add(Flatten::new());
    let net = net.add(linear(307, 400, 120)).add(ReLU).add(linear(309, 120, 84)).add(ReLU).add(linear(311, 84, 10));
    let criterion = CrossEntropyLoss::new();
    let mut optimizer = SGD::new(net.parameters(), 0.001).momentum(0.9);
    report.train(Unit::MillisecondsPerStep, || {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&x), &y);
        loss.backward();
        optimizer.step();
        loss
    });
}
