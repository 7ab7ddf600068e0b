//! A run that is interrupted and resumed from a checkpoint continues bit for bit as if it had not stopped.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use downhill::prelude::*;
use downhill_save::{Checkpoint, Error};

const EPOCHS: usize = 4;
const ROWS: usize = 50;
const BATCH_SIZE: usize = 8;
/// The last batch of an epoch is smaller.
const BATCHES: usize = ROWS.div_ceil(BATCH_SIZE);

/// Noise from the default generator while training, as dropout has, and a counter that is not trained.
#[derive(Module)]
struct Net {
    fc1: nn::Linear,
    fc2: nn::Linear,
    seen: nn::Buffer<i64>,
    training: nn::Training,
}

impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        let h = self.fc1.forward(x).tanh();
        let h = if self.training.is_on() { &h + 0.1 * h.randn_like() } else { h };
        self.seen.fill_(self.seen.item() + 1);
        self.fc2.forward(&h)
    }
}

/// A run with all of its state.
struct Run {
    net: Net,
    optimizer: optim::SGD,
    scheduler: optim::Scheduler,
    loader: data::DataLoader<data::TensorDataset>,
    position: (usize, usize),
}

impl Run {
    /// A new run; the seed decides the first weights, the noise and, as the loader has no seed, the order of the
    /// rows.
    fn new(seed: u64) -> Run {
        let x = Tensor::linspace(-1, 1, 2 * ROWS).reshape([ROWS as isize, 2]);
        let y = (3 * &x).sin().sum_keepdim(1);
        manual_seed(seed);
        let (fc1, fc2) = (nn::Linear::new(2, 16), nn::Linear::new(16, 1));
        let net = Net { fc1, fc2, seen: nn::Buffer::new(Tensor::from(0)), training: nn::Training::new() };
        let mut optimizer = optim::SGD::new(net.parameters(), 0.05).momentum(0.9);
        let scheduler = optim::Scheduler::new(&mut optimizer, optim::StepLR::new(2).gamma(0.5));
        let loader = data::DataLoader::new(data::TensorDataset::new(x, y).unwrap(), BATCH_SIZE).shuffle(true);
        Run { net, optimizer, scheduler, loader, position: (0, 0) }
    }

    fn save(&self, path: &Path) -> Result<(), Error> {
        let (epoch, batch) = self.position;
        Checkpoint::new()
            .with_state("model", &self.net.state_dict())
            .with_state("optimizer", &self.optimizer.state_dict())
            .with_state("scheduler", &self.scheduler.state_dict())
            .with_state("loader", &self.loader.state_dict(epoch, batch))
            .with_generator()
            .save(path)
    }

    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let Run { net, optimizer, scheduler, loader, position } = self;
        checkpoint
            .restore()
            .state("model", net.state_dict(), |state| net.load_state_dict(state))
            .state("optimizer", optimizer.state_dict(), |state| optimizer.load_state_dict(state))
            .state("scheduler", scheduler.state_dict(), |state| scheduler.load_state_dict(state))
            .state("loader", loader.state_dict(0, 0), |state| {
                *position = loader.load_state_dict(state)?;
                Ok(())
            })
            .generator()
            .finish()
    }

    /// Trains up to a position, or to the end, and returns the losses on the way.
    fn train(&mut self, stop: Option<(usize, usize)>) -> Vec<f64> {
        let criterion = nn::MSELoss::new();
        let mut losses = Vec::new();
        let (epoch, mut batch) = self.position;
        for epoch in epoch..EPOCHS {
            for (inputs, targets) in self.loader.iter_from(epoch, batch) {
                self.position = (epoch, batch);
                if stop == Some(self.position) {
                    return losses;
                }
                self.optimizer.zero_grad();
                let loss = criterion.forward(&self.net.forward(&inputs), &targets);
                loss.backward();
                self.optimizer.step();
                losses.push(loss.item());
                batch += 1;
            }
            self.position = (epoch, BATCHES);
            if stop == Some(self.position) {
                return losses;
            }
            self.scheduler.step(&mut self.optimizer);
            batch = 0;
        }
        losses
    }

    /// The full state of a run, exactly: the shortest text of a float is read back as that float.
    fn outcome(&self) -> String {
        let named = self.net.named_parameters();
        let numbers: Vec<_> = named.iter().map(|(name, parameter)| (name, parameter.to_vec())).collect();
        format!("{numbers:?} after {} batches at {}", self.net.seen.item(), self.optimizer.lr())
    }
}

fn path(test: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("downhill-resume-{test}-{}.safetensors", process::id()));
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn a_resumed_run_continues_bit_for_bit() {
    let path = path("bits");
    let mut whole = Run::new(0);
    let losses = whole.train(None);
    assert_eq!(losses.len(), EPOCHS * BATCHES);
    let sum = |losses: &[f64]| losses.iter().sum::<f64>();
    assert!(sum(&losses[losses.len() - BATCHES..]) < 0.7 * sum(&losses[..BATCHES]), "it learns: {losses:?}");

    let rows: [&[(usize, usize)]; 8] = [
        &[(0, 0)],                               // before the first batch: the loader has no seed yet
        &[(0, 1)],                               // the first velocity
        &[(1, 3)],                               // in an epoch
        &[(1, BATCHES - 1)],                     // before the smaller batch
        &[(1, BATCHES)],                         // at the end of an epoch, before the scheduler
        &[(2, 0)],                               // after it, with another learning rate
        &[(3, BATCHES)],                         // nothing is left
        &[(0, 2), (0, 3), (1, BATCHES), (3, 4)], // several times
    ];
    for stops in rows {
        let mut run = Run::new(0);
        let mut together = Vec::new();
        for (i, &stop) in stops.iter().enumerate() {
            together.extend(run.train(Some(stop)));
            run.save(&path).unwrap();
            // Another process would start with other weights, other noise and another order.
            run = Run::new(100 + i as u64);
            run.resume(&Checkpoint::load(&path).unwrap()).unwrap();
            assert_eq!(run.position, stop);
        }
        together.extend(run.train(None));
        assert_eq!(together, losses, "interrupted at {stops:?}");
        assert_eq!(run.outcome(), whole.outcome(), "interrupted at {stops:?}");
    }
    fs::remove_file(&path).unwrap();
}

/// Checks that the comparison can fail: leaving out any part of the state changes the result.
#[test]
fn each_part_of_a_checkpoint_is_needed() {
    let path = path("parts");
    let mut whole = Run::new(0);
    whole.train(None);
    let mut run = Run::new(0);
    run.train(Some((1, 3)));
    run.save(&path).unwrap();
    let saved = Checkpoint::load(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for left_out in ["model", "optimizer", "scheduler", "loader", "generator"] {
        let mut run = Run::new(1);
        let position = (1, 3);
        let fresh = [
            ("model", run.net.state_dict()),
            ("optimizer", run.optimizer.state_dict()),
            ("scheduler", run.scheduler.state_dict()),
            ("loader", data::DataLoader::new(run.loader.dataset(), BATCH_SIZE).shuffle(true).state_dict(1, 3)),
        ];
        let mut checkpoint = saved.clone();
        for (name, state) in fresh.iter().filter(|(name, _)| *name == left_out) {
            checkpoint = checkpoint.with_state(name, state);
        }
        if left_out == "generator" {
            manual_seed(1);
            checkpoint = checkpoint.with_generator();
        }
        run.resume(&checkpoint).unwrap();
        assert_eq!(run.position, position);
        run.train(None);
        assert_ne!(run.outcome(), whole.outcome(), "without the state of the {left_out}");
    }
}

#[test]
fn a_checkpoint_of_another_run_changes_nothing() {
    let path = path("other");
    let mut run = Run::new(0);
    run.train(Some((0, 3)));
    run.save(&path).unwrap();
    let checkpoint = Checkpoint::load(&path).unwrap();
    fs::remove_file(&path).unwrap();

    let mut other = Run::new(1);
    other.loader = data::DataLoader::new(other.loader.dataset().clone(), 5).shuffle(true);
    let before = other.outcome();
    let states = [other.optimizer.state_dict(), other.scheduler.state_dict()].map(|state| format!("{state:?}"));
    let next = {
        manual_seed(7);
        Tensor::randn([3]).to_vec()
    };
    manual_seed(7);
    let error = other.resume(&checkpoint).unwrap_err().to_string();
    let at = path.display();
    assert_eq!(error, format!("{at}: the state `loader` does not fit: `batch_size`: is 8, but this loader has 5"));
    assert_eq!((other.outcome(), other.position), (before, (0, 0)));
    assert_eq!(
        [other.optimizer.state_dict(), other.scheduler.state_dict()].map(|state| format!("{state:?}")),
        states
    );
    assert_eq!(Tensor::randn([3]).to_vec(), next);
}
