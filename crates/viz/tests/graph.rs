//! Graphs drawn from tapes.

use downhill_nn as nn;
use downhill_nn::{Layer, Module};
use downhill_tensor::prelude::*;
use downhill_viz::Graph;

fn linear_regression() -> Tape {
    let x = Tensor::from([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]).named("x");
    let y = Tensor::from([[1.0], [2.0], [0.5]]).named("y");
    let w = Tensor::from([[0.5], [-1.0]]).requires_grad_(true).named("w");
    let b = Tensor::from([0.25]).requires_grad_(true).named("b");
    Tape::record(|| (x.matmul(&w) + &b - &y).square().mean().backward()).1
}

fn diamond() -> Tape {
    let a = Tensor::from([0.5, -1.0, 2.0]).requires_grad_(true).named("a");
    Tape::record(|| {
        let shared = a.exp();
        (shared.sin() * shared.relu() * &shared).sum().backward();
    })
    .1
}

fn two_layers() -> Tape {
    manual_seed(0);
    let net = nn::Sequential::new().add(nn::Linear::new(2, 16)).add(nn::ReLU).add(nn::Linear::new(16, 3));
    let x = Tensor::randn([8, 2]).named("x");
    let labels = Tensor::from([0, 1, 2, 0, 1, 2, 0, 1]).named("labels");
    let (_, tape) = Tape::record(|| nn::CrossEntropyLoss::new().forward(&net.forward(&x), &labels).backward());
    tape.with_names(net.named_parameters())
}

/// The network of LeCun and others (1998), with a batch of four.
fn lenet() -> Tape {
    manual_seed(0);
    let (conv1, conv2) = (nn::Conv2d::new(1, 6, 5).padding(2), nn::Conv2d::new(6, 16, 5));
    let (fc1, fc2, fc3) = (nn::Linear::new(400, 120), nn::Linear::new(120, 84), nn::Linear::new(84, 10));
    let pool = nn::MaxPool2d::new(2);
    let images = Tensor::randn([4, 1, 28, 28]).named("images");
    let labels = Tensor::from([3, 1, 4, 1]).named("labels");
    let (_, tape) = Tape::record(|| {
        let x = pool.forward(&conv1.forward(&images).relu());
        let x = pool.forward(&conv2.forward(&x).relu());
        let x = fc1.forward(&x.flatten_dims(1, -1)).relu();
        let x = fc3.forward(&fc2.forward(&x).relu());
        nn::CrossEntropyLoss::new().forward(&x, &labels).backward();
    });
    let parts: [(&str, &dyn Module); 5] =
        [("conv1", &conv1), ("conv2", &conv2), ("fc1", &fc1), ("fc2", &fc2), ("fc3", &fc3)];
    parts.into_iter().fold(tape, |tape, (name, part)| {
        let named = part.named_parameters().into_iter().map(|(inner, tensor)| (format!("{name}.{inner}"), tensor));
        tape.with_names(named.collect::<Vec<_>>())
    })
}

#[test]
fn write() {
    let Ok(folder) = std::env::var("GRAPH_SAMPLES") else { return };
    for (name, tape) in
        [("linreg", linear_regression()), ("diamond", diamond()), ("net", two_layers()), ("lenet", lenet())]
    {
        println!("{tape}");
        let graph = Graph::of(&tape).title(name);
        graph.save(format!("{folder}/tape-{name}.svg")).unwrap();
        std::fs::write(format!("{folder}/tape-{name}.dot"), graph.to_dot()).unwrap();
        std::fs::write(format!("{folder}/tape-{name}.mmd"), graph.to_mermaid()).unwrap();
        graph.collapse().save(format!("{folder}/tape-{name}-collapsed.svg")).unwrap();
    }
}
