//! The tape of a network: every operation names a line of the program, and belongs to the module whose parameter it
//! takes.

use downhill::prelude::*;
use downhill::tensor::{Entry, Role, Tape};

use super::model::LeNet;

/// Operations whose line is in no file of the program.
fn foreign(tape: &Tape) -> Vec<String> {
    let operations = tape.entries().iter().filter(|entry| entry.role() == Role::Operation);
    let ours = ["tests/framework/tape.rs", "examples/lenet/model.rs"];
    let foreign = operations.filter(|entry| !ours.iter().any(|file| entry.line().file().ends_with(file)));
    foreign.map(|entry| format!("{} at {}", entry.op(), entry.line())).collect()
}

#[test]
fn lenet_is_grouped_by_its_layers() {
    manual_seed(0);
    let (net, images) = (LeNet::new(), Tensor::randn([2, 1, 28, 28]));
    let labels = Tensor::from([3, 7]);
    let (_, tape) = Tape::record(|| {
        let loss = nn::CrossEntropyLoss::new().forward(&net.forward(&images), &labels);
        loss.backward();
    });
    let tape = tape.with_names(net.named_parameters());
    assert_eq!(foreign(&tape), [""; 0]);

    let group = |entry: &Entry| entry.group().map(str::to_owned);
    let operations: Vec<_> = tape.entries().iter().filter(|entry| entry.role() == Role::Operation).collect();
    let of = |name: &str| -> Vec<&str> {
        operations.iter().filter(|entry| group(entry).as_deref() == Some(name)).map(|entry| entry.op()).collect()
    };
    assert_eq!(of("conv1"), ["conv2d", "relu", "max_pool2d"]);
    assert_eq!(of("conv2"), ["conv2d", "relu", "max_pool2d", "reshape"]);
    assert_eq!(of("fc1"), ["linear", "relu"]);
    for (name, parameter) in net.named_parameters() {
        let entry = tape.entry(&parameter).expect("each parameter is used");
        assert_eq!(entry.name(), Some(name.as_str()));
        let recorded = tape.gradient(entry.number()).expect("each parameter is reached");
        assert_eq!(recorded.cast::<f32>().to_vec(), parameter.grad().unwrap().to_vec(), "{name}");
    }

    // A convolution has one term for each position of its window.
    let weight = &net.named_parameters()[0].1;
    let why = tape.explain(weight, [0, 0, 2, 2]);
    assert!(why.consumers()[0].terms().len() > 100);
    assert!((why.sum() - why.gradient()).abs() <= 1e-4 * why.gradient().abs(), "{why}");

    // There is no kink after the last relu, so the finite difference agrees to the precision of f32.
    let (name, weight) = &net.named_parameters()[8];
    let why = tape.explain(weight, [3, 40]);
    assert_eq!(name, "fc3.weight");
    assert!((why.finite_difference() - why.gradient()).abs() <= 2e-4, "{why}");
}

#[test]
fn layers_in_containers_and_losses_name_the_line_that_called_them() {
    let x = Tensor::randn([4, 3, 2, 2]);
    let net = nn::Sequential::new()
        .add(nn::BatchNorm2d::new(3))
        .add(nn::Flatten::new())
        .add(nn::LayerNorm::new(12))
        .add(nn::Dropout::new(0.5))
        .add(nn::Linear::new(12, 5))
        .add(nn::Softplus::new(1.0, 20.0))
        .add(nn::GELU::new(nn::Approximate::None))
        .add(nn::SiLU);
    let (labels, targets) = (Tensor::from([0, 1, 2, 3]), Tensor::rand([4, 5]));
    let mut optimizer = optim::Adam::new(net.parameters(), 0.1);
    let (_, tape) = Tape::record(|| {
        let y = net.forward(&x);
        let losses = [
            nn::CrossEntropyLoss::new().label_smoothing(0.1).forward(&y, &labels),
            nn::NLLLoss::new().forward(&y.log_softmax(1), &labels),
            nn::MSELoss::new().forward(&y, &targets),
            nn::L1Loss::new().forward(&y, &targets),
            nn::HuberLoss::new().forward(&y, &targets),
            nn::BCEWithLogitsLoss::new().forward(&y, &targets),
            nn::SmoothL1Loss::new().forward(&y, &targets),
        ];
        Tensor::stack(&losses.each_ref(), 0).sum().backward();
        optimizer.step();
    });
    assert_eq!(foreign(&tape), [""; 0]);
}

#[test]
fn the_readme_shows_what_explain_says() {
    let (x, y) = (Tensor::from([[1.0, 2.0], [3.0, -1.0]]).named("x"), Tensor::from([[0.5], [1.5]]).named("y"));
    let w = Tensor::from([[0.5], [-0.2]]).requires_grad_(true).named("w");
    let b = Tensor::from([0.1]).requires_grad_(true).named("b");
    let (_, tape) = Tape::record(|| (x.matmul(&w) + &b - &y).square().mean().backward());
    let explained = tape.explain(&w, [0, 0]).to_string();
    // The last digits of the finite difference depend on the machine.
    let (terms, _) = explained.split_once("differs by").expect("a finite difference beside it");
    assert!(include_str!("../../README.md").contains(terms), "the README does not show\n{explained}");
}
