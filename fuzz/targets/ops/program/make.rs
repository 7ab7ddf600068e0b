//! New tensors.

use downhill_tensor::{Create, Tensor};

use super::State;
use super::step::Make;
use downhill_fuzz::refusal::unless_refused;

impl State {
    pub(super) fn make(&mut self, make: &Make) {
        // A leaf that requires a gradient.
        fn leaf(make: impl FnOnce() -> Tensor) -> Option<Tensor> {
            unless_refused(make).map(|tensor| tensor.requires_grad_(true))
        }
        let floats = match make {
            Make::Full(shape, number) => leaf(|| Tensor::full(shape.sizes(), number.0)),
            Make::Random(shape) => leaf(|| Tensor::randn(shape.sizes())),
            Make::Counted(shape) => leaf(|| Tensor::rand(shape.sizes())),
            Make::Arange(start, end, step) => leaf(|| Tensor::arange(start.0, end.0, step.0)),
            Make::Linspace(start, end, steps) => leaf(|| Tensor::linspace(start.0, end.0, steps.0)),
            Make::Eye(n) => leaf(|| Tensor::eye(n.0)),
            Make::Given(numbers, shape) => {
                let numbers = numbers.0.iter().map(|number| number.0 as f32).collect();
                Tensor::from_vec(numbers, shape.sizes()).inspect_err(downhill_fuzz::check_message).ok()
            }
            Make::Integers(numbers) => {
                let numbers: Vec<i64> = numbers.ints().into_iter().map(|int| int as i64).collect();
                let count = numbers.len();
                return self.integers.take(Tensor::from_vec(numbers, [count]).ok());
            }
            Make::Zeros(shape) => {
                let zeros = unless_refused(|| <Tensor<i64> as Create>::zeros(shape.sizes()));
                return self.integers.take(zeros);
            }
            Make::Flags(flags) => return self.flags.take(Tensor::from_vec(flags.0.clone(), [flags.0.len()]).ok()),
        };
        self.floats.take(floats);
    }
}
