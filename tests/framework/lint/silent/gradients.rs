//! Gradients that are accumulated, cut or left out on purpose.

use downhill::prelude::*;

use super::Row;
use crate::lint::{data, parameter};

pub(super) fn rows() -> Vec<Row> {
    vec![
        ("adding up batches on purpose", || {
            let (w, mut optimizer) = parameter(0.1);
            for batch in 1..=12 {
                (w.square().sum() / 4).backward();
                if batch % 4 == 0 {
                    optimizer.step();
                    optimizer.zero_grad();
                }
            }
        }),
        ("a window of batches that does not end", || {
            let (w, mut optimizer) = parameter(0.1);
            for batch in 1..=12 {
                (w.square().sum() / 8).backward();
                if batch % 8 == 0 {
                    optimizer.step();
                    optimizer.zero_grad();
                }
            }
        }),
        ("a generator and a critic", || {
            let (generator, critic) = (nn::Linear::new(2, 2), nn::Linear::new(2, 1));
            let mut generator_optimizer = optim::Adam::new(generator.parameters(), 0.01);
            let mut critic_optimizer = optim::Adam::new(critic.parameters(), 0.01);
            let criterion = nn::BCEWithLogitsLoss::new();
            let (real, yes, no) = (data().0, Tensor::ones([8, 1]), Tensor::zeros([8, 1]));
            for _ in 0..5 {
                critic_optimizer.zero_grad();
                let fake = generator.forward(&Tensor::randn([8, 2]));
                criterion.forward(&critic.forward(&real), &yes).backward();
                criterion.forward(&critic.forward(&fake.detach()), &no).backward();
                critic_optimizer.step();

                generator_optimizer.zero_grad();
                criterion.forward(&critic.forward(&fake), &yes).backward();
                generator_optimizer.step();
            }
        }),
        ("closures of LBFGS", || {
            for search in [false, true] {
                let (w, _) = parameter(0.1);
                let mut optimizer = optim::LBFGS::new([&w], 0.5).max_iter(5).strong_wolfe(search);
                for _ in 0..5 {
                    optimizer.step_with(|| {
                        w.zero_grad();
                        let loss = (w.square() * Tensor::from([1.0, 10.0])).sum();
                        loss.backward();
                        loss
                    });
                }
            }
        }),
        ("Newton's method, and a schedule for it", || {
            let (w, _) = parameter(0.1);
            let mut optimizer = optim::Newton::new([&w], 0.5);
            let mut scheduler = optim::Scheduler::new(&mut optimizer, optim::StepLR::new(1));
            for _ in 0..3 {
                optimizer.step_with(|| w.square().sum()).unwrap();
                scheduler.step(&mut optimizer);
            }
        }),
        ("a closure for the step", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..3 {
                optimizer.step_with(|| {
                    w.zero_grad();
                    let loss = w.square().sum();
                    loss.backward();
                    loss
                });
            }
        }),
        ("two passes over one graph", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                let y = w.square().sum();
                Backward::of(&y).retain_graph().run();
                Backward::of(&y).run();
                optimizer.step();
            }
        }),
        ("two passes and no step", || {
            let y = parameter(0.1).0.square().sum();
            Backward::of(&y).retain_graph().run();
            Backward::of(&y).run();
        }),
        ("clipping", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..5 {
                optimizer.zero_grad();
                w.square().sum().backward();
                optim::clip_grad_norm_([&w], 0.5);
                optim::clip_grad_value_([&w], 0.1);
                optimizer.step();
            }
        }),
        ("gradients as values, handed to an optimiser", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..5 {
                let [dw] = grad(&w.square().sum(), [&w]);
                w.set_grad(dw);
                optimizer.step();
            }
        }),
        ("gradients as values, and an update by hand", || {
            let (w, _) = parameter(0.1);
            for _ in 0..5 {
                let [dw] = grad(&w.square().sum(), [&w]);
                no_grad(|| w.sub_(&(0.1 * dw.unwrap())));
            }
        }),
        ("updates by hand, cleared before or after", || {
            let (w, b) = (parameter(0.1).0, Tensor::from(0.0).requires_grad_(true));
            for _ in 0..5 {
                (w.square().sum() + b.exp()).backward();
                for parameter in [&w, &b] {
                    no_grad(|| parameter.sub_(&(0.1 * parameter.grad().unwrap())));
                    parameter.set_grad(None);
                }
            }
        }),
        ("gradients that are looked at", || {
            let (w, _) = parameter(0.1);
            let mut norms = Vec::new();
            for _ in 0..5 {
                w.zero_grad();
                w.square().sum().backward();
                norms.push(w.grad().unwrap().norm().item());
            }
            assert_eq!(norms.len(), 5);
        }),
        ("an image that is changed to deceive a network", || {
            let net = nn::Linear::new(2, 2);
            let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
            let (x, labels, _) = data();
            x.requires_grad_(true);
            for _ in 0..3 {
                optimizer.zero_grad();
                x.zero_grad();
                nn::functional::cross_entropy(&net.forward(&x), &labels).backward();
                let _deceiving = x.detach() + 0.1 * x.grad().unwrap().sign();
                optimizer.step();
            }
        }),
        ("a penalty on the gradient", || {
            let (w, mut optimizer) = parameter(0.01);
            for _ in 0..5 {
                optimizer.zero_grad();
                let loss = w.square().sum();
                let [dw] = Backward::of(&loss).create_graph().grads([&w]);
                (loss + dw.unwrap().square().sum()).backward();
                optimizer.step();
            }
        }),
        ("examples that are made worse before the step", || {
            let (net, (x, labels, _)) = (nn::Linear::new(2, 2), data());
            let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
            for _ in 0..3 {
                let worse = x.copy().requires_grad_(true);
                for _ in 0..4 {
                    worse.zero_grad();
                    nn::functional::cross_entropy(&net.forward(&worse), &labels).backward();
                    no_grad(|| worse.add_(&(0.1 * worse.grad().unwrap().sign())));
                }
                optimizer.zero_grad();
                nn::functional::cross_entropy(&net.forward(&worse.detach()), &labels).backward();
                optimizer.step();
            }
        }),
        ("two optimisers for one pass", || {
            let (w, b) = (parameter(0.1).0, Tensor::from(1.0).requires_grad_(true));
            let mut first = optim::SGD::new([&w], 0.1);
            let mut second = optim::Adam::new([&b], 0.1);
            for _ in 0..4 {
                (w.square().sum() * b.exp()).backward();
                first.step();
                second.step();
                first.zero_grad();
                second.zero_grad();
            }
        }),
        ("a frozen layer", || {
            let (x, labels, _) = data();
            let (frozen, last) = (nn::Linear::new(2, 2), nn::Linear::new(2, 2));
            frozen.parameters().iter().for_each(|parameter| drop(parameter.requires_grad_(false)));
            let mut optimizer = optim::SGD::new(last.parameters(), 0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                nn::functional::cross_entropy(&last.forward(&frozen.forward(&x)), &labels).backward();
                optimizer.step();
            }
        }),
        ("a tape of every step", || {
            let (w, mut optimizer) = parameter(0.1);
            for _ in 0..3 {
                optimizer.zero_grad();
                let (loss, tape) = Tape::record(|| w.square().sum());
                assert_eq!(tape.backward_steps(&loss).len(), 3);
                loss.backward();
                optimizer.step();
            }
        }),
    ]
}
