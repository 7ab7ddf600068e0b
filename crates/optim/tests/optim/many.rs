//! Optimisers of many parameters: this would take minutes if its time grew with the square of their number.

use downhill_optim::{Adam, LinearLR, Optimizer, ParamGroups, SGD, Scheduler};
use downhill_tensor::Tensor;

const MANY: usize = 100_000;

fn parameters() -> Vec<Tensor> {
    (0..MANY).map(|i| Tensor::from([i as f32]).requires_grad_(true)).collect()
}

#[test]
fn a_saved_state_goes_on() {
    let parameters = parameters();
    let mut optimizer = Adam::new(&parameters, 0.1);
    // Only every second parameter has state.
    parameters.iter().step_by(2).for_each(|parameter| parameter.set_grad(Some(Tensor::ones([1]))));
    optimizer.step();
    let state = optimizer.state_dict();
    assert!(state.get("state.0.exp_avg").is_some() && state.get("state.1.step").is_none());
    let mut other = Adam::new(&parameters, 0.2);
    other.load_state_dict(&state).unwrap();
    let names = |optimizer: &Adam| optimizer.state_dict().iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&other), names(&optimizer));
}

#[test]
fn groups_of_one_parameter() {
    let parameters = parameters();
    let (first, others) = parameters.split_first().unwrap();
    let mut optimizer = others.iter().fold(SGD::new([first], 0.1), |all, p| all.add_group(SGD::new([p], 0.1)));
    let mut scheduler = Scheduler::new(&mut optimizer, LinearLR::new().start_factor(0.5).total_iters(1));
    scheduler.step(&mut optimizer);
    assert_eq!((optimizer.groups().len(), optimizer.groups()[MANY - 1].lr()), (MANY, 0.1));
}

#[test]
#[should_panic(expected = "each parameter once")]
fn a_parameter_that_is_in_an_earlier_group() {
    let parameters = parameters();
    let optimizer = SGD::new(&parameters, 0.1).add_group(SGD::new([Tensor::zeros([1])], 0.1));
    drop(optimizer.add_group(SGD::new([&parameters[MANY - 1]], 0.1)));
}
