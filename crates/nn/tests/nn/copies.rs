//! `copy` and `Clone`: tied weights stay tied in a copy, and a clone always shares its tensors.

use downhill_nn::{
    AnyTensor, BCEWithLogitsLoss, BatchNorm2d, Conv2d, Copies, CrossEntropyLoss, DeepCopy, Dropout, Embedding, Layer,
    LayerNorm, Linear, MSELoss, Module, NLLLoss, Part, ReLU, Sequential, Visitor, summary,
};
use downhill_tensor::{Create, Kind, StateDict, Tensor};

use super::state::text;

/// A layer written by hand whose copy gets a clone of its part.
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
    // During a copy: the clone in `copy_with` has the tensors of the original.
    let copied = weights(&net.copy());
    assert!(!copied[0].is(&fc.weight) && copied[0].is(&copied[2]), "a tied weight stays tied");
    assert!(copied[1].is(&fc.weight), "a clone shares its tensors");
    // Outside of a copy: the copy in `clone` has tensors of its own, and the others are shared.
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
        // Writing to the copy does not change the original.
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
    check(Box::new(Linear::new(1, 1)) as Box<dyn Layer<Output = Tensor>>);
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
