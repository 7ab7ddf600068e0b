//! A small training run: everything that has a state, and what it does next with the state that it was given.

use downhill_data as data;
use downhill_nn as nn;
use downhill_optim as optim;
use downhill_tensor::prelude::*;
use downhill_tensor::{LoadError, StateDict};
use nn::{Layer, Module};
use optim::{Optimizer, ParamGroups};

use crate::refusal::unless_refused;

/// Something that gives its state and takes another's.
pub trait Stateful {
    /// Its state.
    fn state(&self) -> StateDict;
    /// Takes a state over, or refuses it and stays as it was.
    fn load(&mut self, state: &StateDict) -> Result<(), LoadError>;
    /// Does what it is there for, with whatever numbers it has.
    fn go_on(&mut self);
}

/// A small network with parameters, running means and a table of words.
pub struct Net {
    layers: nn::Sequential,
    words: nn::Embedding,
}

impl Net {
    /// The same numbers whenever it is made.
    pub fn new() -> Self {
        manual_seed(1);
        let layers = nn::Sequential::new();
        let layers = layers.add(nn::Linear::new(2, 3)).add(nn::BatchNorm1d::new(3)).add(nn::Linear::new(3, 1));
        Net { layers, words: nn::Embedding::new(4, 2) }
    }

    fn loss(&self) -> Tensor {
        self.layers.forward(&self.words.forward(&Tensor::from([0, 3, 2, 3]))).square().mean()
    }

    fn parameters(&self) -> Vec<Tensor> {
        [self.layers.parameters(), self.words.parameters()].concat()
    }
}

impl Default for Net {
    fn default() -> Self {
        Net::new()
    }
}

impl Stateful for Net {
    fn state(&self) -> StateDict {
        let mut state = self.words.state_dict();
        state.insert_all("layers", &self.layers.state_dict());
        state
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        // The table is loaded where it has its own name; a state that does not fit the layers must not change it.
        let mut words = StateDict::new();
        let names = state.iter().filter(|(name, _)| !name.starts_with("layers."));
        names.for_each(|(name, tensor)| words.insert_any(name, tensor));
        let before = self.words.state_dict();
        self.words.load_state_dict(&words)?;
        self.layers.load_state_dict(&state.under("layers")).inspect_err(|_| {
            self.words.load_state_dict(&before).expect("its own state fits");
        })
    }

    fn go_on(&mut self) {
        self.loss().backward();
    }
}

/// An optimiser with the network that it changes.
pub struct Optimised<O> {
    net: Net,
    optimizer: O,
}

impl<O: Optimizer> Optimised<O> {
    /// After one step, so that there is something to remember.
    pub fn new(optimizer: impl FnOnce(Vec<Tensor>) -> O) -> Self {
        let net = Net::new();
        let optimizer = optimizer(net.parameters());
        let mut optimised = Optimised { net, optimizer };
        optimised.go_on();
        optimised
    }
}

impl<O: Optimizer> Stateful for Optimised<O> {
    fn state(&self) -> StateDict {
        self.optimizer.state_dict()
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.optimizer.load_state_dict(state)
    }

    fn go_on(&mut self) {
        self.optimizer.zero_grad();
        self.net.loss().backward();
        self.optimizer.step();
    }
}

/// An optimiser that calls the loss itself.
pub struct Called<O> {
    net: Net,
    optimizer: O,
    step: fn(&mut O, &Net),
}

impl Called<optim::LBFGS> {
    /// L-BFGS with a line search, after one step.
    pub fn lbfgs() -> Self {
        let net = Net::new();
        let optimizer = optim::LBFGS::new(net.parameters(), 0.1).max_iter(3).strong_wolfe(true);
        let step = |optimizer: &mut optim::LBFGS, net: &Net| {
            optimizer.step_with(|| {
                net.parameters().iter().for_each(Tensor::zero_grad);
                let loss = net.loss();
                loss.backward();
                loss
            });
        };
        let mut called = Called { net, optimizer, step };
        called.go_on();
        called
    }
}

impl Called<optim::Newton> {
    /// Newton's method.
    pub fn newton() -> Self {
        let net = Net::new();
        let optimizer = optim::Newton::new(net.parameters(), 0.1).damping(0.1);
        let step = |optimizer: &mut optim::Newton, net: &Net| drop(optimizer.step_with(|| net.loss()));
        Called { net, optimizer, step }
    }
}

impl<O: ParamGroups> Stateful for Called<O> {
    fn state(&self) -> StateDict {
        self.optimizer.state_dict()
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.optimizer.load_state_dict(state)
    }

    fn go_on(&mut self) {
        (self.step)(&mut self.optimizer, &self.net);
    }
}

/// A schedule with an optimiser of two groups.
pub struct Scheduled {
    optimizer: optim::SGD,
    scheduler: optim::Scheduler,
}

impl Scheduled {
    /// After one step.
    pub fn new(schedule: impl optim::Schedule + Send + 'static) -> Self {
        let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
        let sgd = |parameter: &Tensor, lr| optim::SGD::new([parameter], lr).momentum(0.9);
        let mut optimizer = sgd(&w, 0.1).add_group(sgd(&b, 0.01));
        let scheduler = optim::Scheduler::new(&mut optimizer, schedule);
        let mut scheduled = Scheduled { optimizer, scheduler };
        scheduled.go_on();
        scheduled
    }
}

impl Stateful for Scheduled {
    fn state(&self) -> StateDict {
        self.scheduler.state_dict()
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.scheduler.load_state_dict(state)
    }

    fn go_on(&mut self) {
        self.scheduler.step(&mut self.optimizer);
        assert!(self.optimizer.lr() >= 0.0, "a learning rate of {}", self.optimizer.lr());
    }
}

/// A schedule that watches a loss.
pub struct Plateau {
    optimizer: optim::SGD,
    plateau: optim::ReduceLROnPlateau,
}

impl Plateau {
    /// After one loss.
    pub fn new() -> Self {
        let optimizer = optim::SGD::new(Net::new().parameters(), 0.1);
        let mut plateau = Plateau { optimizer, plateau: optim::ReduceLROnPlateau::new().patience(1).cooldown(1) };
        plateau.go_on();
        plateau
    }
}

impl Default for Plateau {
    fn default() -> Self {
        Plateau::new()
    }
}

impl Stateful for Plateau {
    fn state(&self) -> StateDict {
        self.plateau.state_dict()
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.plateau.load_state_dict(state)
    }

    fn go_on(&mut self) {
        self.plateau.step_with(&mut self.optimizer, 1.0);
    }
}

impl Stateful for optim::EarlyStopping {
    fn state(&self) -> StateDict {
        self.state_dict()
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.load_state_dict(state)
    }

    fn go_on(&mut self) {
        self.step(1.0);
    }
}

/// A loader and the position in its data.
pub struct Loader {
    loader: data::DataLoader<data::TensorDataset>,
    position: (usize, usize),
}

impl Loader {
    /// In the middle of its data.
    pub fn new() -> Self {
        let (x, y) = (Tensor::linspace(0, 1, 14).reshape([7, 2]), Tensor::zeros([7, 1]));
        let dataset = data::TensorDataset::new(x, y).expect("one target for each row");
        Loader { loader: data::DataLoader::new(dataset, 3).shuffle(true).seed(5), position: (2, 1) }
    }
}

impl Default for Loader {
    fn default() -> Self {
        Loader::new()
    }
}

impl Stateful for Loader {
    fn state(&self) -> StateDict {
        self.loader.state_dict(self.position.0, self.position.1)
    }

    fn load(&mut self, state: &StateDict) -> Result<(), LoadError> {
        self.position = self.loader.load_state_dict(state)?;
        Ok(())
    }

    fn go_on(&mut self) {
        for (inputs, targets) in self.loader.iter_from(self.position.0, self.position.1) {
            assert_eq!(inputs.shape()[0], targets.shape()[0]);
        }
    }
}

/// Everything that has a state, by a number.
pub fn made(kind: u8) -> Box<dyn Stateful> {
    match kind % 18 {
        0 => Box::new(Net::new()),
        1 => Box::new(Optimised::new(|p| optim::SGD::new(p, 0.1).momentum(0.9).nesterov(true))),
        2 => Box::new(Optimised::new(|p| optim::Adam::new(p, 0.1).amsgrad(true).weight_decay(0.1))),
        3 => Box::new(Optimised::new(|p| optim::AdamW::new(p, 0.1))),
        4 => Box::new(Optimised::new(|p| optim::RMSprop::new(p, 0.1).centered(true).momentum(0.5))),
        5 => Box::new(Optimised::new(|p| optim::Adagrad::new(p, 0.1).lr_decay(0.1))),
        6 => Box::new(Called::lbfgs()),
        7 => Box::new(Called::newton()),
        8 => Box::new(Scheduled::new(optim::StepLR::new(2))),
        9 => Box::new(Scheduled::new(optim::MultiStepLR::new([2, 4]))),
        10 => Box::new(Scheduled::new(optim::ExponentialLR::new(0.5))),
        11 => Box::new(Scheduled::new(optim::CosineAnnealingLR::new(10))),
        12 => Box::new(Scheduled::new(optim::LinearLR::new())),
        13 => Box::new(Scheduled::new(optim::OneCycleLR::new(0.5, 10))),
        14 => Box::new(Scheduled::new(optim::LambdaLR::new(|epoch| 0.9_f64.powf(epoch as f64)))),
        15 => Box::new(Plateau::new()),
        16 => Box::new(optim::EarlyStopping::new(2)),
        _ => Box::new(Loader::new()),
    }
}

/// Gives a state to something that has one: it takes all of it, goes on with it, or is as it was.
pub fn check_load(own: &mut dyn Stateful, given: &StateDict) {
    let before = crate::bits(&own.state());
    match own.load(given) {
        Err(error) => {
            crate::check_message(&error);
            assert_eq!(crate::bits(&own.state()), before, "a state that was refused has changed something");
        }
        Ok(()) => {
            // What counts for nothing, such as buffers before the first step, is not kept; the rest is given and taken
            // again.
            let taken = own.state();
            own.load(&taken).expect("a state that it gave itself");
            assert_eq!(crate::bits(&own.state()), crate::bits(&taken), "a state was taken, and another one is there");
            unless_refused(|| own.go_on());
        }
    }
}
