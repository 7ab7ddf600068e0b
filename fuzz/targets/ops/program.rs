//! Programs of operations on tensors of harmless and of absurd shapes, and what must hold whatever they do.
//!
//! Each step gives tensors or is refused. What is large without being refused is not computed with: to add up 2^40
//! numbers is no fault, it only takes long.

use arbitrary::Arbitrary;
use downhill_tensor::{Backward, Element, Tensor};

use downhill_fuzz::refusal::unless_refused;

mod change;
mod compute;
mod make;
mod moves;
mod step;

use step::{Step, Which};

/// Steps that are run one after the other.
#[derive(Arbitrary, Debug)]
pub struct Program {
    steps: Vec<Step>,
}

/// As many steps as a program runs.
const MOST_STEPS: usize = 24;

/// Tensors of this many elements are moved about, copied and printed.
const COPIED: usize = 1 << 18;

/// Tensors of this many elements are computed with.
const COMPUTED: usize = 1 << 16;

/// Those above are more than there is memory for, so that what needs memory for them is refused at once.
const REFUSED: usize = 1 << 27;

/// The tensors that are there; the newest take the places of the oldest.
struct Tensors<X: Element> {
    all: Vec<Tensor<X>>,
    next: usize,
}

impl<X: Element> Tensors<X> {
    const MOST: usize = 12;

    fn new(first: Tensor<X>) -> Self {
        Tensors { all: vec![first], next: 0 }
    }

    fn get(&self, which: Which) -> &Tensor<X> {
        &self.all[usize::from(which) % self.all.len()]
    }

    /// Takes what a step gave, if it was not refused.
    fn take(&mut self, tensor: Option<Tensor<X>>) {
        let Some(tensor) = tensor else { return };
        check_shape(&tensor);
        if self.all.len() < Self::MOST {
            self.all.push(tensor);
        } else {
            self.all[self.next] = tensor;
            self.next = (self.next + 1) % Self::MOST;
        }
    }
}

/// Shape, number of elements and elements agree.
fn check_shape<X: Element>(tensor: &Tensor<X>) {
    let product = tensor.shape().iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let expected = if tensor.shape().contains(&0) { Some(0) } else { product };
    assert_eq!(Some(tensor.numel()), expected, "the shape {:?}", tensor.shape());
    if tensor.numel() <= COMPUTED {
        assert_eq!(tensor.to_vec().len(), tensor.numel(), "the shape {:?}", tensor.shape());
    }
}

/// Whether a tensor is small enough to be computed with.
fn small<X: Element>(tensor: &Tensor<X>) -> bool {
    tensor.numel() <= COMPUTED
}

/// Whether an operation that writes as many elements as the tensor has is quick, or refused.
fn copied<X: Element>(tensor: &Tensor<X>) -> bool {
    tensor.numel() <= COPIED || tensor.numel() > REFUSED
}

/// The tensors of a program that runs.
struct State {
    floats: Tensors<f32>,
    integers: Tensors<i64>,
    flags: Tensors<bool>,
}

impl Program {
    /// Runs the steps.
    pub fn run(&self) {
        downhill_tensor::manual_seed(0);
        let mut state = State {
            floats: Tensors::new(Tensor::ones([2, 3]).requires_grad_(true)),
            integers: Tensors::new(Tensor::from([1, 0])),
            flags: Tensors::new(Tensor::from([true, false])),
        };
        for step in self.steps.iter().take(MOST_STEPS) {
            state.step(step);
        }
        assert!(downhill_tensor::is_grad_enabled(), "grad mode was left off");
    }
}

impl State {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Make(make) => self.make(make),
            Step::Move(x, how) => {
                let moved = moves::moved(self.floats.get(*x), how);
                moved.into_iter().for_each(|tensor| self.floats.take(Some(tensor)));
            }
            Step::MoveInteger(x, how) => {
                let moved = moves::moved(self.integers.get(*x), how);
                moved.into_iter().for_each(|tensor| self.integers.take(Some(tensor)));
            }
            Step::Backward(x) => self.backward(*x),
            Step::BackwardWith(x, seed) => self.backward_with(*x, *seed),
            Step::Second(x, wanted) => self.second(*x, *wanted),
            Step::InPlace(..) | Step::SliceAssign(..) => self.change(step),
            other => self.compute(other),
        }
    }

    /// The gradients of all tensors that have one have their shapes.
    fn check_gradients(&self) {
        for tensor in &self.floats.all {
            if let Some(grad) = tensor.grad() {
                assert_eq!(grad.shape(), tensor.shape());
                check_shape(&grad);
            }
        }
    }

    fn backward(&self, x: Which) {
        let x = self.floats.get(x);
        unless_refused(|| x.backward());
        if small(x) {
            unless_refused(|| x.sum().backward());
        }
        self.check_gradients();
    }

    fn backward_with(&self, x: Which, seed: Which) {
        let (x, seed) = (self.floats.get(x), self.floats.get(seed));
        unless_refused(|| x.backward_with(seed));
        // A seed of the right shape, which takes no memory.
        let sizes: Vec<isize> = x.shape().iter().map(|&size| size as isize).collect();
        if copied(x)
            && let Some(seed) = unless_refused(|| Tensor::ones([]).expand(sizes))
        {
            unless_refused(|| x.backward_with(&seed));
        }
        self.check_gradients();
    }

    fn second(&mut self, x: Which, wanted: Which) {
        let (x, wanted) = (self.floats.get(x), self.floats.get(wanted));
        if !small(x) || !small(wanted) {
            return;
        }
        let grad = unless_refused(|| {
            let [grad] = Backward::of(&x.sum()).create_graph().grads([wanted]);
            grad
        });
        let Some(grad) = grad.flatten() else { return };
        assert_eq!(grad.shape(), wanted.shape());
        let again = unless_refused(|| {
            let [again] = Backward::of(&grad.sum()).retain_graph().grads([wanted]);
            again
        });
        self.floats.take(again.flatten());
        self.floats.take(Some(grad));
    }
}
