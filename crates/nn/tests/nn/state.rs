//! `state_dict`, `load_state_dict` and `copy`: names, every element type, shared tensors, errors that change nothing.

use downhill_nn::{
    AnyTensor, BCEWithLogitsLoss, BatchNorm2d, Buffer, Conv2d, Copies, CrossEntropyLoss, DeepCopy, Dropout, Embedding,
    IncompatibleKeys, Layer, LayerNorm, Linear, MSELoss, Module, NLLLoss, Parameter, Part, ReLU, Sequential, Training,
    Visitor, summary,
};
use downhill_tensor::{Create, Kind, StateDict, Tensor, no_grad};

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
fn text(state: &StateDict) -> Vec<String> {
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
    // A snapshot: what is learnt later does not reach it, and it has no history.
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

    // Neither follows the other.
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

    // A clone is the same network.
    let same = copy.clone();
    assert!(same.fc.weight.is(&copy.fc.weight) && same.mean.is(&copy.mean));
}

/// A layer written by hand that gives its copy a clone of its part.
struct Borrowing(Linear);

impl Clone for Borrowing {
    fn clone(&self) -> Self {
        Borrowing(self.0.copy())
    }
}

impl DeepCopy for Borrowing {
    fn copy_with(&self, _: &mut Copies) -> Self {
        Borrowing(self.0.clone())
    }
}

impl Module for Borrowing {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.0.visit_as("0", visitor);
    }

    fn name(&self) -> &'static str {
        "Borrowing"
    }
}

impl Layer for Borrowing {
    type Output = Tensor;

    fn forward(&self, input: &Tensor) -> Tensor {
        self.0.forward(input)
    }
}

#[test]
fn a_clone_is_the_same_inside_and_outside_of_a_copy() {
    let fc = Linear::new(1, 1);
    let net = Sequential::new().add(fc.clone()).add(Borrowing(fc.clone())).add(fc.clone());
    let weights = |net: &Sequential| -> Vec<Tensor> {
        let mut found = Found::default();
        net.visit(&mut found);
        found.0
    };
    // Inside of a copy: the clone in `copy_with` has the tensors of the original.
    let copied = weights(&net.copy());
    assert!(!copied[0].is(&fc.weight) && copied[0].is(&copied[2]), "a tied weight stays tied");
    assert!(copied[1].is(&fc.weight), "a clone shares its tensors");
    // Outside: the copy in `clone` has tensors of its own, and those around it are shared.
    let cloned = weights(&net.clone());
    assert!(cloned[0].is(&fc.weight) && cloned[2].is(&fc.weight) && !cloned[1].is(&fc.weight));
    // And in another thread.
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(net.clone().copy().parameters().iter().all(|parameter| parameter.requires_grad())));
    });
    assert!(fc.clone().weight.is(&fc.weight));
}

/// The weights in the order of the layers, a shared one each time.
#[derive(Default)]
struct Found(Vec<Tensor>);

impl Visitor for Found {
    fn parameter(&mut self, name: &str, parameter: AnyTensor) {
        if name == "weight" {
            self.0.push(parameter.get::<f32>().expect("an f32 weight").clone());
        }
    }
}

#[test]
fn every_layer_and_loss_is_copied_with_tensors_of_its_own() {
    fn check<M: Module + DeepCopy>(module: M) {
        let copy = module.copy();
        assert_eq!(text(&copy.state_dict()), text(&module.state_dict()), "{}", module.name());
        assert_eq!(summary(&copy), summary(&module));
        for ((name, a), (_, b)) in module.state_dict().iter().zip(copy.state_dict().iter()) {
            assert!(!a.is(b), "{}: {name}", module.name());
        }
        // What is written into the copy does not reach the original.
        let before = text(&module.state_dict());
        let mut zeros = StateDict::new();
        for (name, tensor) in copy.state_dict().iter() {
            match tensor.kind() {
                Kind::F32 => zeros.insert(name, &Tensor::<f32>::zeros(tensor.shape())),
                Kind::I64 => zeros.insert(name, &Tensor::<i64>::zeros(tensor.shape())),
                kind => panic!("{}: {name} holds {kind}", module.name()),
            }
        }
        copy.load_state_dict(&zeros).unwrap();
        copy.eval();
        assert_eq!(text(&module.state_dict()), before, "{}", module.name());
    }
    let weight = Tensor::from([1.0, 2.0]);
    check(Linear::new(2, 3));
    check(Conv2d::new(1, 2, 3));
    check(BatchNorm2d::new(2));
    check(LayerNorm::new([2]));
    check(Embedding::new(3, 2));
    check(Sequential::starting_with(Embedding::new(3, 2)).add(Linear::new(2, 2)).add(ReLU));
    check(Dropout::new(0.5));
    check(CrossEntropyLoss::new().weight(&weight));
    check(NLLLoss::new().weight(&weight));
    check(BCEWithLogitsLoss::new().weight(&weight).pos_weight(&weight));
    check(MSELoss::new());
    check(Some(vec![Box::new(Linear::new(1, 1)) as Box<dyn Layer<Output = Tensor>>]).expect("a list").remove(0));
}

#[test]
fn a_layer_that_copies_its_parts_stays_shared_with_the_rest() {
    struct Inner(Linear);
    impl Clone for Inner {
        fn clone(&self) -> Self {
            Inner(self.0.copy())
        }
    }
    impl DeepCopy for Inner {
        fn copy_with(&self, copies: &mut Copies) -> Self {
            Inner(self.0.copy_with(copies))
        }
    }
    impl Module for Inner {
        fn visit(&self, visitor: &mut dyn Visitor) {
            self.0.visit_as("0", visitor);
        }

        fn name(&self) -> &'static str {
            "Inner"
        }
    }
    struct Pair(Linear, Inner);
    impl DeepCopy for Pair {
        fn copy_with(&self, copies: &mut Copies) -> Self {
            Pair(self.0.copy_with(copies), self.1.copy_with(copies))
        }
    }
    impl Module for Pair {
        fn visit(&self, visitor: &mut dyn Visitor) {
            self.0.visit_as("0", visitor);
            self.1.visit_as("1", visitor);
        }

        fn name(&self) -> &'static str {
            "Pair"
        }
    }
    let fc = Linear::new(1, 1);
    let pair = Pair(fc.clone(), Inner(fc));
    let copy = pair.copy();
    assert!(copy.0.weight.is(&copy.1.0.weight) && !copy.0.weight.is(&pair.0.weight));
    assert!(copy.1.clone().0.weight.to_vec() == copy.0.weight.to_vec());
}
