//! Whole networks: nested ones are named and printed as in PyTorch; a derived one is copied, saved and loaded.

use downhill::nn::{Module, Visitor};
use downhill::prelude::*;

use super::{Unit, names};

#[derive(Clone, Module)]
struct Block {
    scale: nn::Parameter,
    fc: nn::Linear,
    act: nn::ReLU,
}

impl Block {
    fn new() -> Self {
        Block { scale: nn::Parameter::new(Tensor::ones([2])), fc: nn::Linear::new(2, 2).bias(false), act: nn::ReLU }
    }
}

/// A layer of a user's own, derived, in a `Sequential`.
impl Layer for Block {
    type Output = Tensor;

    fn forward(&self, input: &Tensor) -> Tensor {
        self.act.forward(&self.fc.forward(input)) * &*self.scale
    }
}

struct Scaled {
    fc: nn::Linear,
}

/// Written by hand, to print more about itself.
impl Module for Scaled {
    fn visit(&self, visitor: &mut dyn Visitor) {
        nn::Part::visit_as(&self.fc, "fc", visitor);
    }

    fn name(&self) -> &'static str {
        "Scaled"
    }

    fn extra_repr(&self) -> String {
        "scale=2.0".to_owned()
    }
}

/// The network of `tests/python/print_network.py`.
mod pytorch {
    use super::{Block, Scaled, Unit};
    use downhill::prelude::*;

    #[derive(Module)]
    pub struct Net {
        pub features: nn::Sequential,
        pub blocks: [Block; 2],
        pub heads: Vec<Box<dyn Layer<Output = Tensor>>>,
        pub twins: nn::Sequential,
        pub nothing: nn::Sequential,
        pub no_blocks: Vec<Block>,
        pub scaled: Scaled,
        pub unit: Unit,
    }
}

#[test]
fn nested_networks_are_named_and_printed_as_in_pytorch() {
    let net = pytorch::Net {
        features: nn::Sequential::new()
            .add(nn::Linear::new(4, 8))
            .add(nn::Sequential::new().add(nn::Tanh).add(nn::Sigmoid))
            .add(nn::Flatten::new()),
        blocks: [Block::new(), Block::new()],
        heads: vec![
            Box::new(nn::Linear::new(2, 1)),
            Box::new(nn::Linear::new(2, 1)),
            Box::new(nn::Linear::new(2, 3)),
            Box::new(nn::ReLU),
        ],
        twins: nn::Sequential::new().add(nn::ReLU).add(nn::ReLU),
        nothing: nn::Sequential::new(),
        no_blocks: Vec::new(),
        scaled: Scaled { fc: nn::Linear::new(2, 2) },
        unit: Unit,
    };
    assert_eq!(format!("{net}\n"), include_str!("../network.txt"));
    assert_eq!(
        names(&net),
        "features.0.weight features.0.bias blocks.0.scale blocks.0.fc.weight blocks.1.scale blocks.1.fc.weight \
         heads.0.weight heads.0.bias heads.1.weight heads.1.bias heads.2.weight heads.2.bias \
         scaled.fc.weight scaled.fc.bias"
    );
    let stacked = nn::Sequential::new().add(Block::new()).add(Block::new());
    assert_eq!(names(&stacked), "0.scale 0.fc.weight 1.scale 1.fc.weight");
    assert_eq!(stacked.forward(&Tensor::ones([3, 2])).shape(), [3, 2]);
}

/// A network that can be copied derives `Clone` as well.
#[derive(Clone, Module)]
struct Twin {
    left: nn::Linear,
    right: nn::Linear,
    stack: nn::Sequential,
    heads: Vec<Box<dyn Layer<Output = Tensor>>>,
    width: usize,
    #[module(skip)]
    log: Vec<String>,
}

/// A network that contains networks of its own kind.
#[derive(Module)]
struct Tree {
    fc: nn::Linear,
    children: Vec<Tree>,
    parent: Option<Box<Self>>,
}

/// A field that cannot be cloned may be skipped, in a network that is not copied.
struct Handle;

#[derive(Module)]
struct Holder {
    fc: nn::Linear,
    #[module(skip)]
    handle: Handle,
    /// By hand and without `DeepCopy`.
    scaled: Scaled,
}

#[derive(Module)]
struct Outer<L: Layer<Output = Tensor>> {
    holder: Holder,
    layer: L,
}

#[test]
fn tied_weights_stay_tied_across_a_tree_and_not_everything_needs_to_be_copied() {
    let fc = nn::Linear::new(1, 1);
    let leaf = || Tree { fc: fc.clone(), children: Vec::new(), parent: None };
    let tree = Tree { fc: fc.clone(), children: vec![leaf(), leaf()], parent: Some(Box::new(leaf())) };
    let copy = tree.copy();
    let parent = copy.parent.as_ref().expect("a parent");
    for other in copy.children.iter().chain([&**parent]) {
        assert!(other.fc.weight.is(&copy.fc.weight) && !other.fc.weight.is(&fc.weight));
    }
    assert_eq!((copy.num_parameters(), tree.num_parameters()), (2, 2));

    let holder = Holder { fc: fc.clone(), handle: Handle, scaled: Scaled { fc } };
    let Handle = holder.handle;
    let outer = Outer { holder, layer: nn::Tanh };
    assert_eq!(outer.layer.forward(&Tensor::zeros([1])).item(), 0.0);
    assert_eq!(outer.num_parameters(), 2);
    assert!(outer.holder.fc.weight.is(&outer.holder.scaled.fc.weight));
}

#[test]
fn a_derived_network_is_copied_saved_and_loaded() {
    let left = nn::Linear::new(2, 2);
    let net = Twin {
        right: left.clone(),
        left,
        stack: nn::Sequential::new().add(nn::Linear::new(2, 2)).add(nn::Tanh),
        heads: vec![Box::new(nn::Linear::new(2, 1)), Box::new(nn::Sequential::new().add(nn::ReLU))],
        width: 2,
        log: vec!["made".to_owned()],
    };
    let best = net.copy();
    assert!(best.left.weight.is(&best.right.weight) && !best.left.weight.is(&net.left.weight));
    assert_eq!((best.width, &best.log), (2, &net.log));
    let names: Vec<String> = net.state_dict().iter().map(|(name, _)| name.to_owned()).collect();
    let expected =
        "left.weight left.bias right.weight right.bias stack.0.weight stack.0.bias heads.0.weight heads.0.bias";
    assert_eq!(names.join(" "), expected);

    no_grad(|| net.parameters().iter().for_each(|parameter| drop(parameter.fill_(3.0))));
    for (name, parameter) in best.named_parameters() {
        assert!(parameter.to_vec().iter().all(|&x| x.abs() < 1.0), "{name} of the copy has changed");
    }
    net.load_state_dict(&best.state_dict()).unwrap();
    let x = Tensor::ones([1, 2]);
    let forward = |net: &Twin| net.heads[0].forward(&net.stack.forward(&net.left.forward(&x)));
    assert_eq!(forward(&net).to_vec(), forward(&best).to_vec());
}
