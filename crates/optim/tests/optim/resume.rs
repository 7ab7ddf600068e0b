//! Interrupted, saved, loaded into a fresh optimiser: the same bits as without the interruption.

use downhill_optim::{
    Adagrad, Adam, AdamW, CosineAnnealingLR, EarlyStopping, ExponentialLR, LBFGS, LambdaLR, LinearLR, Newton,
    OneCycleLR, Optimizer, ParamGroups, RMSprop, ReduceLROnPlateau, SGD, Scheduler,
};
use downhill_tensor::{AnyTensor, StateDict, Tensor};
use downhill_tests::panic_of;

type Make = fn(&[Tensor]) -> Box<dyn Optimizer>;

const OPTIMIZERS: &[(&str, Make)] = &[
    ("SGD", |p| Box::new(SGD::new(p, 0.1))),
    ("SGD with momentum", |p| Box::new(SGD::new(p, 0.1).momentum(0.9).dampening(0.1).weight_decay(0.1))),
    ("Adam", |p| Box::new(Adam::new(p, 0.1).amsgrad(true))),
    ("AdamW", |p| Box::new(AdamW::new(p, 0.1))),
    ("RMSprop", |p| Box::new(RMSprop::new(p, 0.1).centered(true).momentum(0.5))),
    ("Adagrad", |p| Box::new(Adagrad::new(p, 0.1).lr_decay(0.1))),
    ("groups", |p| Box::new(SGD::new(&p[..1], 0.1).add_group(SGD::new(&p[1..], 0.2).momentum(0.9)).momentum(0.5))),
];

fn parameters() -> Vec<Tensor> {
    let leaves = [Tensor::from([[0.3, -0.7], [1.1, 0.2]]), Tensor::from([0.5]), Tensor::from([-0.1])];
    leaves.map(|leaf| leaf.requires_grad_(true)).to_vec()
}

fn set_gradients(parameters: &[Tensor]) {
    // The last parameter never has a gradient, so it has no state.
    for parameter in &parameters[..2] {
        parameter.set_grad(Some((parameter.sin() + 0.3 * parameter).detach()));
    }
}

fn bits(parameters: &[Tensor]) -> Vec<u32> {
    parameters.iter().flat_map(|parameter| parameter.to_vec()).map(f32::to_bits).collect()
}

#[test]
fn every_optimiser_goes_on_with_the_same_bits() {
    for (name, make) in OPTIMIZERS {
        for interruption in [0, 1, 3] {
            let run = |interrupted: bool| {
                let parameters = parameters();
                let mut optimizer = make(&parameters);
                let mut scheduler = Scheduler::new(&mut *optimizer, CosineAnnealingLR::new(4));
                for step in 0..8 {
                    if interrupted && step == interruption {
                        let (state, schedule) = (optimizer.state_dict(), scheduler.state_dict());
                        optimizer = make(&parameters);
                        scheduler = Scheduler::new(&mut *optimizer, CosineAnnealingLR::new(4));
                        optimizer.load_state_dict(&state).unwrap();
                        scheduler.load_state_dict(&schedule).unwrap();
                    }
                    set_gradients(&parameters);
                    optimizer.step();
                    scheduler.step(&mut *optimizer);
                }
                bits(&parameters)
            };
            assert_eq!(run(true), run(false), "{name}, interrupted at {interruption}");
        }
    }
}

#[test]
fn lbfgs_goes_on_with_the_same_bits() {
    for interruption in [0, 1, 4] {
        let run = |interrupted: bool| {
            let parameters = parameters();
            let make = || LBFGS::new(&parameters[..2], 0.8).max_iter(3).history_size(2).strong_wolfe(true);
            let mut optimizer = make();
            for step in 0..6 {
                if interrupted && step == interruption {
                    let state = optimizer.state_dict();
                    optimizer = make();
                    optimizer.load_state_dict(&state).unwrap();
                }
                optimizer.step_with(|| {
                    parameters.iter().for_each(Tensor::zero_grad);
                    let loss = (parameters[0].sin() * &parameters[1] + 0.1 * parameters[0].square()).sum()
                        + parameters[1].square().square().sum();
                    loss.backward();
                    loss
                });
            }
            bits(&parameters)
        };
        assert_eq!(run(true), run(false), "interrupted at {interruption}");
    }
}

#[test]
fn the_names_are_those_of_pytorch() {
    let parameters = parameters();
    let mut optimizer = Adam::new(&parameters[1..], 0.1).amsgrad(true);
    set_gradients(&parameters);
    optimizer.step();
    let state = optimizer.state_dict();
    let names: Vec<&str> = state.iter().map(|(name, _)| name).collect();
    let options = ["lr", "beta1", "beta2", "eps", "weight_decay", "amsgrad", "maximize", "params"];
    let memory = ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
    let expected: Vec<String> = options
        .map(|name| format!("param_groups.0.{name}"))
        .into_iter()
        .chain(memory.map(|name| format!("state.0.{name}")))
        .collect();
    assert_eq!(names, expected);
    assert_eq!(state.number::<f64>("param_groups.0.lr"), Ok(0.1));
    assert_eq!(state.number::<bool>("param_groups.0.amsgrad"), Ok(true));
    assert_eq!(state.number::<i64>("state.0.step"), Ok(1));

    // A state is a snapshot, and what is loaded replaces the options.
    optimizer.step();
    assert_eq!(state.number::<i64>("state.0.step"), Ok(1));
    let mut other = Adam::new(&parameters[1..], 0.5);
    other.load_state_dict(&state).unwrap();
    assert_eq!((other.lr(), other.groups()[0].get("amsgrad")), (0.1, Some(true.into())));
}

#[test]
fn states_that_do_not_fit_are_refused_and_change_nothing() {
    let parameters = parameters();
    let mut optimizer = SGD::new(&parameters, 0.1).momentum(0.9);
    set_gradients(&parameters);
    optimizer.step();
    let good = optimizer.state_dict();
    let with = |name: &str, tensor: AnyTensor| {
        let mut state = good.clone();
        state.insert_any(name, &tensor);
        state
    };
    let number = |x: f64| AnyTensor::from(&Tensor::<f64>::new(x));
    let without_lr = {
        let mut state = StateDict::new();
        good.iter().filter(|(name, _)| !name.ends_with(".lr")).for_each(|(name, t)| state.insert_any(name, t));
        state
    };
    let cases = [
        (without_lr, "the names differ; missing: param_groups.0.lr; unexpected: none"),
        (with("param_groups.1.lr", number(1.0)), "the names differ; missing: none; unexpected: param_groups.1.lr"),
        (
            with("state.2.momentum_buffer", AnyTensor::from(&Tensor::ones([1]))),
            "the names differ; missing: state.2.step; unexpected: none",
        ),
        (
            with("state.1.momentum_buffer", AnyTensor::from(&Tensor::ones([2]))),
            "`state.1.momentum_buffer` has shape [2], expected [1]",
        ),
        (
            with("state.1.momentum_buffer", AnyTensor::from(&Tensor::<f64>::new([1.0]))),
            "`state.1.momentum_buffer` holds f64, not f32",
        ),
        (
            with("param_groups.0.momentum", number(-1.0)),
            "`param_groups.0.momentum`: SGD: momentum is -1; it must be at least 0",
        ),
        (
            with("param_groups.0.params", AnyTensor::from(&Tensor::from([0, 2, 1]))),
            "`param_groups.0.params`: holds [0, 2, 1], expected [0, 1, 2]",
        ),
        (
            with("param_groups.0.params", AnyTensor::from(&Tensor::from([0]))),
            "`param_groups.0.params` has shape [1], expected [3]",
        ),
    ];
    for (state, text) in cases {
        assert_eq!(optimizer.load_state_dict(&state).unwrap_err().to_string(), text);
        assert_eq!(optimizer.groups()[0].get("momentum"), Some(0.9.into()), "{text}");
    }
    let adam = Adam::new(&parameters, 0.1).load_state_dict(&good).unwrap_err().to_string();
    assert!(adam.contains("missing: param_groups.0.beta1") && adam.contains("unexpected: param_groups.0.momentum"));
}

#[test]
fn schedulers_go_on() {
    let metrics = [1.0, 0.9, 0.9, 0.9, 0.95, 0.9, 0.9, 0.8, 0.9, 0.9];
    for interruption in 0..metrics.len() {
        let run = |interrupted: bool| {
            let parameters = parameters();
            let make = || SGD::new(&parameters, 0.1).momentum(0.9);
            let cycle = |optimizer: &mut SGD| Scheduler::new(optimizer, OneCycleLR::new(0.5, 12));
            let plateau = || ReduceLROnPlateau::new().patience(1).cooldown(1).factor(0.5);
            let mut optimizer = make();
            let (mut cycled, mut reduced) = (cycle(&mut optimizer), plateau());
            let mut stopping = EarlyStopping::new(4);
            let mut seen = Vec::new();
            for (epoch, metric) in metrics.into_iter().enumerate() {
                if interrupted && epoch == interruption {
                    let states =
                        (optimizer.state_dict(), cycled.state_dict(), reduced.state_dict(), stopping.state_dict());
                    optimizer = make();
                    (cycled, reduced, stopping) = (cycle(&mut optimizer), plateau(), EarlyStopping::new(4));
                    optimizer.load_state_dict(&states.0).unwrap();
                    cycled.load_state_dict(&states.1).unwrap();
                    reduced.load_state_dict(&states.2).unwrap();
                    stopping.load_state_dict(&states.3).unwrap();
                }
                cycled.step(&mut optimizer);
                reduced.step_with(&mut optimizer, metric);
                let momentum = optimizer.groups()[0].get("momentum").unwrap();
                seen.push((optimizer.lr(), momentum, stopping.step(metric), stopping.best()));
            }
            seen
        };
        assert_eq!(run(true), run(false), "interrupted at {interruption}");
    }

    let mut optimizer = SGD::new(parameters(), 0.1);
    let mut scheduler = Scheduler::new(&mut optimizer, CosineAnnealingLR::new(4));
    let error = scheduler.load_state_dict(&StateDict::new()).unwrap_err().to_string();
    assert_eq!(error, "the names differ; missing: last_epoch, base_lrs; unexpected: none");
    let mut state = scheduler.state_dict();
    state.insert_number::<i64>("last_epoch", -1);
    let error = scheduler.load_state_dict(&state).unwrap_err().to_string();
    assert_eq!(error, "`last_epoch`: is -1, expected at least 0");
    // A count from which the next step could not go on.
    state.insert_number::<i64>("last_epoch", i64::MAX);
    let error = scheduler.load_state_dict(&state).unwrap_err().to_string();
    assert_eq!(error, "`last_epoch`: is 9223372036854775807, expected at most 4611686018427387904");
}

#[test]
fn newton_keeps_its_damping() {
    let parameters = parameters();
    let state = Newton::new(&parameters, 0.5).damping(2.0).state_dict();
    let mut fresh = Newton::new(&parameters, 1.0);
    fresh.load_state_dict(&state).unwrap();
    assert_eq!((fresh.lr(), fresh.groups()[0].get("damping")), (0.5, Some(2.0.into())));
}

/// Optimiser and scheduler are made and loaded in every order in which each is made before it is loaded.
#[test]
fn schedules_go_on_whatever_is_loaded_first() {
    type Schedule = fn(&mut dyn ParamGroups) -> Scheduler;
    let schedules: [(&str, Schedule); 5] = [
        ("warm-up", |o| Scheduler::new(o, LinearLR::new().start_factor(0.1).total_iters(6))),
        ("cosine", |o| Scheduler::new(o, CosineAnnealingLR::new(9))),
        ("exponential", |o| Scheduler::new(o, ExponentialLR::new(0.5))),
        ("lambda", |o| Scheduler::new(o, LambdaLR::new(|epoch| 1.0 / (epoch + 1) as f64))),
        ("one cycle", |o| Scheduler::new(o, OneCycleLR::new(0.5, 12))),
    ];
    for (name, schedule) in schedules {
        let parameters = parameters();
        let make =
            || SGD::new(&parameters[..1], 0.4).momentum(0.9).add_group(SGD::new(&parameters[1..], 0.2).momentum(0.9));
        let rates = |optimizer: &SGD| optimizer.groups().iter().map(|group| group.lr()).collect::<Vec<_>>();
        let mut optimizer = make();
        let mut scheduler = schedule(&mut optimizer);
        (0..3).for_each(|_| scheduler.step(&mut optimizer));
        let (state, of_schedule) = (optimizer.state_dict(), scheduler.state_dict());
        let now = rates(&optimizer);
        let expected: Vec<_> = (0..4).map(|_| (scheduler.step(&mut optimizer), rates(&optimizer)).1).collect();

        for order in
            ["optimiser loaded first", "scheduler loaded first", "optimiser loaded before the scheduler is made"]
        {
            let mut optimizer = make();
            let mut scheduler;
            if order == "optimiser loaded before the scheduler is made" {
                optimizer.load_state_dict(&state).unwrap();
                scheduler = schedule(&mut optimizer);
                scheduler.load_state_dict(&of_schedule).unwrap();
            } else {
                scheduler = schedule(&mut optimizer);
                if order == "scheduler loaded first" {
                    scheduler.load_state_dict(&of_schedule).unwrap();
                    optimizer.load_state_dict(&state).unwrap();
                } else {
                    optimizer.load_state_dict(&state).unwrap();
                    scheduler.load_state_dict(&of_schedule).unwrap();
                }
            }
            assert_eq!(rates(&optimizer), now, "{name}, {order}");
            let found: Vec<_> = (0..4).map(|_| (scheduler.step(&mut optimizer), rates(&optimizer)).1).collect();
            assert_eq!(found, expected, "{name}, {order}");
        }

        // A new schedule of a loaded optimiser: refused unless the rate that it begins with is set.
        let mut optimizer = make();
        optimizer.load_state_dict(&state).unwrap();
        let mut scheduler = schedule(&mut optimizer);
        let panic = panic_of(|| scheduler.step(&mut optimizer)).unwrap();
        assert!(panic.text.contains("the state of the scheduler to be loaded first"), "{name}: {}", panic.text);
        optimizer.set_lr(0.4);
        let (mut fresh, mut begun) = (SGD::new(&parameters, 0.4).momentum(0.9), schedule(&mut optimizer));
        let mut other = schedule(&mut fresh);
        begun.step(&mut optimizer);
        other.step(&mut fresh);
        assert_eq!(optimizer.lr(), fresh.lr(), "{name}");
    }
}
