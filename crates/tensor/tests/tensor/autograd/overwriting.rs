//! The gradient of a product may overwrite a factor that was saved for it, but only where nothing else needs its
//! values.

use downhill_tensor::{Backward, Tensor};

/// The shapes of two factors.
const CASES: [([usize; 2], [usize; 2]); 4] =
    [([3, 4], [3, 4]), ([3, 1], [3, 4]), ([3, 4], [3, 1]), ([40, 50], [40, 50])];

/// The sum over the dimension in which a shape has size 1.
fn summed_to(grad: Tensor, shape: [usize; 2]) -> Vec<f32> {
    if shape[1] == 1 { grad.sum_keepdim(1).to_vec() } else { grad.to_vec() }
}

#[test]
fn gradients_of_products_whose_factors_are_held_or_not() {
    for (x_shape, y_shape) in CASES {
        let numbers = |shape: [usize; 2], step: f32| {
            let count = shape[0] * shape[1];
            Tensor::from_vec((0..count).map(|i| (i as f32 * step).sin()).collect(), shape).unwrap()
        };
        let (x, y) = (numbers(x_shape, 0.7), numbers(y_shape, 1.3));
        let scale = numbers([x_shape[0], x_shape[1].max(y_shape[1])], 0.9);
        let one = Tensor::ones([1, 1]);
        for (holds_a, holds_b, passes) in
            [(false, false, 1), (true, false, 1), (false, true, 1), (true, true, 1), (false, false, 2)]
        {
            let (x, y) = (x.copy().requires_grad_(true), y.copy().requires_grad_(true));
            let (a, b) = (&x + &one, &y + 2);
            // The sums come first in the backward pass, so both factors have a contribution before that of the
            // product.
            let product = (&a * &b * &scale).sum();
            let loss = product + a.sum() + b.sum();
            let held = (holds_a.then_some(a), holds_b.then_some(b));
            for pass in 1..=passes {
                if pass < passes { Backward::of(&loss).retain_graph().run() } else { loss.backward() }
            }
            let (a, b) = (&x.detach() + 1, &y.detach() + 2);
            let (of_x, of_y) = (summed_to(&b * &scale, x_shape), summed_to(&a * &scale, y_shape));
            for (leaf, expected) in [(&x, of_x), (&y, of_y)] {
                let grad = leaf.grad().unwrap().to_vec();
                for (grad, expected) in grad.iter().zip(&expected) {
                    let expected = (expected + 1.0) * passes as f32;
                    assert!(
                        (grad - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                        "{x_shape:?} {y_shape:?}, held {holds_a} {holds_b}: {grad} and not {expected}"
                    );
                }
            }
            assert!(held.0.is_none_or(|held| held.to_vec() == a.to_vec()));
            assert!(held.1.is_none_or(|held| held.to_vec() == b.to_vec()));
        }
    }
}
