//! Groups of parameters: each with its own options, all through one trait.

use downhill_optim::{Adagrad, Adam, AdamW, LBFGS, Newton, Optimizer, RMSprop, SGD};
use downhill_tensor::Tensor;

fn leaf() -> Tensor<f64> {
    Tensor::<f64>::new([1.0, 2.0]).requires_grad_(true)
}

#[test]
fn a_group_steps_as_an_optimiser_of_its_own() {
    let all: Vec<Tensor<f64>> = (0..4).map(|_| leaf()).collect();
    let slow = |p: &Tensor<f64>| SGD::new([p], 0.01).momentum(0.5);
    let fast = |p: &Tensor<f64>| SGD::new([p], 0.2).weight_decay(0.1);
    let mut joint = slow(&all[0]).add_group(fast(&all[1]));
    let (mut first, mut second) = (slow(&all[2]), fast(&all[3]));
    for step in 0..5 {
        all.iter().for_each(|p| p.set_grad(Some(p.cos().detach())));
        joint.step();
        first.step();
        second.step();
        assert_eq!([all[0].to_vec(), all[1].to_vec()], [all[2].to_vec(), all[3].to_vec()], "step {step}");
    }
    assert_ne!(all[0].to_vec(), all[1].to_vec());
    joint.zero_grad();
    assert!(all[0].grad().is_none() && all[1].grad().is_none() && all[2].grad().is_some());
}

#[test]
fn learning_rates_of_all_and_of_each() {
    let mut optimizer = Adam::new([leaf(), leaf()], 0.1).add_group(Adam::new([leaf()], 0.2));
    let lrs = |optimizer: &dyn Optimizer| optimizer.groups().iter().map(|group| group.lr()).collect::<Vec<_>>();
    assert_eq!((lrs(&optimizer), optimizer.lr()), (vec![0.1, 0.2], 0.1));
    assert_eq!(optimizer.groups().iter().map(|group| group.num_parameters()).collect::<Vec<_>>(), [2, 1]);
    optimizer.groups_mut()[1].set("lr", 0.3);
    assert_eq!(lrs(&optimizer), [0.1, 0.3]);
    optimizer.set_lr(0.5);
    assert_eq!(lrs(&optimizer), [0.5, 0.5]);
}

/// An optimiser and options that it should have.
type Case<'a> = (Box<dyn Optimizer>, &'a [(&'a str, f64)]);

#[test]
fn every_option_by_method_is_the_option_by_name() {
    let w = leaf();
    let sgd = SGD::new([&w], 0.1).momentum(0.2).dampening(0.3).weight_decay(0.4).nesterov(true).maximize(true);
    let adam = Adam::new([&w], 0.1).betas(0.2, 0.3).eps(0.4).weight_decay(0.5).amsgrad(true).maximize(true);
    let rmsprop = RMSprop::new([&w], 0.1).alpha(0.2).eps(0.3).weight_decay(0.4).momentum(0.5);
    let adagrad = Adagrad::new([&w], 0.1).lr_decay(0.2).weight_decay(0.3).initial_accumulator_value(0.4).eps(0.5);
    let lbfgs = LBFGS::new([&w], 0.1).max_iter(2).max_eval(3).tolerance_grad(0.4).tolerance_change(0.5);
    let cases: [Case; 9] = [
        (
            Box::new(sgd),
            &[("momentum", 0.2), ("dampening", 0.3), ("weight_decay", 0.4), ("nesterov", 1.0), ("maximize", 1.0)],
        ),
        (
            Box::new(adam),
            &[("beta1", 0.2), ("beta2", 0.3), ("eps", 0.4), ("weight_decay", 0.5), ("amsgrad", 1.0), ("maximize", 1.0)],
        ),
        (Box::new(Adam::new([&w], 0.1)), &[("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8), ("weight_decay", 0.0)]),
        (Box::new(AdamW::new([&w], 0.1)), &[("beta1", 0.9), ("weight_decay", 0.01), ("amsgrad", 0.0)]),
        (
            Box::new(rmsprop.centered(true).maximize(true)),
            &[
                ("alpha", 0.2),
                ("eps", 0.3),
                ("weight_decay", 0.4),
                ("momentum", 0.5),
                ("centered", 1.0),
                ("maximize", 1.0),
            ],
        ),
        (
            Box::new(adagrad.maximize(true)),
            &[
                ("lr_decay", 0.2),
                ("weight_decay", 0.3),
                ("initial_accumulator_value", 0.4),
                ("eps", 0.5),
                ("maximize", 1.0),
            ],
        ),
        (
            Box::new(lbfgs.history_size(6).strong_wolfe(true).maximize(true)),
            &[
                ("max_iter", 2.0),
                ("max_eval", 3.0),
                ("tolerance_grad", 0.4),
                ("tolerance_change", 0.5),
                ("history_size", 6.0),
                ("strong_wolfe", 1.0),
                ("maximize", 1.0),
            ],
        ),
        (Box::new(LBFGS::new([&w], 0.1)), &[("max_iter", 20.0), ("history_size", 100.0), ("tolerance_grad", 1e-7)]),
        (Box::new(Newton::new([&w], 0.1).damping(0.2)), &[("damping", 0.2)]),
    ];
    for (i, (optimizer, options)) in cases.iter().enumerate() {
        let group = optimizer.groups()[0];
        assert_eq!(group.lr(), 0.1);
        for (name, value) in *options {
            assert_eq!(group.get(name), Some(*value), "case {i}, {name}");
        }
        assert_eq!(group.get("temperature"), None);
    }
    assert_eq!(LBFGS::new([&w], 1.0).groups()[0].get("max_eval"), None);
}
