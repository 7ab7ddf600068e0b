//! The names, types and shapes of saved states are fixed: a state saved by an earlier version loads, and is saved
//! again unchanged.
//!
//! `saved_states.txt` holds a state of every optimiser, one line for each entry: name, element type, shape, numbers.

use downhill_optim::{Adagrad, Adam, AdamW, LBFGS, Newton, Optimizer, ParamGroups, RMSprop, SGD};
use downhill_tensor::{AnyTensor, Element, StateDict, Tensor};

/// The state of each optimiser after two steps on two of three parameters, and a fresh optimiser with the same groups
/// but other options.
fn states() -> Vec<(&'static str, StateDict, Box<dyn ParamGroups>)> {
    let leaf = |values: [f32; 2]| Tensor::from(values).requires_grad_(true);
    let all = [leaf([0.5, -1.0]), leaf([2.0, 0.25]), leaf([1.0, 1.0])];
    fn stepped(all: &[Tensor], mut optimizer: impl Optimizer) -> StateDict {
        for step in 1..=2 {
            all[0].set_grad(Some(Tensor::from([0.5, -0.25 * step as f32])));
            all[1].set_grad(Some(Tensor::from([1.0, step as f32])));
            optimizer.step();
        }
        optimizer.state_dict()
    }
    let sgd = SGD::new(&all, 0.1).momentum(0.9).dampening(0.1).weight_decay(0.01);
    let groups = || SGD::new(&all[..1], 0.1).add_group(SGD::new(&all[1..], 0.2).momentum(0.9).nesterov(true));
    let adagrad = Adagrad::new(&all, 0.1).lr_decay(0.1).initial_accumulator_value(0.5);
    let mut lbfgs = LBFGS::new(&all, 0.5).max_iter(4).history_size(2).strong_wolfe(true);
    lbfgs.step_with(|| {
        all.iter().for_each(Tensor::zero_grad);
        let loss = all[0].square().sum() + (&all[1] * Tensor::from([0.5, 2.0])).square().sum();
        loss.backward();
        loss
    });
    vec![
        ("SGD", stepped(&all, sgd), Box::new(SGD::new(&all, 1.0))),
        ("SGD in groups", stepped(&all, groups()), Box::new(groups().nesterov(true))),
        ("Adam", stepped(&all, Adam::new(&all, 0.1).betas(0.5, 0.75).amsgrad(true)), Box::new(Adam::new(&all, 1.0))),
        ("AdamW", stepped(&all, AdamW::new(&all, 0.1).maximize(true)), Box::new(AdamW::new(&all, 1.0))),
        (
            "RMSprop",
            stepped(&all, RMSprop::new(&all, 0.1).centered(true).momentum(0.5)),
            Box::new(RMSprop::new(&all, 1.0)),
        ),
        ("Adagrad", stepped(&all, adagrad), Box::new(Adagrad::new(&all, 1.0))),
        ("LBFGS", lbfgs.state_dict(), Box::new(LBFGS::new(&all, 1.0).max_eval(3))),
        (
            "LBFGS before a step",
            LBFGS::new(&all, 1.0).max_eval(7).state_dict(),
            Box::new(LBFGS::new(&all, 0.1).maximize(true)),
        ),
        ("Newton", Newton::new(&all, 0.5).damping(2.0).state_dict(), Box::new(Newton::new(&all, 1.0))),
    ]
}

fn words<T: std::fmt::Debug>(values: &[T]) -> String {
    values.iter().map(|value| format!(" {value:?}")).collect()
}

/// The numbers of a tensor, for the four types that a state holds.
fn numbers(tensor: &AnyTensor) -> String {
    if let Some(tensor) = tensor.get::<f32>() {
        return words(&tensor.to_vec());
    }
    if let Some(tensor) = tensor.get::<f64>() {
        return words(&tensor.to_vec());
    }
    match (tensor.get::<i64>(), tensor.get::<bool>()) {
        (Some(tensor), _) => words(&tensor.to_vec()),
        (_, Some(tensor)) => words(&tensor.to_vec()),
        _ => panic!("a state holds no {}", tensor.kind()),
    }
}

fn text(state: &StateDict) -> String {
    state
        .iter()
        .map(|(name, tensor)| {
            format!("{name} {} {:?}{}\n", tensor.kind(), tensor.shape(), numbers(tensor)).replace(", ", ",")
        })
        .collect()
}

/// One entry of a saved state: its name and its tensor.
fn entry(line: &str) -> (&str, AnyTensor) {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, kind, shape, numbers @ ..] = &words[..] else { panic!("`{line}` has no name, type and shape") };
    let sizes = shape.trim_matches(['[', ']']).split(',').filter(|size| !size.is_empty());
    let sizes: Vec<usize> = sizes.map(|size| size.parse().expect("a size")).collect();
    fn tensor<T: Element + std::str::FromStr<Err: std::fmt::Debug>>(numbers: &[&str], sizes: &[usize]) -> AnyTensor {
        let numbers = numbers.iter().map(|number| number.parse().expect("a number")).collect();
        AnyTensor::from(&Tensor::<T>::from_vec(numbers, sizes).expect("as many numbers as the shape holds"))
    }
    let tensor = match *kind {
        "f32" => tensor::<f32>(numbers, &sizes),
        "f64" => tensor::<f64>(numbers, &sizes),
        "i64" => tensor::<i64>(numbers, &sizes),
        "bool" => tensor::<bool>(numbers, &sizes),
        kind => panic!("a state holds no {kind}"),
    };
    (name, tensor)
}

/// What a state looks like without its numbers.
fn outline(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn earlier_states_load_and_are_saved_again_as_they_were() {
    let saved = include_str!("saved_states.txt");
    let cases: Vec<(&str, &str)> = saved.split("case ").skip(1).map(|case| case.split_once('\n').unwrap()).collect();
    let made = states();
    assert_eq!(cases.len(), made.len());
    for ((title, lines), (name, state, mut fresh)) in cases.into_iter().zip(made) {
        assert_eq!(title, name);
        assert_eq!(outline(&text(&state)), outline(lines), "{title}");
        let mut earlier = StateDict::new();
        for (name, tensor) in lines.lines().map(entry) {
            earlier.insert_any(name, &tensor);
        }
        fresh.load_state_dict(&earlier).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(text(&fresh.state_dict()), lines, "{title}");
    }
}
