//! Groups of parameters: each with its own options, all through one trait.

use downhill_optim::OptionValue::{Bool, Count, Number};
use downhill_optim::{
    Adagrad, Adam, AdamW, Descent, LBFGS, Newton, Optimizer, OptionValue, Options, ParamGroups, RMSprop, SGD,
    Setting, UpdateRule,
};
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
    let lrs = |optimizer: &dyn ParamGroups| optimizer.groups().iter().map(|group| group.lr()).collect::<Vec<_>>();
    assert_eq!((lrs(&optimizer), optimizer.lr()), (vec![0.1, 0.2], 0.1));
    assert_eq!(optimizer.groups().iter().map(|group| group.num_parameters()).collect::<Vec<_>>(), [2, 1]);
    optimizer.groups_mut()[1].set("lr", 0.3);
    assert_eq!(lrs(&optimizer), [0.1, 0.3]);
    optimizer.set_lr(0.5);
    assert_eq!(lrs(&optimizer), [0.5, 0.5]);
}

/// An optimiser and options that it should have.
type Case<'a> = (Box<dyn ParamGroups>, &'a [(&'a str, OptionValue)]);

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
            &[
                ("momentum", Number(0.2)),
                ("dampening", Number(0.3)),
                ("weight_decay", Number(0.4)),
                ("nesterov", Bool(true)),
                ("maximize", Bool(true)),
            ],
        ),
        (
            Box::new(adam),
            &[
                ("beta1", Number(0.2)),
                ("beta2", Number(0.3)),
                ("eps", Number(0.4)),
                ("weight_decay", Number(0.5)),
                ("amsgrad", Bool(true)),
                ("maximize", Bool(true)),
            ],
        ),
        (
            Box::new(Adam::new([&w], 0.1)),
            &[("beta1", Number(0.9)), ("beta2", Number(0.999)), ("eps", Number(1e-8)), ("weight_decay", Number(0.0))],
        ),
        (
            Box::new(AdamW::new([&w], 0.1)),
            &[("beta1", Number(0.9)), ("weight_decay", Number(0.01)), ("amsgrad", Bool(false))],
        ),
        (
            Box::new(rmsprop.centered(true).maximize(true)),
            &[
                ("alpha", Number(0.2)),
                ("eps", Number(0.3)),
                ("weight_decay", Number(0.4)),
                ("momentum", Number(0.5)),
                ("centered", Bool(true)),
                ("maximize", Bool(true)),
            ],
        ),
        (
            Box::new(adagrad.maximize(true)),
            &[
                ("lr_decay", Number(0.2)),
                ("weight_decay", Number(0.3)),
                ("initial_accumulator_value", Number(0.4)),
                ("eps", Number(0.5)),
                ("maximize", Bool(true)),
            ],
        ),
        (
            Box::new(lbfgs.history_size(6).strong_wolfe(true).maximize(true)),
            &[
                ("max_iter", Count(2)),
                ("max_eval", Count(3)),
                ("tolerance_grad", Number(0.4)),
                ("tolerance_change", Number(0.5)),
                ("history_size", Count(6)),
                ("strong_wolfe", Bool(true)),
                ("maximize", Bool(true)),
            ],
        ),
        (
            Box::new(LBFGS::new([&w], 0.1)),
            &[("max_iter", Count(20)), ("history_size", Count(100)), ("tolerance_grad", Number(1e-7))],
        ),
        (Box::new(Newton::new([&w], 0.1).damping(0.2)), &[("damping", Number(0.2))]),
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

thread_local! {
    /// How often the options of `Recorder` were cloned.
    static CLONES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A rule that keeps the last `COUNT` gradients, the newest first, and steps by the oldest.
#[derive(Debug)]
struct Recorder<const COUNT: usize>;

impl<const COUNT: usize> Clone for Recorder<COUNT> {
    fn clone(&self) -> Self {
        CLONES.set(CLONES.get() + 1);
        Recorder
    }
}

impl<const COUNT: usize> Options for Recorder<COUNT> {
    const NAME: &'static str = "Recorder";
    const SETTINGS: &'static [Setting<Self>] = &[Setting::count("count", |_| COUNT, |_, _| {})];
}

impl<const COUNT: usize> UpdateRule<f64> for Recorder<COUNT> {
    const BUFFERS: &'static [&'static str] = ["one", "two", "three", "four", "five"].split_at(COUNT).0;

    fn update(&self, lr: f64, _step: i64, values: &mut [f64], grad: &[f64], buffers: &mut [Vec<f64>]) {
        assert_eq!(buffers.len(), COUNT);
        buffers.rotate_right(COUNT.min(1));
        if let Some(newest) = buffers.first_mut() {
            *newest = grad.to_vec();
        }
        let oldest = buffers.last().map_or(grad, |oldest| oldest);
        for (p, g) in values.iter_mut().zip(oldest) {
            *p -= lr * g;
        }
    }
}

/// Five steps along the gradients 1, 2, 3, 4, 5, continued after each from the saved state.
fn record<const COUNT: usize>() -> (Vec<f64>, Vec<String>) {
    let w = leaf();
    let mut optimizer = Descent::with_rule([&w], 1.0, Recorder::<COUNT>);
    for step in 1..=5 {
        w.set_grad(Some(Tensor::<f64>::new([f64::from(step), 0.0])));
        optimizer.step();
        let state = optimizer.state_dict();
        optimizer = Descent::with_rule([&w], 1.0, Recorder::<COUNT>);
        optimizer.load_state_dict(&state).unwrap();
    }
    let state = optimizer.state_dict();
    let names = state.iter().filter_map(|(name, _)| name.strip_prefix("state.0.")).map(str::to_owned).collect();
    (w.to_vec(), names)
}

#[test]
fn a_rule_has_as_many_buffers_as_it_names() {
    assert_eq!(record::<0>(), (vec![1.0 - 15.0, 2.0], vec!["step".to_owned()]));
    assert_eq!(record::<1>(), (vec![1.0 - 15.0, 2.0], ["step", "one"].map(str::to_owned).to_vec()));
    // The oldest of five gradients, 1, is first used in the fifth step.
    let names = ["step", "one", "two", "three", "four", "five"].map(str::to_owned).to_vec();
    assert_eq!(record::<5>(), (vec![1.0 - 1.0, 2.0], names));
}

#[test]
fn an_option_is_read_and_saved_without_a_clone() {
    let w = leaf();
    let optimizer = Descent::with_rule([&w], 0.1, Recorder::<2>);
    CLONES.set(0);
    assert_eq!(optimizer.groups()[0].get("count"), Some(Count(2)));
    assert_eq!(optimizer.groups()[0].get("lr"), Some(Number(0.1)));
    assert_eq!(optimizer.state_dict().number::<i64>("param_groups.0.count"), Ok(2));
    assert_eq!(CLONES.get(), 0);
}
