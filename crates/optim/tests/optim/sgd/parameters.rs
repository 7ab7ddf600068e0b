//! What a step does to parameters, gradients and graphs.

use downhill_optim::{Optimizer, ParamGroups, SGD};
use downhill_tensor::{Backward, Tensor, no_grad};

fn leaf(x: f64) -> Tensor<f64> {
    Tensor::<f64>::new([x]).requires_grad_(true)
}

fn gradient(x: f64) -> Option<Tensor<f64>> {
    Some(Tensor::<f64>::new([x]))
}

#[test]
fn a_parameter_without_gradient_is_skipped_and_keeps_its_velocity() {
    let (a, b) = (leaf(1.0), leaf(1.0));
    let mut optimizer = SGD::new([&a, &b], 0.1).momentum(0.9).weight_decay(0.1);
    a.set_grad(gradient(1.0));
    b.set_grad(gradient(1.0));
    optimizer.step();
    let (after_a, after_b) = (a.item(), b.item());
    assert_eq!(after_a, after_b);

    a.set_grad(None);
    b.set_grad(gradient(0.0));
    optimizer.step();
    assert_eq!(a.item(), after_a, "neither momentum nor weight decay without a gradient");
    assert!(b.item() < after_b, "a gradient of zero is a gradient");

    // The velocity is still 1.1; it has not shrunk by the momentum.
    a.set_grad(gradient(2.0));
    optimizer.step();
    let velocity = 0.9 * (1.0 + 0.1 * 1.0) + (2.0 + 0.1 * after_a);
    assert!((a.item() - (after_a - 0.1 * velocity)).abs() < 1e-15);
}

#[test]
fn a_step_leaves_the_gradient_alone() {
    let w = leaf(1.0);
    let options = [
        SGD::new([&w], 0.1),
        SGD::new([&w], 0.1).momentum(0.9).nesterov(true),
        SGD::new([&w], 0.1).momentum(0.9).weight_decay(0.5).maximize(true),
    ];
    for mut optimizer in options {
        let grad = Tensor::<f64>::new([3.0]);
        w.set_grad(Some(grad.clone()));
        optimizer.step();
        optimizer.step();
        assert_eq!((w.grad().unwrap().item(), grad.item()), (3.0, 3.0), "{optimizer:?}");
    }
}

type Loss = fn(&Tensor<f64>) -> Tensor<f64>;

#[test]
fn gradients_that_are_views_and_gradients_with_a_graph() {
    // The gradient of a sum is one number expanded with strides of 0, that of a transposed tensor a transposed view.
    let losses: [Loss; 3] =
        [Tensor::sum, |w| (w.t() * Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0]])).sum(), |w| w.square().sum()];
    for (i, loss) in losses.into_iter().enumerate() {
        let ends = [false, true].map(|create_graph| {
            let w = Tensor::<f64>::new([[1.0, -1.0], [0.5, 2.0]]).requires_grad_(true);
            let mut optimizer = SGD::new([&w], 0.1).momentum(0.5).weight_decay(0.1).nesterov(true);
            for _ in 0..3 {
                optimizer.zero_grad();
                let loss = loss(&w);
                if create_graph {
                    Backward::of(&loss).create_graph().run()
                } else {
                    loss.backward()
                }
                optimizer.step();
            }
            w.to_vec()
        });
        // By hand: g + 0.1 w, v = 0.5 v + g, w -= 0.1 (g + 0.5 v).
        let mut expected = vec![1.0, -1.0, 0.5, 2.0];
        let mut velocity = [0.0; 4];
        for _ in 0..3 {
            let gradient = [[1.0; 4], [1.0, 3.0, 2.0, 4.0], std::array::from_fn(|j| 2.0 * expected[j])][i];
            for j in 0..4 {
                let g = gradient[j] + 0.1 * expected[j];
                velocity[j] = 0.5 * velocity[j] + g;
                expected[j] -= 0.1 * (g + 0.5 * velocity[j]);
            }
        }
        for end in ends {
            let close = end.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-14);
            assert!(close, "loss {i}: {end:?} instead of {expected:?}");
        }
    }
}

/// The address of the elements of a tensor.
fn place(tensor: &Tensor<f64>) -> *const f64 {
    tensor.array().as_slice().expect("contiguous").as_ptr()
}

#[test]
fn a_step_is_in_place_when_no_graph_is_alive() {
    let w = leaf(1.0);
    let mut optimizer = SGD::new([&w], 0.1).momentum(0.9).weight_decay(0.1).nesterov(true);
    let before = place(&w);
    for _ in 0..3 {
        optimizer.zero_grad();
        w.square().sum().backward();
        optimizer.step();
        assert_eq!(place(&w), before);
    }
}

#[test]
fn a_step_does_not_disturb_a_graph_that_is_alive() {
    let (w, x) = (leaf(3.0), leaf(2.0));
    let mut optimizer = SGD::new([&w], 0.1);
    let loss = (&w * &w * &x).sum();
    w.set_grad(gradient(1.0));
    let before = place(&w);
    optimizer.step();
    assert_ne!(place(&w), before, "the graph keeps the old value");
    assert!((w.item() - 2.9).abs() < 1e-15);
    optimizer.zero_grad();
    loss.backward();
    assert_eq!(w.grad().unwrap().item(), 2.0 * 3.0 * 2.0, "2 w x with the w of the forward pass");
    assert_eq!(x.grad().unwrap().item(), 9.0);
}

#[test]
fn every_handle_sees_the_step() {
    // One tensor used in two places, as two layers that share a weight do: one gradient, one update.
    let w = leaf(1.0);
    let elsewhere = w.clone();
    let mut optimizer = SGD::new([&w], 0.1);
    (&w * 2 + &elsewhere * 3).sum().backward();
    optimizer.step();
    assert_eq!((w.item(), elsewhere.item()), (0.5, 0.5));

    // Two optimisers of the same parameter each take their step.
    let mut other = SGD::new([&elsewhere], 0.01);
    other.step();
    assert!((w.item() - 0.45).abs() < 1e-15);
}

#[test]
fn frozen_parameters_stay_where_they_are() {
    let (w, frozen) = (leaf(1.0), leaf(5.0).requires_grad_(false));
    let mut optimizer = SGD::new([&w, &frozen], 0.1).weight_decay(0.1);
    (&w * &frozen).sum().backward();
    optimizer.step();
    assert_eq!(frozen.item(), 5.0);
    assert!((w.item() - (1.0 - 0.1 * (5.0 + 0.1))).abs() < 1e-15);
    // Unfrozen again, it is updated.
    frozen.requires_grad_(true);
    optimizer.zero_grad();
    (&w * &frozen).sum().backward();
    optimizer.step();
    assert!(frozen.item() < 5.0);
}

#[test]
fn optimiser_and_hand_agree_to_the_last_bit() {
    let start = [0.3, -1.7, 2.2];
    let (by_optimizer, by_hand) =
        (Tensor::from(start.map(|x| x as f32)), Tensor::from(start.map(|x| x as f32)).requires_grad_(true));
    let by_optimizer = by_optimizer.requires_grad_(true);
    let mut optimizer = SGD::new([&by_optimizer], 0.03);
    for _ in 0..50 {
        for w in [&by_optimizer, &by_hand] {
            w.zero_grad();
            (w.square() * w.cos()).mean().backward();
        }
        optimizer.step();
        no_grad(|| by_hand.sub_(&(0.03 * by_hand.grad().unwrap())));
        assert_eq!(by_optimizer.to_vec(), by_hand.to_vec());
    }
    assert_ne!(by_hand.to_vec(), start.map(|x| x as f32));
}
