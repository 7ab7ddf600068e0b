//! Layers against PyTorch: how they print, outputs, gradients, and buffers after several forwards in both modes.

use downhill_nn::{
    AnyTensor, Approximate, BatchNorm1d, BatchNorm2d, Dropout, ELU, Embedding, GELU, Layer, LayerNorm, LeakyReLU,
    LogSoftmax, Module, ReLU, SiLU, Sigmoid, Softmax, Softplus, Tanh, Visitor, summary,
};
use downhill_tensor::{Tensor, no_grad};

/// A layer by the type of its input.
enum Net {
    Numbers(Box<dyn Layer<Tensor<f64>, Output = Tensor<f64>>>),
    Indices(Embedding<f64>),
}

impl Net {
    fn module(&self) -> &dyn Module {
        match self {
            Net::Numbers(layer) => layer,
            Net::Indices(layer) => layer,
        }
    }

    fn forward(&self, input: &Tensor<f64>) -> Tensor<f64> {
        match self {
            Net::Numbers(layer) => layer.forward(input),
            Net::Indices(layer) => layer.forward(&input.detach().cast()),
        }
    }
}

/// The layer that a case names.
fn layer(call: &str) -> Net {
    macro_rules! layers {
        ($($text:literal => $layer:expr,)+) => {
            match call {
                $($text => Net::Numbers(Box::new($layer)),)+
                "Embedding::of(5, 2)" => Net::Indices(Embedding::of(5, 2)),
                "Embedding::of(5, 2).padding_idx(4)" => Net::Indices(Embedding::of(5, 2).padding_idx(4)),
                "Embedding::of(5, 2).padding_idx(-2)" => Net::Indices(Embedding::of(5, 2).padding_idx(-2)),
                _ => panic!("no layer for the case {call}"),
            }
        };
    }
    layers! {
        "BatchNorm1d::of(3)" => BatchNorm1d::of(3),
        "BatchNorm1d::of(3).momentum(None).eps(0.1)" => BatchNorm1d::of(3).momentum(None).eps(0.1),
        "BatchNorm1d::of(3).momentum(0.3).affine(false)" => BatchNorm1d::of(3).momentum(0.3).affine(false),
        "BatchNorm1d::of(3).bias(false)" => BatchNorm1d::of(3).bias(false),
        "BatchNorm1d::of(3).track_running_stats(false)" => BatchNorm1d::of(3).track_running_stats(false),
        "BatchNorm1d::of(3) without examples" => BatchNorm1d::of(3),
        "BatchNorm2d::of(2)" => BatchNorm2d::of(2),
        "BatchNorm2d::of(2).momentum(1.0).eps(1e-12)" => BatchNorm2d::of(2).momentum(1.0).eps(1e-12),
        "LayerNorm::of(4)" => LayerNorm::of(4),
        "LayerNorm::of([3, 4]).eps(0.001)" => LayerNorm::of([3, 4]).eps(0.001),
        "LayerNorm::of([4]).bias(false)" => LayerNorm::of([4]).bias(false),
        "LayerNorm::of(4).elementwise_affine(false)" => LayerNorm::of(4).elementwise_affine(false),
        "ReLU" => ReLU,
        "Sigmoid" => Sigmoid,
        "Tanh" => Tanh,
        "SiLU" => SiLU,
        "LeakyReLU::default()" => LeakyReLU::default(),
        "LeakyReLU::new(0.00001)" => LeakyReLU::new(0.00001),
        "ELU::default()" => ELU::default(),
        "ELU::new(0.5)" => ELU::new(0.5),
        "GELU::default()" => GELU::default(),
        "GELU::new(Approximate::Tanh)" => GELU::new(Approximate::Tanh),
        "Softplus::default()" => Softplus::default(),
        "Softplus::new(2.5, 1e16)" => Softplus::new(2.5, 1e16),
        "Softmax::new(-1)" => Softmax::new(-1),
        "LogSoftmax::new(0)" => LogSoftmax::new(0),
        "Dropout::default()" => Dropout::default(),
        "Dropout::new(0.0)" => Dropout::new(0.0),
        "Dropout::new(1.0)" => Dropout::new(1.0),
    }
}

/// Reads the buffers of a module.
#[derive(Default)]
struct Buffers(Vec<(String, Tensor<f64>)>);

impl Visitor for Buffers {
    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        let numbers = match buffer {
            AnyTensor::F64(numbers) => numbers.detach(),
            AnyTensor::I64(numbers) => numbers.cast(),
            other => panic!("a buffer of {}", other.kind()),
        };
        self.0.push((name.to_owned(), numbers));
    }
}

/// `[2,3] 1 2 3 nan -inf -0`.
fn tensor(text: &str) -> Tensor<f64> {
    let mut words = text.split(' ');
    let sizes = words.next().expect("a shape").trim_matches(['[', ']']).split(',').filter(|size| !size.is_empty());
    let shape: Vec<usize> = sizes.map(|size| size.parse().expect("a size")).collect();
    let data = words.map(|word| word.parse().expect("a number")).collect();
    Tensor::from_vec(data, shape).expect("as many numbers as the shape says")
}

fn check(what: &str, got: &Tensor<f64>, want: &Tensor<f64>) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    for (got, want) in got.to_vec().into_iter().zip(want.to_vec()) {
        assert!(got == want || (got - want).abs() <= 1e-12 + 1e-11 * want.abs(), "{what}: {got} instead of {want}");
    }
}

fn parameter(net: &Net, name: &str) -> Tensor<f64> {
    let parameters = net.module().named_parameters_any();
    let (_, found) = parameters.into_iter().find(|(other, _)| other == name).unwrap_or_else(|| panic!("no {name}"));
    found.get().expect("a parameter of f64").clone()
}

#[test]
fn layers_are_those_of_pytorch() {
    let mut cases = 0;
    for case in include_str!("layer_cases.txt").split("\n\n").skip(1) {
        let mut lines = case.lines().map(|line| line.split_once(' ').expect("a word and the rest"));
        let (_, call) = lines.next().expect("the layer");
        let net = layer(call);
        let (mut input, mut output) = (None, None);
        let mut step = 0;
        let mut parameters = 0;
        for (word, rest) in lines {
            let what = format!("{call}, forward {step}, {word} {}", rest.split(' ').next().unwrap_or_default());
            let named = || rest.split_once(' ').map(|(name, numbers)| (name, tensor(numbers))).expect("a name");
            match word {
                "print" => assert_eq!(summary(net.module()), rest),
                "parameter" => {
                    let (name, numbers) = named();
                    no_grad(|| parameter(&net, name).copy_(&numbers));
                    parameters += 1;
                }
                "forward" => {
                    step += 1;
                    if rest == "train" {
                        net.module().train()
                    } else {
                        net.module().eval()
                    }
                    net.module().zero_grad();
                }
                "input" => {
                    let x = tensor(rest).requires_grad_(true);
                    output = Some(net.forward(&x));
                    input = Some(x);
                }
                "output" => check(&what, output.as_ref().unwrap(), &tensor(rest)),
                "seed" => output.as_ref().unwrap().backward_with(&tensor(rest)),
                "grad" => {
                    let (name, want) = named();
                    let of = if name == "input" { input.clone().unwrap() } else { parameter(&net, name) };
                    check(&what, &of.grad().unwrap(), &want);
                }
                "buffer" => {
                    let (name, want) = named();
                    let mut buffers = Buffers::default();
                    net.module().visit(&mut buffers);
                    let (_, got) = buffers.0.iter().find(|(other, _)| other == name).expect("a buffer of this name");
                    check(&what, got, &want);
                }
                _ => panic!("unknown line: {word} {rest}"),
            }
        }
        assert_eq!(net.module().named_parameters_any().len(), parameters, "{call}: the number of parameters");
        cases += 1;
    }
    assert!(cases > 30, "only {cases} cases were read");
}
