//! Every check of an argument: its text, at the user's line. And clipping of extreme gradients.

use downhill_optim::{
    Adagrad, Adam, AdamW, CosineAnnealingLR, EarlyStopping, ExponentialLR, LBFGS, LambdaLR, LinearLR, MultiStepLR,
    Newton, OneCycleLR, Optimizer, OptionValue, ParamGroups, RMSprop, ReduceLROnPlateau, SGD, Scheduler, StepLR,
    clip_grad_norm_, clip_grad_p_norm_, clip_grad_value_,
};
use downhill_tensor::Tensor;
use downhill_tests::{assert_panics, panic_of};

#[test]
fn options_outside_their_range() {
    let w = Tensor::ones([2]).requires_grad_(true);
    let nan = f64::NAN;
    assert_panics("Adam: lr is -1; it must be at least 0", || Adam::new([&w], -1.0));
    assert_panics("Adam: beta1 is 1; it must be at least 0 and below 1", || Adam::new([&w], 0.1).betas(1.0, 0.9));
    let text = "AdamW: beta2 is -0.1; it must be at least 0 and below 1";
    assert_panics(text, || AdamW::new([&w], 0.1).betas(0.0, -0.1));
    assert_panics("Adam: eps is NaN; it must be at least 0", || Adam::new([&w], 0.1).eps(nan));
    assert_panics("AdamW: weight_decay is -1; it must be at least 0", || AdamW::new([&w], 0.1).weight_decay(-1.0));
    assert_panics("RMSprop: alpha is -1; it must be at least 0", || RMSprop::new([&w], 0.1).alpha(-1.0));
    assert_panics("RMSprop: momentum is NaN; it must be at least 0", || RMSprop::new([&w], 0.1).momentum(nan));
    assert_panics("Adagrad: lr_decay is -1; it must be at least 0", || Adagrad::new([&w], 0.1).lr_decay(-1.0));
    let adagrad = || Adagrad::new([&w], 0.1);
    let text = "Adagrad: initial_accumulator_value is -1; it must be at least 0";
    assert_panics(text, || adagrad().initial_accumulator_value(-1.0));
    assert_panics("LBFGS: lr is NaN; it must be at least 0", || LBFGS::new([&w], nan));
    assert_panics("LBFGS: history_size is 0; it must be at least 1", || LBFGS::new([&w], 1.0).history_size(0));
    assert_panics("Newton: damping is -1; it must be at least 0", || Newton::new([&w], 1.0).damping(-1.0));

    let mut optimizer = Adam::new([&w], 0.1);
    assert_panics("Adam: lr is -1; it must be at least 0", || optimizer.set_lr(-1.0));
    let text =
        "Adam: expected one of the options lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, got `momentum`";
    assert_panics(text, || optimizer.groups_mut()[0].set("momentum", 0.9));
}

#[test]
fn behind_a_pointer_the_text_names_the_line() {
    let w = Tensor::ones([2]).requires_grad_(true);
    let mut optimizer: Box<dyn Optimizer> = Box::new(SGD::new([&w], 1.0).nesterov(true));
    let (line, panic) = (line!(), panic_of(|| optimizer.step()).unwrap());
    let text = "SGD: nesterov is on with momentum 0 and dampening 0; it must be used with a momentum above 0 and a \
                dampening of 0";
    let place = format!("{text}\n  in step, called at {}:{line}:", file!());
    assert!(panic.text.starts_with(&place), "{}", panic.text);
    let mut optimizer: Box<dyn ParamGroups> = Box::new(LBFGS::new([&w], 1.0));
    let (line, panic) = (line!(), panic_of(|| optimizer.set_lr(-1.0)).unwrap());
    let place = format!("LBFGS: lr is -1; it must be at least 0\n  in set_lr, called at {}:{line}:", file!());
    assert!(panic.text.starts_with(&place), "{}", panic.text);
}

#[test]
fn views_cannot_be_trained() {
    let base = Tensor::ones([2, 3]);
    let view = base.t().requires_grad_(true);
    for (name, panic) in [
        ("SGD", panic_of(|| SGD::new([&view], 0.1))),
        ("Adam", panic_of(|| Adam::new([&view], 0.1))),
        ("LBFGS", panic_of(|| LBFGS::new([&view], 0.1))),
        ("Newton", panic_of(|| Newton::new([&view], 0.1))),
    ] {
        let panic = panic.unwrap();
        let expected = "parameters with elements of their own, which a step can write to";
        let text = format!("{name}: expected {expected}, got a view of shape [3, 2]; take a `copy()` of it first");
        assert_eq!((panic.text, panic.file.as_str()), (text, file!()));
    }
    SGD::new([view.detach().copy().requires_grad_(true)], 0.1).step();
}

/// Options by name: the value must be of the kind of the option and in its range.
#[test]
fn options_by_name() {
    let w = Tensor::ones([2]).requires_grad_(true);
    let mut sgd = SGD::new([&w], 0.1);
    let mut lbfgs = LBFGS::new([&w], 0.1);
    let table: [(bool, &str, OptionValue, &str); 9] = [
        (false, "nesterov", 1.0.into(), "SGD: nesterov is 1; it must be true or false"),
        (false, "momentum", true.into(), "SGD: momentum is true; it must be at least 0"),
        (false, "dampening", false.into(), "SGD: dampening is false; it must be a number"),
        (false, "lr", true.into(), "SGD: lr is true; it must be at least 0"),
        (true, "max_iter", 1.5.into(), "LBFGS: max_iter is 1.5; it must be a whole number of at least 0"),
        (true, "max_eval", (-1.0).into(), "LBFGS: max_eval is -1; it must be a whole number of at least 0"),
        (true, "history_size", 0.into(), "LBFGS: history_size is 0; it must be at least 1"),
        (true, "history_size", 0.5.into(), "LBFGS: history_size is 0.5; it must be a whole number of at least 1"),
        (true, "strong_wolfe", 0.into(), "LBFGS: strong_wolfe is 0; it must be true or false"),
    ];
    for (of_lbfgs, name, value, text) in table {
        let optimizer: &mut dyn ParamGroups = if of_lbfgs { &mut lbfgs } else { &mut sgd };
        let before = optimizer.groups()[0].get(name);
        assert_panics(text, || optimizer.groups_mut()[0].set(name, value));
        assert_eq!(optimizer.groups()[0].get(name), before, "{text}");
    }
    // A whole number is a number, and a number without a fraction is whole.
    sgd.groups_mut()[0].set("momentum", 2);
    lbfgs.groups_mut()[0].set("max_iter", 3.0);
    assert_eq!(sgd.groups()[0].get("momentum"), Some(OptionValue::Number(2.0)));
    assert_eq!(lbfgs.groups()[0].get("max_iter"), Some(OptionValue::Count(3)));
    let text = "LBFGS: tolerance_grad is NaN; it must be a number";
    assert_panics(text, || LBFGS::new([&w], 1.0).tolerance_grad(f64::NAN));
}

#[test]
fn a_parameter_in_two_groups() {
    let [v, w] = [[2], [3]].map(|shape| Tensor::ones(shape).requires_grad_(true));
    let text = "Adam: expected each parameter once (`parameters()` names a shared tensor once), \
                got a tensor of shape [3] twice";
    assert_panics(text, || Adam::new([&v, &w], 0.1).add_group(Adam::new([&w], 0.1)));
    let three = || Adam::new([&v], 0.1).add_group(Adam::new([&w], 0.1));
    assert_panics(text, || three().add_group(Adam::new([&w], 0.2)));
}

#[test]
fn schedules_outside_their_range() {
    let nan = f64::NAN;
    assert_panics("StepLR: step_size is 0; it must be at least 1", || StepLR::new(0));
    assert_panics("StepLR: gamma is NaN; it must be a number", || StepLR::new(1).gamma(nan));
    assert_panics("MultiStepLR: gamma is NaN; it must be a number", || MultiStepLR::new([1]).gamma(nan));
    assert_panics("ExponentialLR: gamma is NaN; it must be a number", || ExponentialLR::new(nan));
    assert_panics("CosineAnnealingLR: t_max is 0; it must be at least 1", || CosineAnnealingLR::new(0));
    let text = "LinearLR: start_factor is 0; it must be above 0 and at most 1";
    assert_panics(text, || LinearLR::new().start_factor(0.0));
    assert_panics("LinearLR: end_factor is 1.5; it must be from 0 to 1", || LinearLR::new().end_factor(1.5));
    assert_panics("OneCycleLR: total_steps is 0; it must be at least 1", || OneCycleLR::new(0.1, 0));
    assert_panics("OneCycleLR: pct_start is 1.1; it must be from 0 to 1", || OneCycleLR::new(0.1, 5).pct_start(1.1));
    assert_panics("OneCycleLR: div_factor is 0; it must be above 0", || OneCycleLR::new(0.1, 5).div_factor(0.0));
    assert_panics("ReduceLROnPlateau: factor is 1; it must be below 1", || ReduceLROnPlateau::new().factor(1.0));
    assert_panics("EarlyStopping: patience is 0; it must be at least 1", || EarlyStopping::new(0));
    let text = "EarlyStopping: min_delta is -1; it must be at least 0";
    assert_panics(text, || EarlyStopping::new(1).min_delta(-1.0));
}

#[test]
fn schedules_that_do_not_fit_the_optimiser() {
    let leaf = || Tensor::ones([2]).requires_grad_(true);
    let mut sgd = SGD::new([leaf()], 0.1);
    let text = "OneCycleLR: expected one max_lr for all or one for each of the 1 group(s), got 2 of them";
    assert_panics(text, || Scheduler::new(&mut sgd, OneCycleLR::new([0.1, 0.2], 5)));
    let text = "LambdaLR: expected one function for all or one for each of the 1 group(s), got 2 of them";
    assert_panics(text, || Scheduler::new(&mut sgd, LambdaLR::new(|_| 1.0).add_group(|_| 1.0)));
    let text = "OneCycleLR: pct_start is 0.25 of 4 steps; it must be more than one step long, or shorter than one";
    assert_panics(text, || Scheduler::new(&mut sgd, OneCycleLR::new(0.1, 4).pct_start(0.25)));
    let mut adagrad = Adagrad::new([leaf()], 0.1);
    let text =
        "OneCycleLR: expected an optimiser with momentum or betas, or `cycle_momentum(false)`, got one without";
    assert_panics(text, || Scheduler::new(&mut adagrad, OneCycleLR::new(0.1, 5)));

    let mut scheduler = Scheduler::new(&mut sgd, OneCycleLR::new(0.1, 2).pct_start(0.0));
    scheduler.step(&mut sgd);
    scheduler.step(&mut sgd);
    assert_panics("OneCycleLR: expected at most 2 steps, got step 3", || scheduler.step(&mut sgd));
    let mut scheduler = Scheduler::new(&mut sgd, StepLR::new(2));
    let mut other = SGD::new([leaf()], 0.1).add_group(SGD::new([leaf()], 0.1));
    let text = "StepLR: expected the optimiser with the 1 group(s) it began with, got one with 2";
    assert_panics(text, || scheduler.step(&mut other));
    let mut plateau = ReduceLROnPlateau::new().patience(0).min_lr([0.1, 0.1, 0.1]);
    plateau.step_with(&mut sgd, 1.0);
    let text = "ReduceLROnPlateau: expected one min_lr for all or one for each of the 1 group(s), got 3 of them";
    assert_panics(text, || plateau.step_with(&mut sgd, 1.0));
}

fn with_gradient(values: [f64; 2]) -> Tensor<f64> {
    let leaf = Tensor::<f64>::new([0.0, 0.0]).requires_grad_(true);
    leaf.set_grad(Some(Tensor::<f64>::new(values)));
    leaf
}

#[test]
fn norms_of_every_kind() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    // Gradients, norm type, the norm, and the first element after clipping to 1, as PyTorch gives them.
    let table = [
        ([3.0, -4.0], 2.0, 5.0, 0.599_999_880_000_024),
        ([3.0, -4.0], 1.0, 7.0, 0.428_571_367_346_947_5),
        ([3.0, -4.0], inf, 4.0, 0.749_999_812_500_046_9),
        ([3.0, -4.0], -inf, 3.0, 0.999_999_666_666_777_8),
        ([3.0, -4.0], 0.0, 1.0, 2.999_997_000_003),
        ([3.0, -4.0], 3.0, 4.497_941_445_275_415, 0.666_971_629_028_104_7),
        ([0.3, -0.4], 2.0, 0.5, 0.3),
        ([inf, 1.0], 2.0, inf, nan),
        ([nan, 1.0], inf, nan, nan),
        ([0.0, 0.0], 2.0, 0.0, 0.0),
    ];
    for (gradient, norm_type, norm, first) in table {
        let (leaf, without) = (with_gradient(gradient), Tensor::<f64>::new([1.0]).requires_grad_(true));
        let found = clip_grad_p_norm_([&leaf, &without], 1.0, norm_type);
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12;
        assert!(same(found, norm), "{gradient:?}, {norm_type}: norm {found} instead of {norm}");
        let clipped = leaf.grad().unwrap().to_vec()[0];
        assert!(same(clipped, first), "{gradient:?}, {norm_type}: {clipped} instead of {first}");
        assert!(without.grad().is_none());
    }
    // An infinite norm scales finite gradients to 0; several tensors have one joint norm.
    let leaves = [with_gradient([inf, 1.0]), with_gradient([2.0, 2.0])];
    assert_eq!(clip_grad_norm_(&leaves, 1.0), inf);
    assert_eq!(leaves[1].grad().unwrap().to_vec(), [0.0, 0.0]);
    assert_eq!(clip_grad_norm_([&with_gradient([2.0, 2.0]), &with_gradient([2.0, 2.0])], 9.0), 4.0);
    assert_eq!(clip_grad_norm_(Vec::<Tensor>::new(), 1.0), 0.0);

    let leaf = with_gradient([nan, -3.0]);
    clip_grad_value_([&leaf], 0.5);
    let clipped = leaf.grad().unwrap().to_vec();
    assert!(clipped[0].is_nan() && clipped[1] == -0.5, "{clipped:?}");

    assert_panics("clip_grad_norm_: max_norm is -1; it must be at least 0", || clip_grad_norm_([&leaf], -1.0));
    let text = "clip_grad_p_norm_: max_norm is -1; it must be at least 0";
    assert_panics(text, || clip_grad_p_norm_([&leaf], -1.0, 1.0));
    assert_panics("clip_grad_value_: clip_value is NaN; it must be at least 0", || clip_grad_value_([&leaf], nan));
    let text = "clip_grad_p_norm_: norm_type is NaN; it must be a number";
    assert_panics(text, || clip_grad_p_norm_([&leaf], 1.0, nan));
}

/// Squares and powers over- or underflow long before the norms do.
#[test]
fn clipping_gradients_of_any_size() {
    // Gradients of 3 and 4 times a unit, the type of the norm, and that of 3 and 4.
    for (unit, norm_type, norm) in [
        (1e200, 2.0, 5.0),
        (1e-200, 2.0, 5.0),
        (5e-324, 2.0, 5.0),
        (1e307, 2.0, 5.0),
        (1e200, 3.0, 91_f64.cbrt()),
        (1e-200, 3.0, 91_f64.cbrt()),
        (1e200, -2.0, 2.4),
        (1e-200, -2.0, 2.4),
        (1.0, 1000.0, 4.0),
    ] {
        let leaf = Tensor::<f64>::new([0.0, 0.0]).requires_grad_(true);
        leaf.set_grad(Some(Tensor::new([3.0 * unit, 4.0 * unit])));
        let found = clip_grad_p_norm_([&leaf], 1.0, norm_type);
        assert!((found - norm * unit).abs() <= 1e-14 * norm * unit, "{unit:e}, {norm_type}: {found:e}");
        let clipped = leaf.grad().unwrap().to_vec();
        let factor = (1.0 / (norm * unit + 1e-6)).min(1.0);
        let right = [3.0, 4.0].map(|g| g * (unit * factor));
        assert!(
            clipped.iter().zip(right).all(|(g, right)| (g - right).abs() <= 1e-13 * right),
            "{unit:e}: {clipped:?}"
        );
    }
    let leaf = Tensor::from([0.0, 0.0]).requires_grad_(true);
    leaf.set_grad(Some(Tensor::from([3e37, 4e37])));
    clip_grad_norm_([&leaf], 1e-3);
    assert!(
        (leaf.grad().unwrap().norm().item() - 1e-3).abs() < 1e-9,
        "the factor is 2e-41, which has few digits in f32"
    );
}
