//! `state_dict`, `load_state_dict` and `copy`: names, every element type, shared tensors, errors that change nothing.

use downhill_nn::{
    AnyTensor, Buffer, Copies, DeepCopy, IncompatibleKeys, Layer, Linear, Module, Parameter, Part, ReLU, Sequential,
    Training, Visitor,
};
use downhill_tensor::{StateDict, Tensor, no_grad};

/// Parameters and buffers of every element type; `tied` is the weight of `fc`.
#[derive(Clone)]
struct Block {
    fc: Linear,
    tied: Parameter,
    fine: Parameter<f64>,
    mean: Buffer,
    steps: Buffer<i64>,
    mask: Buffer<bool>,
    stack: Sequential,
    heads: Vec<Box<dyn Layer<Output = Tensor>>>,
    training: Training,
}

impl Block {
    fn new() -> Self {
        let fc = Linear::new(2, 3);
        Block {
            tied: fc.weight.clone(),
            fc,
            fine: Parameter::new(Tensor::<f64>::new([0.1])),
            mean: Buffer::new(Tensor::zeros([2])),
            steps: Buffer::new(Tensor::from(7)),
            mask: Buffer::new(Tensor::from([true, false])),
            stack: Sequential::new().add(ReLU).add(Linear::new(3, 1).bias(false)),
            heads: vec![Box::new(Linear::new(1, 1).bias(false)), Box::new(ReLU)],
            training: Training::new(),
        }
    }
}

impl Module for Block {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.fc.visit_as("fc", visitor);
        self.tied.visit_as("tied", visitor);
        self.fine.visit_as("fine", visitor);
        self.mean.visit_as("mean", visitor);
        self.steps.visit_as("steps", visitor);
        self.mask.visit_as("mask", visitor);
        self.stack.visit_as("stack", visitor);
        self.heads.visit_as("heads", visitor);
        self.training.visit_as("training", visitor);
    }

    fn name(&self) -> &'static str {
        "Block"
    }
}

impl DeepCopy for Block {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Block {
            fc: self.fc.copy_with(copies),
            tied: self.tied.copy_with(copies),
            fine: self.fine.copy_with(copies),
            mean: self.mean.copy_with(copies),
            steps: self.steps.copy_with(copies),
            mask: self.mask.copy_with(copies),
            stack: self.stack.copy_with(copies),
            heads: self.heads.copy_with(copies),
            training: self.training.copy_with(copies),
        }
    }
}

/// A state as text: exact, because the shortest text of a float is read back as that float.
pub fn text(state: &StateDict) -> Vec<String> {
    let numbers = |any: &AnyTensor| match any {
        AnyTensor::F32(tensor) => format!("{:?}", tensor.to_vec()),
        AnyTensor::F64(tensor) => format!("{:?}", tensor.to_vec()),
        AnyTensor::I64(tensor) => format!("{:?}", tensor.to_vec()),
        AnyTensor::Bool(tensor) => format!("{:?}", tensor.to_vec()),
    };
    state.iter().map(|(name, any)| format!("{name} {:?} {} {}", any.shape(), any.kind(), numbers(any))).collect()
}

#[test]
fn a_state_has_every_name_and_every_type() {
    let net = Block::new();
    let state = net.state_dict();
    let names: Vec<String> =
        state.iter().map(|(name, tensor)| format!("{name} {} {:?}", tensor.kind(), tensor.shape())).collect();
    assert_eq!(
        names,
        [
            "fc.weight f32 [3, 2]",
            "fc.bias f32 [3]",
            "tied f32 [3, 2]",
            "fine f64 [1]",
            "mean f32 [2]",
            "steps i64 []",
            "mask bool [2]",
            "stack.1.weight f32 [1, 3]",
            "heads.0.weight f32 [1, 1]",
        ]
    );
    // A snapshot: later updates do not change it, and it has no graph.
    let before = state.tensor::<f32>("fc.weight").unwrap();
    let numbers = before.to_vec();
    no_grad(|| net.fc.weight.fill_(9.0));
    assert_eq!(before.to_vec(), numbers);
    assert!(!before.requires_grad());
}

#[test]
fn loading_writes_into_the_tensors_that_are_there() {
    let (net, other) = (Block::new(), Block::new());
    no_grad(|| {
        other.fine.fill_(0.3);
        other.mean.fill_(2.5);
        other.steps.fill_(-3);
        other.mask.fill_(true);
    });
    let handle = net.fc.weight.clone();
    handle.set_grad(Some(Tensor::ones([3, 2])));
    net.load_state_dict(&other.state_dict()).unwrap();
    assert_eq!(text(&net.state_dict()), text(&other.state_dict()));
    assert!(handle.is(&net.fc.weight) && net.fc.weight.is(&net.tied), "the same tensors as before");
    assert!(handle.requires_grad() && !net.mean.requires_grad());
    assert_eq!(handle.grad().unwrap().to_vec(), [1.0; 6]);

    // A graph that was recorded before keeps the values that it saved: d(w^2) = 2 w of the old weight.
    let (net, old) = (Linear::new(1, 1), 3.0);
    no_grad(|| net.weight.fill_(old));
    let loss = net.weight.square().sum();
    net.load_state_dict(&Linear::new(1, 1).state_dict()).unwrap();
    loss.backward();
    assert_eq!(net.weight.grad().unwrap().to_vec(), [6.0]);
}

#[test]
fn what_does_not_fit_is_named_and_changes_nothing() {
    let (net, other) = (Block::new(), Block::new());
    let before = text(&net.state_dict());
    let good = other.state_dict();
    let without = |left_out: &[&str]| {
        let mut state = StateDict::new();
        for (name, tensor) in good.iter().filter(|(name, _)| !left_out.contains(name)) {
            state.insert_any(name, tensor);
        }
        state
    };
    let with = |name: &str, tensor: Tensor, left_out: &[&str]| {
        let mut state = without(left_out);
        state.insert(name, &tensor);
        state
    };
    let mut other_type = good.clone();
    other_type.insert("mask", &Tensor::from([1, 0]));
    let rows = [
        (
            with("fc2.weight", Tensor::ones([1]), &["fc.bias", "steps"]),
            "the names differ; missing: fc.bias, steps; unexpected: fc2.weight",
        ),
        (without(&["mask"]), "the names differ; missing: mask; unexpected: none"),
        (with("scale", Tensor::ones([1]), &[]), "the names differ; missing: none; unexpected: scale"),
        (with("heads.0.weight", Tensor::ones([1, 2]), &[]), "`heads.0.weight` has shape [1, 2], expected [1, 1]"),
        (other_type, "`mask` holds i64, not bool"),
    ];
    for (state, message) in rows {
        assert_eq!(net.load_state_dict(&state).unwrap_err().to_string(), message);
        assert_eq!(text(&net.state_dict()), before, "{message}");
    }
}

#[test]
fn a_part_of_a_state_can_be_loaded() {
    let net = Block::new();
    let mut state = StateDict::new();
    state.insert("fc.bias", &Tensor::ones([3]));
    state.insert("fc.gain", &Tensor::ones([3]));
    let keys = net.load_state_dict_partly(&state).unwrap();
    let missing = ["fc.weight", "tied", "fine", "mean", "steps", "mask", "stack.1.weight", "heads.0.weight"];
    let missing = missing.map(str::to_owned).to_vec();
    assert_eq!(keys, IncompatibleKeys { missing, unexpected: vec!["fc.gain".to_owned()] });
    assert_eq!(net.fc.bias.as_ref().unwrap().to_vec(), [1.0; 3]);

    state.insert("fc.bias", &Tensor::zeros([3]));
    state.insert("tied", &Tensor::zeros([2]));
    let error = net.load_state_dict_partly(&state).unwrap_err();
    assert_eq!(error.to_string(), "`tied` has shape [2], expected [3, 2]");
    assert_eq!(net.fc.bias.as_ref().unwrap().to_vec(), [1.0; 3], "nothing was written");
}

#[test]
fn a_copy_has_tensors_of_its_own() {
    let net = Block::new();
    net.eval();
    net.fine.requires_grad_(false);
    net.fc.weight.set_grad(Some(Tensor::ones([3, 2])));
    let before = text(&net.state_dict());
    let copy = net.copy();
    assert_eq!(text(&copy.state_dict()), before);
    assert!(!copy.training.is_on() && !copy.fine.requires_grad() && copy.fc.weight.requires_grad());
    assert!(copy.fc.weight.grad().is_none() && net.fc.weight.grad().is_some(), "gradients are not copied");
    assert!(copy.fc.weight.is(&copy.tied), "what is shared stays shared");
    for ((name, a), (_, b)) in net.named_parameters_any().iter().zip(copy.named_parameters_any()) {
        assert!(!a.is(&b), "{name}");
    }

    // Changing one does not change the other.
    no_grad(|| {
        for parameter in [&net.fc.weight, &net.tied] {
            parameter.fill_(9.0);
        }
        net.mask.fill_(true);
        net.load_state_dict_partly(&Block::new().state_dict()).unwrap();
    });
    net.train();
    assert_eq!(text(&copy.state_dict()), before);
    assert!(!copy.training.is_on());

    // A clone shares the parameters.
    let same = copy.clone();
    assert!(same.fc.weight.is(&copy.fc.weight) && same.mean.is(&copy.mean));
}
