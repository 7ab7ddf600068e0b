//! W3: LeNet on 64 images with momentum; dominated by convolutions and memory traffic.

use downhill_nn::{Conv2d, CrossEntropyLoss, Flatten, Layer, MaxPool2d, Module, Parameter, ReLU, Sequential};
use downhill_optim::{Optimizer, ParamGroups, SGD};
use downhill_tensor::Tensor;

use crate::stream::{initial, labels, uniform};
use crate::timing::{Report, Unit};
use crate::workloads::linear;

/// A convolution with kernel size 5 whose weight comes from stream `seed` and whose bias from the next one.
fn conv2d(seed: u64, in_channels: usize, out_channels: usize) -> Conv2d {
    let mut layer = Conv2d::new(in_channels, out_channels, 5);
    layer.weight = Parameter::new(initial(seed, &[out_channels, in_channels, 5, 5], in_channels * 25));
    layer.bias = Some(Parameter::new(initial(seed + 1, &[out_channels], in_channels * 25)));
    layer
}

/// LeNet and its optimiser.
fn lenet() -> (Sequential, SGD) {
    let net = Sequential::new().add(conv2d(303, 1, 6).padding(2)).add(ReLU).add(MaxPool2d::new(2));
    let net = net.add(conv2d(305, 6, 16)).add(ReLU).add(MaxPool2d::new(2)).add(Flatten::new());
    let net = net.add(linear(307, 400, 120)).add(ReLU).add(linear(309, 120, 84)).add(ReLU).add(linear(311, 84, 10));
    let optimizer = SGD::new(net.parameters(), 0.001).momentum(0.9);
    (net, optimizer)
}

/// One training step; returns the loss.
fn step(net: &Sequential, optimizer: &mut SGD, x: &Tensor, y: &Tensor<i64>) -> Tensor {
    optimizer.zero_grad();
    let loss = CrossEntropyLoss::new().forward(&net.forward(x), y);
    loss.backward();
    optimizer.step();
    loss
}

pub fn run(report: &Report) {
    let (x, y) = (uniform(301, &[64, 1, 28, 28], 0.0, 1.0), labels(302, 64, 10));
    let (net, mut optimizer) = lenet();
    report.train(Unit::MillisecondsPerStep, || step(&net, &mut optimizer, &x, &y));
}

/// The memory of an epoch: 100 batches gathered from 6400 images in shuffled order.
pub fn epoch(report: &Report) {
    let (images, classes) = (uniform(301, &[6400, 1, 28, 28], 0.0, 1.0), labels(302, 6400, 10));
    let (net, mut optimizer) = lenet();
    for batch in 0..100 {
        let order = (0..64).map(|i| (i * 100 + batch) % 6400).collect();
        let order = Tensor::from_vec(order, [64]).expect("64 numbers of images");
        let (x, y) = (images.index_select(0, &order), classes.index_select(0, &order));
        assert!(step(&net, &mut optimizer, &x, &y).item().is_finite(), "the loss of batch {batch}");
    }
    report.memory(100, &[]);
}
