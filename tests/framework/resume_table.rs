//! Every optimiser under every schedule, with dropout and loader threads: interrupted at random, resumed from a file
//! by a run with another start, and equal to the uninterrupted run bit for bit.

use std::path::Path;
use std::{env, fs, process};

use downhill::prelude::*;
use downhill::rand::{Rng, SeedableRng};
use downhill::tensor::Generator;
use downhill_save::Checkpoint;

const EPOCHS: usize = 3;
const ROWS: usize = 30;
const BATCH_SIZE: usize = 8;
/// The last batch of an epoch is smaller.
const BATCHES: usize = ROWS.div_ceil(BATCH_SIZE);

#[derive(Module)]
struct Net {
    fc1: nn::Linear,
    dropout: nn::Dropout,
    fc2: nn::Linear,
}

impl Net {
    fn new() -> Net {
        Net { fc1: nn::Linear::new(2, 4), dropout: nn::Dropout::new(0.3), fc2: nn::Linear::new(4, 1) }
    }

    fn loss(&self, x: &Tensor, y: &Tensor) -> Tensor {
        (self.fc2.forward(&self.dropout.forward(&self.fc1.forward(x).tanh())) - y).square().mean()
    }
}

/// Optimisers that step along given gradients, and those that evaluate the loss themselves.
enum AnyOptimizer {
    First(Box<dyn Optimizer>),
    Lbfgs(optim::LBFGS),
    Newton(optim::Newton),
}

impl AnyOptimizer {
    fn groups(&mut self) -> &mut dyn ParamGroups {
        match self {
            AnyOptimizer::First(optimizer) => optimizer,
            AnyOptimizer::Lbfgs(optimizer) => optimizer,
            AnyOptimizer::Newton(optimizer) => optimizer,
        }
    }

    fn step(&mut self, net: &Net, x: &Tensor, y: &Tensor) -> f64 {
        match self {
            AnyOptimizer::First(optimizer) => {
                optimizer.zero_grad();
                let loss = net.loss(x, y);
                loss.backward();
                optimizer.step();
                loss.item()
            }
            AnyOptimizer::Lbfgs(optimizer) => {
                let first = optimizer.step_with(|| {
                    net.parameters().iter().for_each(Tensor::zero_grad);
                    let loss = net.loss(x, y);
                    loss.backward();
                    loss
                });
                first.item()
            }
            // Where it refuses to step, it does so in both runs.
            AnyOptimizer::Newton(optimizer) => {
                optimizer.step_with(|| net.loss(x, y)).map_or(f64::INFINITY, |loss| loss.item())
            }
        }
    }
}

type MakeOptimizer = fn(&Net) -> AnyOptimizer;
type MakeSchedule = fn(&mut dyn ParamGroups) -> optim::Scheduler;

const OPTIMIZERS: [(&str, MakeOptimizer); 11] = [
    ("SGD", |net| first(optim::SGD::new(net.parameters(), 0.1))),
    ("SGD with Nesterov", |net| first(optim::SGD::new(net.parameters(), 0.1).momentum(0.9).nesterov(true))),
    ("SGD in groups", |net| {
        let head = optim::SGD::new(net.fc2.parameters(), 0.2).momentum(0.5);
        first(optim::SGD::new(net.fc1.parameters(), 0.1).momentum(0.9).dampening(0.1).add_group(head))
    }),
    ("Adam", |net| first(optim::Adam::new(net.parameters(), 0.05).weight_decay(0.01))),
    ("Adam with amsgrad", |net| first(optim::Adam::new(net.parameters(), 0.05).amsgrad(true))),
    ("AdamW", |net| first(optim::AdamW::new(net.parameters(), 0.05))),
    ("RMSprop", |net| first(optim::RMSprop::new(net.parameters(), 0.01).momentum(0.5))),
    ("RMSprop centered", |net| first(optim::RMSprop::new(net.parameters(), 0.01).centered(true))),
    ("Adagrad", |net| first(optim::Adagrad::new(net.parameters(), 0.1).lr_decay(0.1))),
    ("LBFGS", |net| AnyOptimizer::Lbfgs(optim::LBFGS::new(net.parameters(), 0.3).max_iter(3).history_size(5))),
    ("Newton", |net| AnyOptimizer::Newton(optim::Newton::new(net.parameters(), 0.5).damping(3.0))),
];

const SCHEDULES: [(&str, MakeSchedule); 6] = [
    ("StepLR", |groups| optim::Scheduler::new(groups, optim::StepLR::new(2).gamma(0.5))),
    ("ExponentialLR", |groups| optim::Scheduler::new(groups, optim::ExponentialLR::new(0.9))),
    ("MultiStepLR", |groups| optim::Scheduler::new(groups, optim::MultiStepLR::new([1, 3, 8]))),
    ("CosineAnnealingLR", |groups| optim::Scheduler::new(groups, optim::CosineAnnealingLR::new(EPOCHS * BATCHES))),
    ("LinearLR", |groups| optim::Scheduler::new(groups, optim::LinearLR::new())),
    ("LambdaLR", |groups| optim::Scheduler::new(groups, optim::LambdaLR::new(|step| 1.0 / (1.0 + step as f64)))),
];

fn first(optimizer: impl Optimizer + 'static) -> AnyOptimizer {
    AnyOptimizer::First(Box::new(optimizer))
}

/// A run with all of its state. Its schedule steps with every batch.
struct Run {
    net: Net,
    optimizer: AnyOptimizer,
    scheduler: optim::Scheduler,
    loader: data::DataLoader<data::TensorDataset>,
    position: (usize, usize),
}

impl Run {
    fn new(seed: u64, optimizer: MakeOptimizer, schedule: MakeSchedule, workers: usize) -> Run {
        let x = Tensor::linspace(-1, 1, 2 * ROWS).reshape([ROWS as isize, 2]);
        let y = (3 * &x).sin().sum_keepdim(1);
        manual_seed(seed);
        let net = Net::new();
        let mut optimizer = optimizer(&net);
        let scheduler = schedule(optimizer.groups());
        let loader = data::DataLoader::new(data::TensorDataset::new(x, y).unwrap(), BATCH_SIZE).shuffle(true);
        Run { net, optimizer, scheduler, loader: loader.workers(workers), position: (0, 0) }
    }

    fn save(&mut self, path: &Path) {
        let (epoch, batch) = self.position;
        let checkpoint = Checkpoint::new()
            .with_state("model", &self.net.state_dict())
            .with_state("optimizer", &self.optimizer.groups().state_dict())
            .with_state("scheduler", &self.scheduler.state_dict())
            .with_state("loader", &self.loader.state_dict(epoch, batch));
        checkpoint.with_generator().save(path).unwrap();
    }

    fn resume(&mut self, path: &Path) {
        let Run { net, optimizer, scheduler, loader, position } = self;
        let before = optimizer.groups().state_dict();
        Checkpoint::load(path)
            .unwrap()
            .restore()
            .state("model", net.state_dict(), |state| net.load_state_dict(state))
            .state("optimizer", before, |state| optimizer.groups().load_state_dict(state))
            .state("scheduler", scheduler.state_dict(), |state| scheduler.load_state_dict(state))
            .state("loader", loader.state_dict(0, 0), |state| {
                *position = loader.load_state_dict(state)?;
                Ok(())
            })
            .generator()
            .finish()
            .unwrap();
    }

    /// Trains up to a step counted over all epochs, or to the end, and returns the bits of the losses on the way.
    fn train(&mut self, stop: usize) -> Vec<u64> {
        let mut losses = Vec::new();
        let (epoch, mut batch) = self.position;
        for epoch in epoch..EPOCHS {
            for (inputs, targets) in self.loader.iter_from(epoch, batch) {
                self.position = (epoch, batch);
                if epoch * BATCHES + batch == stop {
                    return losses;
                }
                losses.push(self.optimizer.step(&self.net, &inputs, &targets).to_bits());
                self.scheduler.step(self.optimizer.groups());
                batch += 1;
            }
            self.position = (epoch, BATCHES);
            batch = 0;
        }
        losses
    }

    fn weights(&self) -> Vec<u32> {
        self.net.parameters().iter().flat_map(Tensor::to_vec).map(f32::to_bits).collect()
    }
}

#[test]
fn every_optimiser_and_schedule_goes_on_with_the_same_bits() {
    let path = env::temp_dir().join(format!("downhill-resume-table-{}.safetensors", process::id()));
    let mut random = Generator::seed_from_u64(7);
    for (i, (name, optimizer)) in OPTIMIZERS.into_iter().enumerate() {
        for (j, (schedule_name, schedule)) in SCHEDULES.into_iter().enumerate() {
            let workers = (i + j) % 3;
            let mut whole = Run::new(0, optimizer, schedule, workers);
            let losses = whole.train(usize::MAX);
            assert_eq!(losses.len(), EPOCHS * BATCHES);
            assert!(losses.iter().all(|bits| !f64::from_bits(*bits).is_nan()), "{name} with {schedule_name}: NaN");

            let mut stops: Vec<usize> =
                (0..3).map(|_| (random.next_u64() % (EPOCHS * BATCHES) as u64) as usize).collect();
            stops.sort_unstable();
            stops.dedup();
            let case = format!("{name} with {schedule_name} and {workers} workers, interrupted at {stops:?}");
            let (mut run, mut together) = (Run::new(0, optimizer, schedule, workers), Vec::new());
            for &stop in &stops {
                together.extend(run.train(stop));
                run.save(&path);
                // Another process would start with other weights, other noise and another order.
                run = Run::new(100 + stop as u64, optimizer, schedule, workers);
                run.resume(&path);
            }
            together.extend(run.train(usize::MAX));
            assert_eq!(together, losses, "{case}");
            assert_eq!(run.weights(), whole.weights(), "{case}");
        }
    }
    fs::remove_file(&path).unwrap();
}
