//! `#[derive(Module)]`: names and order of the parameters, what is skipped, generics, printing.

mod networks;

use downhill::nn::{AnyTensor, Module, Visitor};
use downhill::prelude::*;
use downhill::tensor::Float;

/// The names of all parameters, joined by spaces.
fn names(module: &dyn Module) -> String {
    let names: Vec<String> = module.named_parameters_any().into_iter().map(|(name, _)| name).collect();
    names.join(" ")
}

#[derive(Module)]
struct LeNet {
    conv: nn::Linear,
    fc1: nn::Linear,
    fc2: nn::Linear,
}

impl LeNet {
    fn new() -> Self {
        LeNet { conv: nn::Linear::new(4, 3), fc1: nn::Linear::new(3, 2).bias(false), fc2: nn::Linear::new(2, 2) }
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let x = self.conv.forward(x).relu();
        let x = self.fc1.forward(&x).relu();
        self.fc2.forward(&x)
    }
}

#[test]
fn a_network_of_layers_is_trained() {
    manual_seed(0);
    let net = LeNet::new();
    assert_eq!(names(&net), "conv.weight conv.bias fc1.weight fc2.weight fc2.bias");
    assert_eq!(net.num_parameters(), 12 + 3 + 6 + 4 + 2);
    let (inputs, labels) = (Tensor::randn([8, 4]), Tensor::from([0, 1, 0, 1, 0, 1, 0, 1]));
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.5);
    let mut losses = Vec::new();
    for _ in 0..2 {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&inputs), &labels);
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
    }
    assert!(losses[1] < losses[0], "{losses:?}");
    net.zero_grad();
    assert!(net.parameters().iter().all(|parameter| parameter.grad().is_none()));
}

/// A model that contains its loss.
#[derive(Module)]
struct Classifier {
    fc: nn::Linear,
    criterion: nn::CrossEntropyLoss,
}

#[test]
fn a_loss_is_a_part_of_a_module() {
    let criterion = nn::CrossEntropyLoss::new().weight(&Tensor::ones([2]));
    let net = Classifier { fc: nn::Linear::new(3, 2), criterion };
    assert_eq!(names(&net), "fc.weight fc.bias");
    let mut buffers = Buffers::default();
    net.visit(&mut buffers);
    assert_eq!(buffers.0, ["weight: f32"]);
    let text =
        "Classifier(\n  (fc): Linear(in_features=3, out_features=2, bias=True)\n  (criterion): CrossEntropyLoss()\n)";
    assert_eq!(net.to_string(), text);
    let loss = net.criterion.forward(&net.fc.forward(&Tensor::zeros([4, 3])), &Tensor::from([0, 1, 0, 1]));
    assert!(loss.requires_grad());
}

/// The type of a field that is no part of the module.
struct Settings;

#[derive(Module)]
struct Everything {
    weight: nn::Parameter,
    weight64: nn::Parameter<f64>,
    mean: nn::Buffer,
    num_batches_tracked: nn::Buffer<i64>,
    layer: nn::Linear,
    some: Option<nn::Linear>,
    none: Option<nn::Linear>,
    list: Vec<nn::Linear>,
    pair: [nn::Parameter; 2],
    any: Vec<Box<dyn Layer<Output = Tensor>>>,
    stack: nn::Sequential,
    training: nn::Training,
    width: usize,
    rate: f64,
    sizes: Vec<usize>,
    kernel: [usize; 2],
    limit: Option<f32>,
    flag: bool,
    title: String,
    label: &'static str,
    #[module(skip)]
    settings: Settings,
    #[module(skip)]
    ignored: nn::Linear,
}

impl Everything {
    fn new() -> Self {
        let linear = || nn::Linear::new(2, 2).bias(false);
        let parameter = || nn::Parameter::new(Tensor::ones([1]));
        Everything {
            weight: parameter(),
            weight64: nn::Parameter::new(Tensor::<f64>::ones([1])),
            mean: nn::Buffer::new(Tensor::zeros([2])),
            num_batches_tracked: nn::Buffer::new(Tensor::from(0)),
            layer: linear(),
            some: Some(linear()),
            none: None,
            list: vec![linear(), linear()],
            pair: [parameter(), parameter()],
            any: vec![Box::new(nn::ReLU), Box::new(linear())],
            stack: nn::Sequential::new().add(linear()),
            training: nn::Training::new(),
            width: 2,
            rate: 0.5,
            sizes: vec![1],
            kernel: [3, 3],
            limit: None,
            flag: true,
            title: "title".to_owned(),
            label: "label",
            settings: Settings,
            ignored: linear(),
        }
    }
}

#[derive(Default)]
struct Buffers(Vec<String>);

impl Visitor for Buffers {
    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        self.0.push(format!("{name}: {}", buffer.kind()));
    }
}

#[test]
fn every_kind_of_field() {
    let module = Everything::new();
    assert_eq!(
        names(&module),
        "weight weight64 layer.weight some.weight list.0.weight list.1.weight pair.0 pair.1 any.1.weight \
        stack.0.weight"
    );
    let mut buffers = Buffers::default();
    module.visit(&mut buffers);
    assert_eq!(buffers.0, ["mean: f32", "num_batches_tracked: i64"]);
    module.eval();
    assert!(!module.training.is_on());
    module.train();
    assert!(module.training.is_on());
    // Plain fields are the user's own.
    let Everything { width: 2, flag: true, limit: None, settings: Settings, .. } = &module else { panic!() };
    assert_eq!((module.rate, module.sizes.len(), module.kernel), (0.5, 1, [3, 3]));
    assert_eq!((module.title.as_str(), module.label), ("title", "label"));
    assert!(module.none.is_none() && module.ignored.weight.requires_grad());
    assert_eq!(
        module.to_string(),
        "\
Everything(
  (layer): Linear(in_features=2, out_features=2, bias=False)
  (some): Linear(in_features=2, out_features=2, bias=False)
  (list): ModuleList(
    (0-1): 2 x Linear(in_features=2, out_features=2, bias=False)
  )
  (pair): ParameterList()
  (any): ModuleList(
    (0): ReLU()
    (1): Linear(in_features=2, out_features=2, bias=False)
  )
  (stack): Sequential(
    (0): Linear(in_features=2, out_features=2, bias=False)
  )
)"
    );
}

#[derive(Module)]
struct Net<T: Float = f32> {
    fc: nn::Linear<T>,
    scale: nn::Parameter<T>,
}

#[derive(Module)]
struct Residual<L, const N: usize>
where
    L: Layer<Output = Tensor>,
{
    layers: [L; N],
}

impl<L: Layer<Output = Tensor>, const N: usize> Residual<L, N> {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.layers.iter().fold(x.clone(), |x, layer| &x + layer.forward(&x))
    }
}

#[test]
fn generic_modules() {
    let net = Net::<f64> { fc: nn::Linear::of(2, 1), scale: nn::Parameter::new(Tensor::<f64>::ones([1])) };
    assert_eq!(names(&net), "fc.weight fc.bias scale");
    assert_eq!(net.parameters_of::<f64>().len(), 3);
    let net: Net = Net { fc: nn::Linear::new(2, 1), scale: nn::Parameter::new(Tensor::ones([1])) };
    assert_eq!(net.parameters().len(), 3);
    assert_eq!(net.to_string(), "Net(\n  (fc): Linear(in_features=2, out_features=1, bias=True)\n)");

    let residual = Residual { layers: [nn::Tanh, nn::Tanh] };
    assert_eq!(residual.forward(&Tensor::zeros([1])).item(), 0.0);
    let residual = Residual { layers: [nn::Linear::new(2, 2), nn::Linear::new(2, 2)] };
    assert_eq!(names(&residual), "layers.0.weight layers.0.bias layers.1.weight layers.1.bias");
    assert_eq!(residual.forward(&Tensor::zeros([3, 2])).shape(), [3, 2]);
}

#[derive(Module)]
struct Unit;

#[derive(Module)]
struct Empty {}

#[derive(Module)]
struct Raw {
    r#type: nn::Parameter,
    r#in: nn::Linear,
    // Names that the derive itself could have used.
    visitor: nn::Parameter,
    name: nn::Parameter,
}

#[derive(Module)]
#[allow(non_camel_case_types)]
struct r#loop {
    parts: Raw,
}

#[test]
fn units_and_raw_identifiers() {
    assert_eq!((Unit.to_string(), Empty {}.to_string()), ("Unit()".to_owned(), "Empty()".to_owned()));
    assert_eq!((Unit.num_parameters(), names(&Empty {})), (0, String::new()));
    let parameter = || nn::Parameter::new(Tensor::ones([1]));
    let raw = Raw { r#type: parameter(), r#in: nn::Linear::new(1, 1), visitor: parameter(), name: parameter() };
    let module = r#loop { parts: raw };
    assert_eq!(names(&module), "parts.type parts.in.weight parts.in.bias parts.visitor parts.name");
    assert!(module.to_string().starts_with("loop(\n  (parts): Raw(\n    (in): Linear("), "{module}");
}

/// A derive inside code that a macro wrote: names and types come from different places.
macro_rules! module_of {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        #[derive(Module)]
        struct $name { $($field: $type,)* last: nn::Parameter }
    };
}
module_of!(Written { first: nn::Linear, second: Option<nn::Linear> });

#[test]
fn a_derive_within_a_macro() {
    let module = Written { first: nn::Linear::new(1, 1), second: None, last: nn::Parameter::new(Tensor::ones([1])) };
    assert_eq!(names(&module), "first.weight first.bias last");
    assert!(module.second.is_none());
}
