//! Correct loops that resemble mistakes: the lint must report nothing.

mod gradients;

use downhill::prelude::*;

use super::{classify, data, evaluate, parameter, regress};

/// What the loop does, and the loop.
type Row = (&'static str, fn());

fn losses() -> Vec<Row> {
    vec![
        ("probabilities that are only read", || {
            let (x, labels, _) = data();
            let net = nn::Linear::new(2, 2);
            let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                let logits = net.forward(&x);
                assert!(logits.softmax(1).amax(1).mean().item() >= 0.5);
                nn::functional::cross_entropy(&logits, &labels).backward();
                optimizer.step();
            }
        }),
        ("log_softmax before the loss that wants it", || {
            classify(|y| y.log_softmax(1), |y, labels| nn::functional::nll_loss(y, labels));
        }),
        ("the softmax of a teacher as target", || {
            let teacher = no_grad(|| nn::Linear::new(2, 2).forward(&data().0).softmax(1));
            classify(|y| y, |y, _| nn::functional::cross_entropy(y, &teacher));
        }),
        ("attention before the last layer", || {
            let last = nn::Linear::new(2, 2);
            last.parameters().iter().for_each(|parameter| drop(parameter.requires_grad_(false)));
            classify(|y| last.forward(&(y.softmax(1) * &y)), |y, labels| nn::functional::cross_entropy(y, labels));
        }),
        ("outputs and targets of one shape", || {
            regress(|y, targets| (y - targets.unsqueeze(1)).square().mean());
            regress(|y, targets| (y.squeeze_dim(1) - targets).square().mean());
            regress(|y, targets| nn::functional::mse_loss(&y.flatten(), targets));
        }),
        ("every output with every other on purpose", || {
            regress(|y, targets| {
                let near = (-(y.reshape([8, 1]) - targets).square()).exp().mean();
                let y = y.flatten();
                let order = (targets.unsqueeze(1) - targets).sign();
                let pairs = y.unsqueeze(1) - &y;
                let kernel = (-(targets.unsqueeze(1) - targets).square()).exp();
                (pairs * (order + kernel) * (2 * targets.unsqueeze(1) - targets)).sigmoid().mean() - near
            });
        }),
        ("one row", || {
            let net = nn::Linear::new(2, 1);
            let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                (net.forward(&Tensor::ones([1, 2])) - Tensor::from([3.0])).square().mean().backward();
                optimizer.step();
            }
        }),
        ("single examples, whose losses jump", || {
            for seed in 0..5 {
                manual_seed(seed);
                let net = nn::Linear::new(2, 1);
                let mut optimizer = optim::SGD::new(net.parameters(), 0.05);
                for _ in 0..500 {
                    let x = Tensor::randn([1, 2]);
                    let y = 3 * x.sum_keepdim(1) + Tensor::randn([1, 1]);
                    optimizer.zero_grad();
                    nn::functional::mse_loss(&net.forward(&x), &y).backward();
                    optimizer.step();
                }
            }
        }),
        ("a climb, by an optimiser and by hand", || {
            let (w, optimizer) = parameter(0.5);
            let mut optimizer = optimizer.maximize(true);
            for _ in 0..12 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
            }
            let (w, _) = parameter(0.5);
            for _ in 0..12 {
                w.zero_grad();
                w.square().sum().backward();
                no_grad(|| w.add_(&(0.5 * w.grad().unwrap())));
            }
        }),
        ("a loss that rises a little before it falls", || {
            let (w, mut optimizer) = parameter(0.1);
            for step in 0..30 {
                optimizer.zero_grad();
                let level = if step < 15 { f64::from(step) } else { 0.0 };
                (w.square().sum() + 1.0 + level).backward();
                optimizer.step();
            }
        }),
    ]
}

fn modes() -> Vec<Row> {
    vec![
        ("evaluation in evaluation mode", || {
            let net = nn::Sequential::new().add(nn::BatchNorm1d::new(2)).add(nn::Dropout::new(0.5));
            let net = net.add(nn::Linear::new(2, 2));
            evaluate(&net, |x, labels| {
                net.eval();
                no_grad(|| nn::accuracy(&net.forward(x), labels));
                net.train();
            });
        }),
        ("layers that are the same in evaluation", || {
            let net = nn::Sequential::new().add(nn::Linear::new(2, 2)).add(nn::Dropout::new(0.0));
            let net = net.add(nn::BatchNorm1d::new(2).track_running_stats(false));
            evaluate(&net, |x, labels| assert!(no_grad(|| nn::accuracy(&net.forward(x), labels)) >= 0.0));
        }),
        ("a generator without gradients, whose images train a critic", || {
            let generator = nn::Sequential::new().add(nn::Linear::new(2, 2)).add(nn::BatchNorm1d::new(2));
            let critic = nn::Linear::new(2, 1);
            let mut optimizer = optim::SGD::new(critic.parameters(), 0.01);
            for _ in 0..3 {
                optimizer.zero_grad();
                let fake = no_grad(|| generator.forward(&Tensor::randn([8, 2])).tanh());
                assert!(no_grad(|| fake.abs().mean().item()) <= 1.0);
                critic.forward(&fake).mean().backward();
                optimizer.step();
            }
        }),
        ("running averages that are renewed", || {
            let net = nn::Sequential::new().add(nn::BatchNorm1d::new(2)).add(nn::Linear::new(2, 2));
            evaluate(&net, |x, _| drop(no_grad(|| net.forward(x))));
        }),
        ("schedules after the step, of an epoch and of a batch", || {
            let (w, mut optimizer) = parameter(0.1);
            let mut warm_up = optim::Scheduler::new(&mut optimizer, optim::LinearLR::new());
            let mut plateau = optim::ReduceLROnPlateau::new();
            plateau.step_with(&mut optimizer, 1.0);
            for _ in 0..5 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optimizer.step();
                warm_up.step(&mut optimizer);
            }
        }),
    ]
}

#[test]
fn correct_loops_are_silent() {
    for (name, training_loop) in gradients::rows().into_iter().chain(losses()).chain(modes()) {
        let (_, findings) = lint(training_loop);
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
}
