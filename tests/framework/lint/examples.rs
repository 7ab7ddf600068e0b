//! The lint reports nothing for the loops of the examples, except for the one whose learning rate is too large.

use downhill::lint::Mistake;
use downhill::prelude::*;

use crate::model::LeNet;

/// Linear regression with tensors alone.
fn linreg(lr: f64) {
    manual_seed(0);
    let dataset = data::synthetic::LinearRegression::default().seed(0).dataset();
    let loader = data::DataLoader::new(dataset.clone(), 10).shuffle(true).seed(0);
    let w = Tensor::normal(0.0, 0.01, [2, 1]).requires_grad_(true);
    let b = Tensor::zeros([1]).requires_grad_(true);
    for (x, y) in &loader {
        let loss = (x.matmul(&w) + &b - &y).square().sum() / 2;
        loss.backward();
        let rate = lr / x.shape()[0] as f64;
        no_grad(|| {
            for parameter in [&w, &b] {
                parameter.sub_(&(rate * parameter.grad().unwrap()));
                parameter.zero_grad();
            }
        });
        no_grad(|| (x.matmul(&w) + &b - &y).square().mean().item());
    }
}

/// The same with a layer and an optimiser, with batches of one.
fn linreg_with_nn() {
    manual_seed(0);
    let dataset = data::synthetic::LinearRegression::default().examples(200).seed(0).dataset();
    let net = nn::Linear::new(2, 1);
    let criterion = nn::MSELoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.2);
    for epoch in 0..3 {
        if epoch == 2 {
            optimizer.set_lr(0.02);
        }
        for (x, y) in &data::DataLoader::new(dataset.clone(), 1).shuffle(true).seed(0) {
            optimizer.zero_grad();
            let loss = criterion.forward(&net.forward(&x), &y) / 2;
            loss.backward();
            optimizer.step();
        }
        no_grad(|| criterion.forward(&net.forward(&dataset.features()), &dataset.targets()).item());
    }
}

fn training_loop() {
    manual_seed(0);
    let x = Tensor::randn([320, 2]);
    let y = x.square().sum_dim(1).gt(1.4).cast::<i64>();
    let dataset = data::TensorDataset::new(x.clone(), y.clone()).unwrap();
    let net = nn::Sequential::new().add(nn::Linear::new(2, 32)).add(nn::ReLU).add(nn::Linear::new(32, 2));
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.1).momentum(0.9);
    for _epoch in 0..3 {
        for (inputs, labels) in &data::DataLoader::new(dataset.clone(), 32).shuffle(true) {
            optimizer.zero_grad();
            let loss = criterion.forward(&net.forward(&inputs), &labels);
            loss.backward();
            optimizer.step();
        }
        let predictions = no_grad(|| net.forward(&x).argmax_dim(1));
        predictions.eq(&y).cast::<f32>().mean().item();
    }
}

fn lenet() {
    manual_seed(0);
    let dataset = data::synthetic::Digits::new(8).seed(1).dataset();
    let net = LeNet::new();
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.001).momentum(0.9);
    for (inputs, labels) in &data::DataLoader::new(dataset, 4) {
        optimizer.zero_grad();
        let outputs = net.forward(&inputs);
        let loss = criterion.forward(&outputs, &labels);
        loss.backward();
        optimizer.step();
        nn::accuracy(&outputs, &labels);
    }
}

/// Steps down x² with a rate.
fn slope(rate: f64) {
    let x = Tensor::<f64>::new(10.0).requires_grad_(true);
    for _ in 0..10 {
        x.square().backward();
        no_grad(|| x.sub_(&(rate * x.grad().unwrap())));
        x.zero_grad();
    }
}

/// Rosenbrock's valley under several optimisers.
fn valley() {
    let valley = |at: &Tensor<f64>| {
        let (x, y) = (at.select(0, 0), at.select(0, 1));
        (1 - &x).square() + 10 * (y - x.square()).square()
    };
    let start = || Tensor::<f64>::new([-1.5, 1.5]).requires_grad_(true);
    let [one, two, three, four, five] = std::array::from_fn(|_| start());
    let optimizers: [(&Tensor<f64>, Box<dyn Optimizer>); 3] = [
        (&one, Box::new(optim::SGD::new([&one], 0.01))),
        (&two, Box::new(optim::SGD::new([&two], 0.01).momentum(0.9).nesterov(true))),
        (&three, Box::new(optim::Adam::new([&three], 0.1))),
    ];
    for (at, mut optimizer) in optimizers {
        for _ in 0..50 {
            no_grad(|| valley(at).item());
            optimizer.zero_grad();
            valley(at).backward();
            optimizer.step();
        }
    }
    let mut lbfgs = optim::LBFGS::new([&four], 1.0).max_iter(1).max_eval(25).strong_wolfe(true);
    let mut newton = optim::Newton::new([&five], 1.0);
    for _ in 0..8 {
        lbfgs.step_with(|| {
            four.zero_grad();
            let loss = valley(&four);
            loss.backward();
            loss
        });
        newton.step_with(|| valley(&five)).unwrap();
    }
}

#[test]
fn the_loops_of_the_examples_are_silent() {
    let loops: [(&str, fn()); 7] = [
        ("linreg from scratch", || linreg(0.2)),
        ("linreg with nn", linreg_with_nn),
        ("linreg with too small a rate", || linreg(0.002)),
        ("training_loop and batch_size", training_loop),
        ("lenet", lenet),
        ("gradient_descent", || [0.2, 0.05, 0.9].map(slope).into_iter().collect()),
        ("optimizers", valley),
    ];
    for (name, run) in loops {
        let (_, findings) = lint(run);
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
}

#[test]
fn too_large_a_rate_is_noticed() {
    for run in [|| linreg(5.0), || slope(1.1)] {
        let (_, findings) = lint(run);
        assert_eq!(findings.iter().map(|finding| finding.mistake()).collect::<Vec<_>>(), [Mistake::LossGrows]);
    }
}
