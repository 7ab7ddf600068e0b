//! Mistakes in training loops: each is reported once, at its line, and correct loops give no findings.

mod examples;
mod silent;

use downhill::lint::Mistake;
use downhill::prelude::*;
use downhill::tensor::{Array, Fixed, Op, OpKind, Saved, Saves};

/// Points in the plane `[8, 2]`, the classes of them `[8]`, and targets `[8, 1]`.
fn data() -> (Tensor, Tensor<i64>, Tensor) {
    manual_seed(1);
    let x = Tensor::randn([8, 2]);
    let labels = x.sum_dim(1).gt(0).cast::<i64>();
    let targets = x.matmul(&Tensor::from([[2.0], [-3.4]])) + 4.2;
    (x, labels, targets)
}

/// A parameter and an optimiser of it.
fn parameter(lr: f64) -> (Tensor, optim::SGD) {
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    let optimizer = optim::SGD::new([&w], lr);
    (w, optimizer)
}

/// One step of a classifier whose outputs go through `last` before the loss.
fn classify(last: impl Fn(Tensor) -> Tensor, loss: impl Fn(&Tensor, &Tensor<i64>) -> Tensor) {
    let (x, labels, _) = data();
    let net = nn::Linear::new(2, 2);
    let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
    for _ in 0..3 {
        optimizer.zero_grad();
        loss(&last(net.forward(&x)), &labels).backward();
        optimizer.step();
    }
}

/// A linear model, trained with this loss of its outputs `[8, 1]` and targets `[8]`.
fn regress(loss: impl Fn(&Tensor, &Tensor) -> Tensor) {
    let (x, _, targets) = data();
    let (net, targets) = (nn::Linear::new(2, 1), targets.flatten());
    let mut optimizer = optim::SGD::new(net.parameters(), 0.01);
    for _ in 0..3 {
        optimizer.zero_grad();
        loss(&net.forward(&x), &targets).backward();
        optimizer.step();
    }
}

/// Trains a network, and evaluates it in training mode.
fn evaluate(net: &nn::Sequential, judge: impl Fn(&Tensor, &Tensor<i64>)) {
    let (x, labels, _) = data();
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
    for _ in 0..2 {
        optimizer.zero_grad();
        criterion.forward(&net.forward(&x), &labels).backward();
        optimizer.step();
        judge(&x, &labels);
    }
}

/// The mistake, the line, what was seen, and the loop.
type Row = (Mistake, u32, &'static str, fn());

fn gradients() -> Vec<Row> {
    vec![
        (Mistake::NoZeroGrad, line!() + 3, "adds to gradients that a step has used already", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..4 {
                w.square().sum().backward();
                optimizer.step();
            }
        }),
        (Mistake::NoZeroGrad, line!() + 3, "the next step uses the sum", || {
            let (w, _) = parameter(0.1);
            for _ in 0..4 {
                w.square().sum().backward();
                no_grad(|| w.sub_(&(0.1 * w.grad().unwrap())));
            }
        }),
        (Mistake::NoZeroGrad, line!() + 4, "a step has used already", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..2 {
                for _ in 0..2 {
                    w.square().sum().backward();
                }
                optim::clip_grad_norm_([&w], 1.0);
                optimizer.step();
            }
        }),
        (Mistake::NoZeroGrad, line!() + 5, "a step has used already", || {
            let (w, _) = parameter(0.1);
            let mut optimizer = optim::LBFGS::new([&w], 0.1).max_iter(4);
            optimizer.step_with(|| {
                let loss = w.square().sum();
                loss.backward();
                loss
            });
        }),
        (Mistake::StepWithoutBackward, line!() + 5, "none of the 1 parameter(s)", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                drop(w.square().sum());
                optimizer.step();
            }
        }),
        (Mistake::ClearedBeforeStep, line!() + 5, "were cleared before this step used them", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..3 {
                w.square().sum().backward();
                optimizer.zero_grad();
                optimizer.step();
            }
        }),
        (Mistake::StepWithoutBackward, line!() + 6, "no backward pass since the last step", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..2 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
                optimizer.step();
            }
        }),
        (Mistake::BackwardWithoutStep, line!() + 4, "3 backward passes one after the other", || {
            let (w, optimizer) = parameter(0.1);
            for _ in 0..5 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optim::clip_grad_norm_([&w], 1.0);
            }
        }),
        (Mistake::BackwardWithoutStep, line!() + 2, "4 backward passes one after the other", || {
            let (w, _) = parameter(0.1);
            (0..4).for_each(|_| w.square().sum().backward());
        }),
        (Mistake::NotOptimized, line!() + 6, "no optimiser holds [2, 2] of `linear`, [2] of `linear`", || {
            let (x, labels, _) = data();
            let (first, last) = (nn::Linear::new(2, 2), nn::Linear::new(2, 2));
            let mut optimizer = optim::Adam::new(last.parameters(), 0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                let hidden = first.forward(&x);
                nn::CrossEntropyLoss::new().forward(&last.forward(&hidden), &labels).backward();
                optimizer.step();
            }
        }),
    ]
}

fn losses() -> Vec<Row> {
    let twice = "what goes into the loss is the output of ";
    vec![
        (Mistake::SoftmaxBeforeCrossEntropy, line!() + 1, twice, || {
            classify(|y| y.softmax(1), |y, labels| nn::CrossEntropyLoss::new().forward(y, labels));
        }),
        (Mistake::SoftmaxBeforeCrossEntropy, line!() + 1, "`log_softmax` at ", || {
            classify(|y| y.log_softmax(1), |y, labels| nn::functional::cross_entropy(y, labels));
        }),
        (Mistake::SoftmaxBeforeCrossEntropy, line!() + 2, "`softmax` at tests/framework/lint.rs:", || {
            let smooth = nn::CrossEntropyLoss::new().label_smoothing(0.1);
            classify(|y| y.softmax(1).t().t().reshape([8, 2]), |y, labels| smooth.forward(y, labels));
        }),
        (Mistake::BroadcastLoss, line!() + 1, "`sub` of [8, 1] and [8] is [8, 8]", || {
            regress(|y, targets| (y - targets).square().mean());
        }),
        (Mistake::BroadcastLoss, line!() + 1, "`sub` of [8] and [8, 1] is [8, 8]", || {
            regress(|y, targets| (targets - y.tanh()).abs().pow(1.5).sum());
        }),
        (Mistake::BroadcastLoss, line!() + 1, "`mul` of [8, 1] and [8] is [8, 8]", || {
            regress(|y, targets| -(y.sigmoid() * targets).mean());
        }),
        (Mistake::LossGrows, line!() + 5, "steps, with a learning rate of 1.1", || {
            let (w, mut optimizer) = parameter(1.1);
            for _ in 0..20 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
            }
        }),
        (Mistake::LossGrows, line!() + 4, "from 5.000e0 to 9.244e1 in 8 steps", || {
            let (w, _) = parameter(0.0);
            for _ in 0..12 {
                w.square().sum().backward();
                no_grad(|| w.sub_(&(1.1 * w.grad().unwrap())));
                w.zero_grad();
            }
        }),
        (Mistake::LossGrows, line!() + 5, "with a learning rate of 10000000000", || {
            let (w, mut optimizer) = parameter(1e10);
            for _ in 0..7 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
            }
        }),
    ]
}

fn modes() -> Vec<Row> {
    vec![
        (Mistake::TrainingMode, line!() + 2, "Dropout ran in training mode under `no_grad`", || {
            let net = nn::Sequential::new().add(nn::Linear::new(2, 2)).add(nn::Dropout::new(0.5));
            evaluate(&net, |x, labels| assert!(no_grad(|| nn::accuracy(&net.forward(x), labels)) >= 0.0));
        }),
        (Mistake::TrainingMode, line!() + 3, "BatchNorm1d and Dropout ran in training mode", || {
            let net = nn::Sequential::new().add(nn::BatchNorm1d::new(2)).add(nn::Dropout::new(0.5));
            let net = net.add(nn::Linear::new(2, 2));
            evaluate(&net, |x, labels| drop(no_grad(|| nn::functional::cross_entropy(&net.forward(x), labels))));
        }),
        (Mistake::SchedulerFirst, line!() + 4, "the first step of the scheduler", || {
            let (w, mut optimizer) = parameter(0.1);
            let mut scheduler = optim::Scheduler::new(&mut optimizer, optim::StepLR::new(1));
            for _ in 0..3 {
                scheduler.step(&mut optimizer);
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
            }
        }),
    ]
}

#[test]
fn every_mistake_is_noticed_once_at_its_line() {
    for (mistake, line, seen, training_loop) in gradients().into_iter().chain(losses()).chain(modes()) {
        let (_, findings) = lint(training_loop);
        let [finding] = &findings[..] else { panic!("{mistake} in line {line}: found {findings:#?}") };
        assert_eq!((finding.mistake(), finding.line().line()), (mistake, line), "{finding}");
        assert!(finding.line().file().ends_with("tests/framework/lint.rs"), "{finding}");
        assert!(finding.seen().contains(seen), "{finding}");
    }
}

#[test]
fn a_finding_says_where_what_why_and_what_to_write() {
    let (w, mut optimizer) = parameter(0.1);
    let (_, findings) = lint(|| optimizer.step());
    let line = format!("tests/framework/lint.rs:{}:", line!() - 1);
    let text = findings[0].to_string();
    let expected = ": a step without a backward pass
  seen:  none of the 1 parameter(s) of the optimiser has a gradient
  why:   a step moves parameters by their gradients: without new ones it does nothing, or repeats the last step
  write: `loss.backward()` between `optimizer.zero_grad()` and `optimizer.step()`";
    assert!(text.contains(&line) && text.ends_with(expected), "{text}");
    assert_eq!(findings[0].mistake().to_string(), findings[0].mistake().title());
    w.square().sum().backward();
    let (_, findings) = lint(|| optimizer.step());
    assert!(findings.is_empty(), "a gradient from before the scope is a gradient: {findings:#?}");
}

/// A user's operation that reverses the rows and declares its kind, under the names `linear` and `leaf`: the lint
/// must go by the kind and not by the name.
struct ReverseRows<const IS_VIEW: bool>;

impl<const IS_VIEW: bool> Op for ReverseRows<IS_VIEW> {
    type Arity = Fixed<1>;
    const NAME: &'static str = if IS_VIEW { "linear" } else { "leaf" };
    const FORMULA: &'static str = "the rows of x, last to first";
    const DERIVATIVE: &'static str = "the rows of grad, last to first";
    const KIND: OpKind = if IS_VIEW { OpKind::View } else { OpKind::Other };
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<f32>; 1]) -> Array<f32> {
        let (columns, mut rows) = (x.shape()[1], x.to_vec());
        rows.reverse();
        rows.chunks_exact_mut(columns).for_each(<[f32]>::reverse);
        Array::from_vec(rows, x.shape()).unwrap()
    }

    fn backward(&self, grad: Tensor, _: &Saved<f32>) -> [Option<Tensor>; 1] {
        [Some(grad.flip(0))]
    }
}

#[test]
fn an_operation_of_a_user_is_followed_if_it_is_a_view() {
    let train = |reverse: fn(&Tensor) -> Tensor| {
        let softmax = |y: Tensor| reverse(&y.softmax(1));
        lint(|| classify(softmax, |y, labels| nn::CrossEntropyLoss::new().forward(y, labels))).1
    };
    let [finding] = &train(|y| ReverseRows::<true>.apply([y]))[..] else { panic!("one finding") };
    assert_eq!(finding.mistake(), Mistake::SoftmaxBeforeCrossEntropy);
    let findings = train(|y| ReverseRows::<false>.apply([y]));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_line_is_known_behind_a_pointer_and_in_an_optimizers_closure() {
    let (w, optimizer) = parameter(0.1);
    let mut optimizer: Box<dyn Optimizer> = Box::new(optimizer);
    let (_, findings) = lint(|| optimizer.step());
    assert_eq!((findings[0].line().line(), findings[0].line().file()), (line!() - 1, file!()));
    let (_, findings) = lint(|| optim::SGD::new([&w], 0.1).step_with(|| w.square().sum()));
    assert_eq!(findings[0].mistake(), Mistake::StepWithoutBackward);
    assert_eq!((findings[0].line().line(), findings[0].line().file()), (line!() - 2, file!()));
}

#[test]
fn watching_changes_no_bit() {
    let train = || {
        manual_seed(2);
        let net =
            nn::Sequential::new().add(nn::Linear::new(2, 8)).add(nn::BatchNorm1d::new(8)).add(nn::Dropout::new(0.2));
        let net = net.add(nn::Linear::new(8, 2));
        evaluate(&net, |_, _| {});
        net.parameters().iter().flat_map(|parameter| parameter.to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(lint(train).0, train());
}

#[test]
fn a_tensor_that_never_required_a_gradient_is_noticed_in_an_optimiser() {
    let train = |b: &Tensor| {
        let w = Tensor::from([1.0]).requires_grad_(true);
        let mut optimizer = optim::SGD::new([&w, b], 0.1);
        let (_, findings) = lint(|| {
            for _ in 0..3 {
                optimizer.zero_grad();
                (&w * 2 + b).square().sum().backward();
                optimizer.step();
            }
        });
        findings
    };
    let findings = train(&Tensor::from([0.5]));
    assert_eq!(findings.iter().map(|finding| finding.mistake()).collect::<Vec<_>>(), [Mistake::Undeclared]);
    assert!(findings[0].seen().contains("[1]") && findings[0].line().file() == file!(), "{}", findings[0]);
    // Frozen on purpose, as a parameter and as a plain tensor.
    let frozen = nn::Parameter::new(Tensor::from([0.5]));
    frozen.requires_grad_(false);
    assert!(train(&frozen).is_empty() && train(&Tensor::from([0.5]).requires_grad_(false)).is_empty());
}
