//! A parameter group: parameters with their learning rate and options.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;

use downhill_tensor::{Error, Float, LoadError, StateDict, Tensor};

use crate::optimizer::{ParamGroup, checked_lr};
use crate::setting::{OptionValue, Setting};
use crate::state_reader::StateReader;

/// The options of an optimiser besides the learning rate.
pub trait Options: Clone + fmt::Debug + 'static {
    /// The name of the optimiser, with which its errors begin.
    const NAME: &'static str;

    /// The table of options: each with its name, its accessors and its range.
    const SETTINGS: &'static [Setting<Self>];
}

/// Parameters that share a learning rate and options.
#[derive(Clone, Debug)]
pub(crate) struct Group<T: Float, O> {
    pub(crate) parameters: Vec<Tensor<T>>,
    pub(crate) lr: f64,
    /// The learning rate that the first schedule began with, as PyTorch keeps it; `None` without a schedule.
    initial_lr: Option<f64>,
    is_resumed: bool,
    pub(crate) options: O,
}

impl<T: Float, O: Options> Group<T, O> {
    /// A group of parameters. There must be at least one, each a leaf, not a view and given only once.
    #[track_caller]
    pub(crate) fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64, options: O) -> Self {
        let parameters: Vec<Tensor<T>> = parameters.into_iter().map(|parameter| parameter.borrow().clone()).collect();
        if parameters.is_empty() {
            let expected = "at least one parameter".to_owned();
            Error::expected(O::NAME, expected, "an empty list").raise();
        }
        if parameters.iter().any(|parameter| !parameter.is_leaf()) {
            let remedy = "give the optimiser the parameter that it was computed from, or `detach()` it";
            Error::NotALeaf { op: O::NAME, remedy }.raise();
        }
        if let Some(view) = parameters.iter().find(|parameter| parameter.array().is_view()) {
            let expected = "parameters with elements of their own, which a step can write to".to_owned();
            let given = format!("a view of shape {:?}; take a `copy()` of it first", view.shape());
            Error::expected(O::NAME, expected, given).raise();
        }
        check_distinct(O::NAME, &mut HashSet::new(), &parameters);
        Group { parameters, lr: checked_lr(O::NAME, lr), initial_lr: None, is_resumed: false, options }
    }

    /// The learning rate as an option.
    const LR: Setting<Self> =
        Setting::at_least_0("lr", |group| group.lr, |group, lr| (group.lr, group.is_resumed) = (lr, false));

    /// The rate that a schedule began with as an option.
    const INITIAL_LR: Setting<Self> =
        Setting::optional_number("initial_lr", |group| group.initial_lr, |group, lr| group.initial_lr = lr);

    /// Changes the learning rate by hand: a schedule that is made afterwards begins with it.
    #[track_caller]
    pub(crate) fn set_lr(&mut self, lr: f64) {
        (self.lr, self.initial_lr, self.is_resumed) = (checked_lr(O::NAME, lr), None, false);
    }

    /// Writes the options into a state; `first` is the index of the first parameter among those of all groups.
    pub(crate) fn save(&self, index: usize, first: usize, state: &mut StateDict) {
        let prefix = format!("param_groups.{index}");
        Self::LR.save(self, &prefix, state);
        Self::INITIAL_LR.save(self, &prefix, state);
        for setting in O::SETTINGS {
            setting.save(&self.options, &prefix, state);
        }
        state.insert(format!("{prefix}.params"), &self.numbers(first));
    }

    /// Reads the options from a state.
    pub(crate) fn load(&mut self, index: usize, first: usize, reader: &mut StateReader) -> Result<(), LoadError> {
        let prefix = format!("param_groups.{index}");
        Self::LR.load(self, O::NAME, &prefix, reader)?;
        Self::INITIAL_LR.load(self, O::NAME, &prefix, reader)?;
        self.is_resumed = self.initial_lr.is_some();
        for setting in O::SETTINGS {
            setting.load(&mut self.options, O::NAME, &prefix, reader)?;
        }
        let name = format!("{prefix}.params");
        let numbers = self.numbers(first);
        match reader.tensor::<i64>(&name, numbers.shape())? {
            Some(saved) if saved.to_vec() != numbers.to_vec() => {
                let problem = format!("holds {:?}, expected {:?}", saved.to_vec(), numbers.to_vec());
                Err(LoadError::Value { name, problem })
            }
            _ => Ok(()),
        }
    }

    fn numbers(&self, first: usize) -> Tensor<i64> {
        let numbers = (first..first + self.parameters.len()).map(|number| number as i64).collect();
        Tensor::from_vec(numbers, [self.parameters.len()]).expect("one number for each parameter")
    }
}

/// Panics when a parameter is there twice or among those whose addresses are known; then it is known as well.
#[track_caller]
pub(crate) fn check_distinct<T: Float>(op: &'static str, known: &mut HashSet<usize>, parameters: &[Tensor<T>]) {
    known.reserve(parameters.len());
    if let Some(parameter) = parameters.iter().find(|parameter| !known.insert(parameter.address())) {
        let expected = "each parameter once (`parameters()` names a shared tensor once)".to_owned();
        let given = format!("a tensor of shape {:?} twice", parameter.shape());
        Error::expected(op, expected, given).raise();
    }
}

impl<T: Float, O: Options> ParamGroup for Group<T, O> {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    fn num_parameters(&self) -> usize {
        self.parameters.len()
    }

    fn zero_grad(&self) {
        self.parameters.iter().for_each(Tensor::zero_grad);
    }

    fn get(&self, name: &str) -> Option<OptionValue> {
        if name == Self::LR.name {
            return Self::LR.get(self);
        }
        if name == Self::INITIAL_LR.name {
            return Self::INITIAL_LR.get(self);
        }
        O::SETTINGS.iter().find(|setting| setting.name == name)?.get(&self.options)
    }

    fn try_set(&mut self, name: &str, value: OptionValue) -> Result<(), Error> {
        if name == Self::LR.name {
            return Self::LR.set(self, O::NAME, value);
        }
        if name == Self::INITIAL_LR.name {
            return Self::INITIAL_LR.set(self, O::NAME, value);
        }
        match O::SETTINGS.iter().find(|setting| setting.name == name) {
            Some(setting) => setting.set(&mut self.options, O::NAME, value),
            None => {
                let options = O::SETTINGS.iter().map(|setting| setting.name);
                let names: Vec<&str> = [Self::LR.name].into_iter().chain(options).collect();
                let expected = format!("one of the options {}", names.join(", "));
                Err(Error::expected(O::NAME, expected, format!("`{name}`")))
            }
        }
    }
}
