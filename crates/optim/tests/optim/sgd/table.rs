//! The update rule by hand: one parameter, w = 1, lr = 0.1, gradients 1, 2, 3.

use downhill_optim::{Optimizer, ParamGroups, SGD};
use downhill_tensor::{Float, Tensor, no_grad};

type Options = fn(SGD<f64>) -> SGD<f64>;

const TABLE: &[(&str, Options, [f64; 3])] = &[
    ("plain", |sgd| sgd, [0.9, 0.7, 0.4]),
    ("momentum", |sgd| sgd.momentum(0.9), [0.9, 0.61, 0.049]),
    ("dampening", |sgd| sgd.momentum(0.9).dampening(0.5), [0.9, 0.71, 0.389]),
    ("dampening without momentum", |sgd| sgd.dampening(0.5), [0.9, 0.7, 0.4]),
    ("nesterov", |sgd| sgd.momentum(0.9).nesterov(true), [0.81, 0.349, -0.4559]),
    ("momentum and weight decay", |sgd| sgd.momentum(0.9).weight_decay(0.1), [0.89, 0.5821, -0.000831]),
    ("maximize", |sgd| sgd.maximize(true), [1.1, 1.3, 1.6]),
    ("maximize and weight decay", |sgd| sgd.maximize(true).weight_decay(0.1), [1.09, 1.2791, 1.566309]),
    ("switched off again", |sgd| sgd.momentum(0.9).nesterov(true).nesterov(false), [0.9, 0.61, 0.049]),
];

fn parameter() -> Tensor<f64> {
    Tensor::<f64>::new(1.0).requires_grad_(true)
}

/// The parameter after each of three steps.
fn steps(w: &Tensor<f64>, optimizer: &mut dyn Optimizer) -> [f64; 3] {
    [1.0, 2.0, 3.0].map(|gradient| {
        w.set_grad(Some(Tensor::<f64>::new(gradient)));
        optimizer.step();
        w.item()
    })
}

fn assert_close(found: [f64; 3], expected: [f64; 3], what: &str) {
    let close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12);
    assert!(close, "{what}: {found:?} instead of {expected:?}");
}

#[test]
fn three_steps_with_each_option() {
    for (name, options, expected) in TABLE {
        let w = parameter();
        assert_close(steps(&w, &mut options(SGD::new([&w], 0.1))), *expected, name);

        // Behind a `Box`, and with gradients of a function instead of given ones: d(g w)/dw = g.
        let w = parameter();
        let mut optimizer: Box<dyn Optimizer> = Box::new(options(SGD::new(vec![w.clone()], 0.1)));
        let found = [1.0, 2.0, 3.0].map(|gradient| {
            optimizer.zero_grad();
            (&w * gradient).backward();
            optimizer.step();
            w.item()
        });
        assert_close(found, *expected, name);

        // `no_grad` makes no difference.
        let w = parameter();
        let mut optimizer = options(SGD::new([&w], 0.1));
        assert_close(no_grad(|| steps(&w, &mut optimizer)), *expected, name);
        assert!(w.requires_grad() && w.is_leaf(), "{name}");
    }
}

fn in_any_order(expected: f64, orders: &[Options]) {
    for options in orders {
        let w = parameter();
        assert_eq!(steps(&w, &mut options(SGD::new([&w], 0.1)))[2], expected);
    }
}

#[test]
fn the_order_of_options_does_not_matter() {
    let w = parameter();
    let nesterov = SGD::new([&w], 0.1).momentum(0.9).nesterov(true).weight_decay(0.1).maximize(true);
    in_any_order(
        steps(&w, &mut { nesterov })[2],
        &[
            |sgd| sgd.nesterov(true).momentum(0.9).maximize(true).weight_decay(0.1),
            |sgd| sgd.nesterov(true).weight_decay(0.1).maximize(true).momentum(0.9),
            |sgd| sgd.maximize(true).weight_decay(0.1).nesterov(true).momentum(0.9),
            |sgd| sgd.dampening(0.5).nesterov(true).momentum(0.9).maximize(true).weight_decay(0.1).dampening(0.0),
        ],
    );
    let w = parameter();
    let dampened = SGD::new([&w], 0.1).momentum(0.9).dampening(0.5);
    in_any_order(steps(&w, &mut { dampened })[2], &[|sgd| sgd.dampening(0.5).momentum(0.9)]);
}

#[test]
fn the_learning_rate_can_be_changed_between_steps() {
    let w = parameter();
    let mut optimizer = SGD::new([&w], 0.1).momentum(0.9);
    let mut found = Vec::new();
    for (gradient, lr) in [(1.0, 0.1), (2.0, 0.01), (3.0, 0.0)] {
        optimizer.set_lr(lr);
        assert_eq!(optimizer.lr(), lr);
        w.set_grad(Some(Tensor::<f64>::new(gradient)));
        optimizer.step();
        found.push(w.item());
    }
    // Velocities 1, 2.9, 5.61: the learning rate is applied to the velocity, not stored in it.
    assert_close(found.try_into().unwrap(), [0.9, 0.871, 0.871], "lr 0.1, 0.01, 0");
    assert_eq!(SGD::new([&w], 0.25).lr(), 0.25);
}

fn zero_grad_sets_gradients_to_none<T: Float>() {
    let [a, b] = [1.0, 2.0].map(|x| Tensor::<T>::new(x).requires_grad_(true));
    let optimizer = SGD::new([&a, &b], 0.1);
    (&a * &b).backward();
    assert!(a.grad().is_some() && b.grad().is_some());
    optimizer.zero_grad();
    assert!(a.grad().is_none() && b.grad().is_none());
}

#[test]
fn zero_grad() {
    zero_grad_sets_gradients_to_none::<f32>();
    zero_grad_sets_gradients_to_none::<f64>();
}
