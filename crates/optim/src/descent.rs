//! Optimisers that update each parameter by its own gradient: all but LBFGS and Newton.
//!
//! They share this code: groups, steps, checks, saving. SGD and Adam differ by their [`UpdateRule`], and with a rule
//! of your own you have your own optimiser.

mod parts;
#[cfg(test)]
mod tests;

use std::borrow::{Borrow, Cow};
use std::collections::HashSet;

use downhill_tensor::{Float, LoadError, StateDict, Tensor, enable_grad, no_grad, observe};

use crate::group::{Group, check_distinct};
use crate::optimizer::{Optimizer, ParamGroup, ParamGroups, stepped};
use crate::setting::OptionValue;
use crate::state_reader::StateReader;
use crate::update_rule::UpdateRule;
use parts::{ParamState, update};

/// An optimiser that updates each parameter by an [`UpdateRule`].
#[derive(Debug)]
pub struct Descent<T: Float, R> {
    groups: Vec<Group<T, R>>,
    /// One for each parameter, in the order of the groups.
    states: Vec<ParamState<T>>,
    /// The addresses of all parameters, once there are several groups.
    known: HashSet<usize>,
}

impl<T: Float, R: UpdateRule<T>> Descent<T, R> {
    /// An optimiser for these parameters with an update rule.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn with_rule(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64, rule: R) -> Self {
        let group = Group::new(parameters, lr, rule);
        let states = group.parameters.iter().map(|p| ParamState::new(p, R::BUFFERS.len())).collect();
        Descent { groups: vec![group], states, known: HashSet::new() }
    }

    /// Adds the parameters of another optimiser of the same kind as a group with its own options.
    ///
    /// An option set by a method afterwards applies to all groups so far.
    ///
    /// ```
    /// use downhill_optim::{ParamGroups, SGD};
    /// use downhill_tensor::Tensor;
    /// let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
    /// let optimizer = SGD::new([&w], 0.1).weight_decay(0.01).add_group(SGD::new([&b], 0.2)).momentum(0.9);
    /// let decay: Vec<_> = optimizer.groups().iter().map(|group| group.get("weight_decay")).collect();
    /// assert_eq!(decay, [Some(0.01.into()), Some(0.0.into())]);
    /// assert_eq!(optimizer.groups()[1].get("momentum"), Some(0.9.into()));
    /// ```
    ///
    /// # Panics
    /// When a parameter is in both.
    #[track_caller]
    pub fn add_group(mut self, other: Self) -> Self {
        if self.known.is_empty() {
            self.known.extend(self.groups.iter().flat_map(|group| &group.parameters).map(Tensor::address));
        }
        for group in &other.groups {
            check_distinct(R::NAME, &mut self.known, &group.parameters);
        }
        self.groups.extend(other.groups);
        self.states.extend(other.states);
        self
    }

    /// Calls a closure that computes the loss and its gradients, and then steps. Returns the loss. The optimiser is
    /// borrowed meanwhile, so the closure clears gradients through the network or the parameters.
    ///
    /// ```
    /// use downhill_optim::{Optimizer, SGD};
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from(1.0).requires_grad_(true);
    /// let mut optimizer = SGD::new([&w], 0.25);
    /// let loss = optimizer.step_with(|| {
    ///     w.zero_grad();
    ///     let loss = w.square();
    ///     loss.backward();
    ///     loss
    /// });
    /// assert_eq!((loss.item(), w.item()), (1.0, 0.5));
    /// ```
    #[track_caller]
    pub fn step_with(&mut self, closure: impl FnOnce() -> Tensor<T>) -> Tensor<T> {
        let loss = enable_grad(closure);
        self.step();
        loss
    }

    /// The weight decay: an L2 penalty added to the gradient, or decoupled from it with [`AdamW`](crate::AdamW). 0 by
    /// default, 0.01 for `AdamW`.
    ///
    /// # Panics
    /// When it is negative or not a number, or your own rule has no such option.
    #[track_caller]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        self.with("weight_decay", weight_decay)
    }

    /// Maximises the objective instead of minimising it.
    ///
    /// # Panics
    /// When your own rule has no such option.
    #[track_caller]
    pub fn maximize(self, maximize: bool) -> Self {
        self.with("maximize", maximize)
    }

    /// Sets an option in all groups.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, value: impl Into<OptionValue>) -> Self {
        let value = value.into();
        for group in self.groups_mut() {
            group.set(name, value);
        }
        self
    }
}

impl<T: Float, R: UpdateRule<T>> Optimizer for Descent<T, R> {
    #[track_caller]
    fn step(&mut self) {
        for group in &self.groups {
            group.options.check();
        }
        observe::note(|| stepped(self.groups.iter().flat_map(|group| &group.parameters), &self.groups[0]));
        no_grad(|| {
            let mut states = self.states.iter_mut();
            for Group { parameters, lr, options, .. } in &self.groups {
                for (parameter, state) in parameters.iter().zip(&mut states) {
                    let Some(grad) = parameter.grad_array() else { continue };
                    let grad = grad.as_slice().map_or_else(|| Cow::Owned(grad.to_vec()), Cow::Borrowed);
                    state.step += 1;
                    parameter.update_(|values| update(options, *lr, state, values, &grad));
                }
            }
        });
    }
}

impl<T: Float, R: UpdateRule<T>> ParamGroups for Descent<T, R> {
    fn zero_grad(&self) {
        self.groups.iter().flat_map(|group| &group.parameters).for_each(Tensor::zero_grad);
    }

    fn groups(&self) -> Vec<&dyn ParamGroup> {
        self.groups.iter().map(|group| group as &dyn ParamGroup).collect()
    }

    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup> {
        self.groups.iter_mut().map(|group| group as &mut dyn ParamGroup).collect()
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        for group in &mut self.groups {
            group.set_lr(lr);
        }
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        let mut first = 0;
        for (index, group) in self.groups.iter().enumerate() {
            group.save(index, first, &mut state);
            first += group.parameters.len();
        }
        let parameters = self.groups.iter().flat_map(|group| &group.parameters);
        for (i, (parameter, own)) in parameters.zip(&self.states).enumerate().filter(|(_, (_, own))| own.step > 0) {
            state.insert_number::<i64>(format!("state.{i}.step"), own.step);
            for (index, name) in R::BUFFERS.iter().enumerate() {
                // A buffer that the options do not need is empty.
                if let Ok(values) = Tensor::from_vec(own.buffer(index), parameter.shape()) {
                    state.insert(format!("state.{i}.{name}"), &values);
                }
            }
        }
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let (mut groups, mut states, mut first) = (self.groups.clone(), Vec::new(), 0);
        for (index, group) in groups.iter_mut().enumerate() {
            group.load(index, first, &mut reader)?;
            first += group.parameters.len();
        }
        // `1` when there is anything of parameter 1, such as `state.1.step`.
        let number_of = |name: &str| Some(name.strip_prefix("state.")?.split_once('.')?.0.to_owned());
        let saved: HashSet<String> = reader.names().filter_map(number_of).collect();
        for (i, parameter) in groups.iter().flat_map(|group| &group.parameters).enumerate() {
            let mut own = ParamState::new(parameter, R::BUFFERS.len());
            let prefix = format!("state.{i}.");
            if saved.contains(&i.to_string()) {
                own.step = reader.count(&format!("{prefix}step"))?.unwrap_or_default() as i64;
            }
            for (index, name) in R::BUFFERS.iter().enumerate() {
                let name = format!("{prefix}{name}");
                if reader.has(&name)
                    && let Some(values) = reader.tensor::<T>(&name, parameter.shape())?
                {
                    own.set_buffer(index, &values.to_vec());
                }
            }
            states.push(own);
        }
        reader.finish()?;
        (self.groups, self.states) = (groups, states);
        Ok(())
    }
}
