//! Every check of an argument: its text, at the user's line.

use downhill_optim::{Optimizer, ParamGroups, SGD};
use downhill_tensor::Tensor;
use downhill_tests::assert_panics;

#[test]
fn arguments_outside_their_range() {
    let w = Tensor::ones([2]).requires_grad_(true);
    let sgd = || SGD::new([&w], 0.1);

    assert_panics("SGD: lr is -0.1; it must be at least 0", || SGD::new([&w], -0.1));
    assert_panics("SGD: lr is NaN; it must be at least 0", || SGD::new([&w], f64::NAN));
    assert_panics("SGD: momentum is -0.9; it must be at least 0", || sgd().momentum(-0.9));
    assert_panics("SGD: momentum is NaN; it must be at least 0", || sgd().momentum(f64::NAN));
    assert_panics("SGD: dampening is NaN; it must be a number", || sgd().dampening(f64::NAN));
    assert_panics("SGD: weight_decay is -1; it must be at least 0", || sgd().weight_decay(-1.0));
    assert_panics("SGD: weight_decay is NaN; it must be at least 0", || sgd().weight_decay(f64::NAN));

    let mut optimizer = sgd();
    assert_panics("SGD: lr is -1; it must be at least 0", || optimizer.set_lr(-1.0));
    assert_panics("SGD: lr is NaN; it must be at least 0", || optimizer.set_lr(f64::NAN));
    assert_eq!(optimizer.lr(), 0.1, "a refused learning rate changes nothing");

    // The limits themselves, and what PyTorch allows as well.
    SGD::new([&w], 0.0).momentum(0.0).weight_decay(0.0).dampening(-0.5).step();
    SGD::new([&w], 10.0).momentum(2.0).dampening(1.5).step();
}

#[test]
fn nesterov_needs_momentum_and_no_dampening_at_the_first_step() {
    let w = Tensor::ones([2]).requires_grad_(true);
    let text = |momentum: f64, dampening: f64| {
        format!(
            "SGD: nesterov is on with momentum {momentum} and dampening {dampening}; \
             it must be used with a momentum above 0 and a dampening of 0"
        )
    };
    let sgd = || SGD::new([&w], 0.1).nesterov(true);
    let (mut bare, mut dampened) = (sgd(), sgd().momentum(0.9).dampening(0.5));
    assert_panics(&text(0.0, 0.0), || bare.step());
    assert_panics(&text(0.9, 0.5), || dampened.step());
    dampened.dampening(0.0).step();
    bare.momentum(0.5).step();
}

#[test]
fn lists_of_parameters_that_cannot_be_trained() {
    let w = Tensor::ones([2, 3]).requires_grad_(true);
    let nothing: [&Tensor; 0] = [];
    assert_panics("SGD: expected at least one parameter, got an empty list", || SGD::new(nothing, 0.1));

    let text = "SGD: expected each parameter once (`parameters()` names a shared tensor once), \
                got a tensor of shape [2, 3] twice";
    assert_panics(text, || SGD::new([&w, &w.clone()], 0.1));
    assert_eq!(SGD::new([&w, &w.copy().detach()], 0.1).lr(), 0.1, "equal numbers are not the same tensor");

    let double = &w * 2;
    let text = "SGD: this tensor is the result of an operation, not a leaf; \
                give the optimiser the parameter that it was computed from, or `detach()` it";
    assert_panics(text, || SGD::new([&w, &double], 0.1));
}
