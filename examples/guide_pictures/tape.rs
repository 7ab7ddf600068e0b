//! Graphs of the neuron and of LeNet, from their tapes.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::Graph;

use crate::lenet::model::LeNet;

/// The neuron of the guide: x = 1.5, w = 0.8, b = -0.2, target 1.
fn neuron_tape() -> Tape {
    let x = Tensor::<f64>::new(1.5).named("x");
    let w = Tensor::<f64>::new(0.8).requires_grad_(true).named("w");
    let b = Tensor::<f64>::new(-0.2).requires_grad_(true).named("b");
    let (_, tape) = Tape::record(|| {
        let a = (&w * &x + &b).sigmoid();
        let loss = (a - 1).square();
        loss.backward();
    });
    tape
}

/// Its graph.
pub fn neuron(file: &Path) -> io::Result<()> {
    Graph::of(&neuron_tape()).title("One neuron").save(file)
}

/// Its printed tape.
pub fn listing(file: &Path) -> io::Result<()> {
    std::fs::write(file, neuron_tape().to_string())
}

/// An explanation of the gradients of a line through three points.
pub fn explanation(file: &Path) -> io::Result<()> {
    let x = Tensor::<f64>::new([[0.0], [1.0], [2.0]]).named("x");
    let y = Tensor::<f64>::new([[1.0], [3.0], [5.0]]).named("y");
    let w = Tensor::<f64>::zeros([1, 1]).requires_grad_(true).named("w");
    let b = Tensor::<f64>::zeros([1]).requires_grad_(true).named("b");
    let (_, tape) = Tape::record(|| {
        let loss = (x.matmul(&w) + &b - &y).square().mean() / 2;
        loss.backward();
    });
    std::fs::write(file, format!("{}\n{}\n", tape.explain(&w, [0, 0]), tape.explain(&b, [0])))
}

/// LeNet on four digits.
pub fn lenet(file: &Path) -> io::Result<()> {
    manual_seed(0);
    let net = LeNet::new();
    let digits = data::synthetic::Digits::new(4).seed(1).dataset();
    let (_, tape) = Tape::record(|| {
        let outputs = net.forward(&digits.features());
        nn::CrossEntropyLoss::new().forward(&outputs, &digits.targets()).backward();
    });
    Graph::of(&tape.with_names(net.named_parameters())).title("LeNet").save(file)
}
