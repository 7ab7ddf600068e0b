//! `Module`: what a visitor is shown, and everything that follows from it: names, counts, modes.

use downhill_nn::{
    AnyTensor, Buffer, Copies, DeepCopy, Layer, Linear, Module, Parameter, Part, ReLU, Sequential, Tanh, Training,
    Visitor,
};
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::assert_panics;

/// A module written by hand with every kind of part.
pub struct Block {
    scale: Parameter,
    offset: Parameter<f64>,
    mean: Buffer,
    steps: Buffer<i64>,
    mask: Buffer<bool>,
    fc: Linear,
    maybe: Option<Linear>,
    never: Option<Linear>,
    list: Vec<Linear>,
    pair: [Linear; 2],
    any: Vec<Box<dyn Layer<Output = Tensor>>>,
    weights: Vec<Parameter>,
    sizes: Vec<usize>,
    kernel: [usize; 2],
    rate: f64,
    training: Training,
}

impl Block {
    pub fn new() -> Self {
        let linear = || Linear::new(2, 2).bias(false);
        Block {
            scale: Parameter::new(Tensor::ones([3])),
            offset: Parameter::new(Tensor::<f64>::zeros([1])),
            mean: Buffer::new(Tensor::zeros([5])),
            steps: Buffer::new(Tensor::from(0)),
            mask: Buffer::new(Tensor::from([true])),
            fc: Linear::new(3, 1),
            maybe: Some(linear()),
            never: None,
            list: vec![linear(), linear()],
            pair: [linear(), linear()],
            any: vec![Box::new(ReLU), Box::new(linear()), Box::new(Sequential::new().add(linear()))],
            weights: vec![Parameter::new(Tensor::ones([1]))],
            sizes: vec![1, 2],
            kernel: [3, 3],
            rate: 0.5,
            training: Training::new(),
        }
    }
}

impl Module for Block {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.scale.visit_as("scale", visitor);
        self.offset.visit_as("offset", visitor);
        self.mean.visit_as("mean", visitor);
        self.steps.visit_as("steps", visitor);
        self.mask.visit_as("mask", visitor);
        self.fc.visit_as("fc", visitor);
        self.maybe.visit_as("maybe", visitor);
        self.never.visit_as("never", visitor);
        self.list.visit_as("list", visitor);
        self.pair.visit_as("pair", visitor);
        self.any.visit_as("any", visitor);
        self.weights.visit_as("weights", visitor);
        self.sizes.visit_as("sizes", visitor);
        self.kernel.visit_as("kernel", visitor);
        self.rate.visit_as("rate", visitor);
        self.training.visit_as("training", visitor);
    }

    fn name(&self) -> &'static str {
        "Block"
    }

    fn extra_repr(&self) -> String {
        format!("rate={}", self.rate)
    }
}

/// Records what it is shown.
#[derive(Default)]
struct Record(Vec<String>);

impl Visitor for Record {
    fn parameter(&mut self, name: &str, parameter: AnyTensor) {
        self.0.push(format!("parameter {name}: {} x {}", parameter.numel(), parameter.kind()));
    }

    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        self.0.push(format!("buffer {name}: {} x {}", buffer.numel(), buffer.kind()));
    }

    fn training(&mut self, training: &Training) {
        self.0.push(format!("training: {}", training.is_on()));
    }

    fn enter(&mut self, name: &str, module: &'static str, extra_repr: &dyn Fn() -> String) {
        self.0.push(format!("enter {name}: {module}({})", extra_repr()));
    }

    fn leave(&mut self) {
        self.0.push("leave".to_owned());
    }
}

#[test]
fn a_visitor_is_shown_each_part_in_order_with_its_kind() {
    let mut record = Record::default();
    Block::new().visit_as("block", &mut record);
    let linear = ["Linear(in_features=2, out_features=2, bias=False)", "parameter weight: 4 x f32", "leave"];
    let linear =
        |name: &str| linear.map(|line| line.replace("Linear(", &format!("enter {name}: Linear("))).join("\n");
    let expected = [
        "enter block: Block(rate=0.5)\n\
         parameter scale: 3 x f32\n\
         parameter offset: 1 x f64\n\
         buffer mean: 5 x f32\n\
         buffer steps: 1 x i64\n\
         buffer mask: 1 x bool\n\
         enter fc: Linear(in_features=3, out_features=1, bias=True)\n\
         parameter weight: 3 x f32\n\
         parameter bias: 1 x f32\n\
         leave",
        &linear("maybe"),
        "enter list: ModuleList()",
        &linear("0"),
        &linear("1"),
        "leave\nenter pair: ModuleList()",
        &linear("0"),
        &linear("1"),
        "leave\nenter any: ModuleList()\nenter 0: ReLU()\nleave",
        &linear("1"),
        "enter 2: Sequential()",
        &linear("0"),
        "leave\nleave\nenter weights: ParameterList()\nparameter 0: 1 x f32\nleave\ntraining: true\nleave",
    ];
    assert_eq!(record.0.join("\n"), expected.join("\n"));
}

#[test]
fn parameters_are_named_by_their_path_in_order() {
    let net = Block::new();
    let names: Vec<String> = net.named_parameters_any().into_iter().map(|(name, _)| name).collect();
    let expected = "scale offset fc.weight fc.bias maybe.weight list.0.weight list.1.weight pair.0.weight \
        pair.1.weight any.1.weight any.2.0.weight weights.0";
    assert_eq!(names.join(" "), expected);
    assert_eq!(net.num_parameters(), 3 + 1 + 3 + 1 + 7 * 4 + 1);

    let net = Sequential::new().add(Linear::new(2, 3)).add(Tanh).add(Sequential::new().add(Linear::new(3, 1)));
    let shapes: Vec<(String, Vec<usize>)> =
        net.named_parameters().into_iter().map(|(name, parameter)| (name, parameter.shape().to_vec())).collect();
    let expected = [("0.weight", vec![3, 2]), ("0.bias", vec![3]), ("2.0.weight", vec![1, 3]), ("2.0.bias", vec![1])];
    assert_eq!(shapes, expected.map(|(name, shape)| (name.to_owned(), shape)));
    assert_eq!(net.num_parameters(), 6 + 3 + 3 + 1);
    // The same tensors, not copies.
    let parameters = net.parameters();
    assert!(net.named_parameters().iter().zip(&parameters).all(|((_, named), parameter)| named.is(parameter)));
    // A module behind `dyn Module`.
    let boxed: Box<dyn Layer<Output = Tensor>> = Box::new(net);
    assert!(boxed.parameters().iter().zip(&parameters).all(|(a, b)| a.is(b)));
    assert_eq!((boxed.name(), boxed.num_parameters()), ("Sequential", 13));
}

#[test]
fn a_shared_tensor_is_named_once() {
    let first = Linear::new(2, 2);
    let second = Linear { weight: first.weight.clone(), bias: Some(Parameter::new(Tensor::zeros([2]))) };
    assert!(second.weight.is(&first.weight), "a clone is the same parameter");
    let net = Sequential::new().add(first).add(second);
    let names: Vec<String> = net.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["0.weight", "0.bias", "1.bias"]);
    assert_eq!((net.parameters().len(), net.num_parameters()), (3, 4 + 2 + 2));
    net.forward(&Tensor::ones([1, 2])).sum().backward();
    // y = W (W x + a) + b, so that the gradient of W has a part from each place: 1 (W x + a)ᵀ + (Wᵀ 1) xᵀ.
    let [w, a, _] = net.parameters().try_into().unwrap();
    let (w, a) = (w.detach(), a.detach());
    let hidden = Tensor::ones([1, 2]).matmul(&w.t()) + &a;
    let expected = hidden.expand([2, 2]) + w.sum_dim(0).unsqueeze(1);
    let found = net.parameters()[0].grad().unwrap();
    assert!((found - expected).abs().max().item() < 1e-6);
}

#[test]
fn zero_grad_sets_every_gradient_to_none() {
    let net = Block::new();
    for (_, parameter) in net.named_parameters_any() {
        match parameter {
            AnyTensor::F32(parameter) => parameter.square().sum().backward(),
            AnyTensor::F64(parameter) => parameter.square().sum().backward(),
            other => panic!("a parameter of {}", other.kind()),
        }
    }
    assert!(net.scale.grad().is_some() && net.offset.grad().is_some() && net.pair[1].weight.grad().is_some());
    net.zero_grad();
    assert!(net.scale.grad().is_none() && net.offset.grad().is_none() && net.pair[1].weight.grad().is_none());
}

#[test]
fn a_frozen_parameter_stays_a_parameter() {
    let net = Sequential::new().add(Linear::new(2, 3)).add(Linear::new(3, 1));
    let before = net.parameters();
    before[0].requires_grad_(false);
    let after = net.named_parameters();
    assert_eq!(after.len(), 4);
    assert_eq!(after.iter().map(|(_, p)| p.requires_grad()).collect::<Vec<_>>(), [false, true, true, true]);
    net.forward(&Tensor::ones([1, 2])).sum().backward();
    assert_eq!(after.iter().map(|(_, p)| p.grad().is_some()).collect::<Vec<_>>(), [false, true, true, true]);
    before[0].requires_grad_(true);
    net.forward(&Tensor::ones([1, 2])).sum().backward();
    assert!(net.parameters()[0].grad().is_some());
}

#[test]
fn parameters_of_another_element_type_are_refused() {
    let net = Sequential::new().add(Linear::<f64>::of(2, 1));
    let text = "parameters: `0.weight` holds f64, not f32; ask for `parameters_of::<f64>()`";
    assert_panics(text, || net.parameters());
    assert_panics(text, || net.named_parameters());
    assert_eq!(net.parameters_of::<f64>().len(), 2);
    assert_eq!(net.named_parameters_of::<f64>()[1].0, "0.bias");
    let net = Linear::new(2, 1);
    let text = "parameters: `weight` holds f32, not f64; ask for `parameters_of::<f32>()`";
    assert_panics(text, || net.parameters_of::<f64>());
    assert_panics(text, || net.named_parameters_of::<f64>());
}

#[test]
fn train_and_eval_reach_every_switch() {
    #[derive(Clone)]
    struct Noise(Training);
    impl Module for Noise {
        fn visit(&self, visitor: &mut dyn Visitor) {
            self.0.visit_as("training", visitor);
        }

        fn name(&self) -> &'static str {
            "Noise"
        }
    }
    impl DeepCopy for Noise {
        fn copy_with(&self, _: &mut Copies) -> Self {
            self.clone()
        }
    }
    impl Layer for Noise {
        type Output = Tensor;

        fn forward(&self, input: &Tensor) -> Tensor {
            if self.0.is_on() { input + 1 } else { input.clone() }
        }
    }

    let net = Sequential::new().add(Noise(Training::new())).add(Sequential::new().add(Noise(Training::new())));
    let output = || net.forward(&Tensor::from([0.0])).item();
    assert_eq!(output(), 2.0, "every module starts in training");
    net.eval();
    assert_eq!(output(), 0.0);
    net.eval();
    assert_eq!(output(), 0.0);
    net.train();
    assert_eq!(output(), 2.0);

    let block = Block::new();
    block.eval();
    assert!(!block.training.is_on());
    let boxed: Box<dyn Module> = Box::new(block);
    boxed.train();
    let mut record = Record::default();
    boxed.visit(&mut record);
    assert!(record.0.contains(&"training: true".to_owned()));
}
