//! Things made of n parameters: optimisers, networks, their states.

use downhill_lint::lint as watched;
use downhill_nn::{Linear, Module, Sequential, summary};
use downhill_optim::{Adam, Optimizer, ParamGroups, SGD};
use downhill_tensor::{StateDict, Tensor};

use super::seconds;

fn parameters(n: usize) -> Vec<Tensor> {
    (0..n).map(|_| Tensor::zeros([1]).requires_grad_(true)).collect()
}

pub fn new(n: usize) -> f64 {
    let parameters = parameters(n);
    seconds(|| SGD::new(&parameters, 0.1))
}

pub fn groups(n: usize) -> f64 {
    let parameters = parameters(n);
    seconds(|| {
        let (first, others) = parameters.split_first().expect("at least one");
        others.iter().fold(SGD::new([first], 0.1), |all, other| all.add_group(SGD::new([other], 0.1)))
    })
}

/// An Adam optimiser after one step.
fn adam(n: usize) -> Adam {
    let parameters = parameters(n);
    parameters.iter().for_each(|parameter| parameter.set_grad(Some(Tensor::ones([1]))));
    let mut optimizer = Adam::new(&parameters, 0.1);
    optimizer.step();
    optimizer
}

pub fn save(n: usize) -> f64 {
    let optimizer = adam(n);
    seconds(|| optimizer.state_dict())
}

pub fn load(n: usize) -> f64 {
    let mut optimizer = adam(n);
    let state = optimizer.state_dict();
    seconds(|| optimizer.load_state_dict(&state).expect("its own state"))
}

pub fn insert_and_get(n: usize) -> f64 {
    let (tensor, names) = (Tensor::zeros([1]), (0..n).map(|i| format!("layer{i}.weight")).collect::<Vec<_>>());
    seconds(|| {
        let mut state = StateDict::new();
        names.iter().for_each(|name| state.insert(name.as_str(), &tensor));
        names.iter().filter(|name| state.get(name).is_some()).count()
    })
}

pub fn module(n: usize) -> f64 {
    let net = (0..n).fold(Sequential::new(), |net, _| net.add(Linear::new(1, 1)));
    seconds(|| {
        let parameters = net.parameters();
        net.load_state_dict(&net.state_dict()).expect("its own state");
        (parameters.len(), net.copy().len(), summary(&net).len())
    })
}

/// The loss uses n parameters that no optimiser holds.
pub fn lint(n: usize) -> f64 {
    let (held, forgotten) = (Tensor::zeros([1]).requires_grad_(true), parameters(n));
    let mut optimizer = SGD::new([&held], 0.1);
    seconds(|| {
        watched(|| {
            for _ in 0..2 {
                optimizer.zero_grad();
                let mut loss = held.clone();
                for parameter in &forgotten {
                    loss = loss + parameter;
                }
                loss.sum().backward();
                optimizer.step();
            }
        })
    })
}
