//! A mistake inside a container names the layer, the shapes and the line of the user that called the container.

use std::panic::Location;

use downhill::prelude::*;
use downhill_tests::{assert_panics, panic_of};

/// What `linear` says of an input `[rows, 3]` or `[3]` that meets a layer of other sizes.
fn misfit_of(input: &str, outputs: usize, inputs: usize) -> String {
    format!(
        "linear: expected an input [..., in], a weight [out, in] and a bias [out], got an input {input}, a weight \
        [{outputs}, {inputs}] and a bias [{outputs}]; the last size of the input must be {inputs}, or the layer \
        `Linear::new(3, {outputs})`"
    )
}

/// This line in this file, as messages name it.
#[track_caller]
fn here() -> String {
    let here = Location::caller();
    format!("{}:{}:", here.file(), here.line())
}

/// Two layers that do not fit each other, after two that do, in nested containers.
fn nested() -> nn::Sequential {
    let inner = nn::Sequential::new().add(nn::Tanh).add(nn::Linear::new(8, 3)).add(nn::Linear::new(4, 1));
    nn::Sequential::new().add(nn::Linear::new(2, 8)).add(nn::ReLU).add(inner)
}

#[test]
fn sequential_names_the_layer_the_shapes_and_the_line() {
    let (net, x) = (nested(), Tensor::zeros([5, 2]));
    let (line, panic) = (here(), panic_of(|| net.forward(&x)).expect("layers that do not fit"));
    let (text, column) = panic.text.rsplit_once(':').expect("a place at the end");
    assert_eq!(
        format!("{text}:"),
        format!(
            "{}\n  \
             in layer 2 (Linear) of Sequential, in layer 2 (Sequential) of Sequential, called at {line}",
            misfit_of("[5, 3]", 1, 4)
        )
    );
    assert!(column.parse::<u32>().is_ok(), "the column, not {column}");

    // After a panic that was caught, an error outside the container names no layer.
    assert_panics(&misfit_of("[5, 3]", 8, 2), || misfit());
}

#[test]
fn a_layer_behind_a_pointer_names_the_line_that_called_it() {
    // Of any element type, as a list of layers holds them.
    let layers: [Box<dyn Layer<Tensor<f64>, Output = Tensor<f64>>>; 2] = [
        Box::new(nn::Linear::<f64>::of(2, 1)),
        Box::new(nn::Sequential::new().add(nn::Tanh).add(nn::Linear::<f64>::of(2, 1))),
    ];
    let places = ["in Linear,", "in layer 1 (Linear) of Sequential, in Sequential,"];
    let x = Tensor::<f64>::zeros([3]);
    for (layer, place) in layers.iter().zip(places) {
        let (line, panic) = (here(), panic_of(|| layer.forward(&x)).expect("an input that does not fit"));
        let text = format!("{}\n  {place} called at {line}", misfit_of("[3]", 1, 2));
        assert!(panic.text.starts_with(&text), "{} instead of {text}", panic.text);
    }
}

/// Panics at the caller's line.
#[track_caller]
fn misfit() -> Tensor {
    nn::Linear::new(2, 8).forward(&Tensor::zeros([5, 3]))
}

/// A network of a user's own; each line of `forward` may contain a mistake.
#[derive(Module)]
struct Net {
    fc1: nn::Linear,
    fc2: nn::Linear,
    stack: nn::Sequential,
}

impl Net {
    const FC2_LINE: u32 = line!() + 4;

    fn forward(&self, x: &Tensor) -> Tensor {
        let x = self.fc1.forward(x).relu();
        let x = self.fc2.forward(&x);
        self.stack.forward(&x)
    }
}

#[test]
fn a_mistake_in_a_forward_of_ones_own_is_at_the_line_in_it() {
    let net = Net { fc1: nn::Linear::new(2, 3), fc2: nn::Linear::new(4, 1), stack: nn::Sequential::new() };
    let panic = panic_of(|| net.forward(&Tensor::zeros([5, 2]))).expect("layers that do not fit");
    assert_eq!(panic.text, misfit_of("[5, 3]", 1, 4));
    assert_eq!((panic.file.as_str(), panic.line), (file!(), Net::FC2_LINE));

    // Within its container, the line that called the container.
    let stack = nn::Sequential::new().add(nn::ReLU).add(nn::Linear::new(2, 1));
    let net = Net { fc1: nn::Linear::new(2, 3), fc2: nn::Linear::new(3, 1), stack };
    let panic = panic_of(|| net.forward(&Tensor::zeros([5, 2]))).expect("layers that do not fit");
    let place = format!("in layer 1 (Linear) of Sequential, called at {}:{}:", file!(), Net::FC2_LINE + 1);
    assert!(panic.text.contains(&place), "{} does not contain {place}", panic.text);
}

/// A layer of a user's own in a container.
#[derive(Clone, Module)]
struct Halve {}

impl Halve {
    const LINE: u32 = line!() + 7;
}

impl Layer for Halve {
    type Output = Tensor;

    fn forward(&self, input: &Tensor) -> Tensor {
        input.reshape([-1, 2]).sum_dim(1)
    }
}

#[test]
fn a_layer_of_ones_own_in_a_container_is_named_and_so_is_its_line() {
    let (net, x) = (nn::Sequential::new().add(nn::Linear::new(2, 3)).add(Halve {}), Tensor::zeros([1, 2]));
    let (line, panic) = (here(), panic_of(|| net.forward(&x)).expect("three numbers in rows of two"));
    assert_eq!((panic.file.as_str(), panic.line), (file!(), Halve::LINE));
    assert!(panic.text.starts_with("reshape: cannot see [1, 3] (3 elements) as [-1, 2];"), "{}", panic.text);
    let place = format!("\n  in layer 1 (Halve) of Sequential, called at {line}");
    assert!(panic.text.contains(&place), "{} does not contain {place}", panic.text);
}
