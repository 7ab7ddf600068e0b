//! Optimisers that update each parameter by its own gradient: all but LBFGS and Newton.
//!
//! What they share is written here once: groups, steps, checks, saving. What makes SGD or Adam is a [`Rule`], and a rule of
//! your own is an optimiser as well.

mod parts;
#[cfg(test)]
mod tests;

use std::borrow::{Borrow, Cow};

use downhill_tensor::{Float, LoadError, StateDict, Tensor, enable_grad, no_grad, observe};

use crate::group::{Group, check_new};
use crate::optimizer::{Optimizer, ParamGroup, checked_lr, stepped};
use crate::reader::Reader;
use crate::rule::Rule;
use parts::{Memory, update};

/// An optimiser that updates each parameter by a rule.
#[derive(Debug)]
pub struct Descent<T: Float, R> {
    groups: Vec<Group<T, R>>,
    /// One for each parameter, in the order of the groups.
    memories: Vec<Memory<T>>,
}

impl<T: Float, R: Rule<T>> Descent<T, R> {
    /// An optimiser of these parameters by a rule.
    ///
    /// # Panics
    /// When the learning rate is negative or not a number, or a parameter is given twice, is a view or not a leaf, or there is
    /// none.
    #[track_caller]
    pub fn with_rule(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64, rule: R) -> Self {
        let group = Group::new(parameters, lr, rule);
        Descent { memories: group.parameters.iter().map(Memory::new).collect(), groups: vec![group] }
    }

    /// Joins another optimiser of the same kind, whose parameters become a group with their own options.
    ///
    /// An option that is set afterwards applies to all groups that are there.
    ///
    /// ```
    /// use downhill_optim::{Optimizer, SGD};
    /// use downhill_tensor::Tensor;
    /// let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
    /// let optimizer = SGD::new([&w], 0.1).weight_decay(0.01).add_group(SGD::new([&b], 0.2)).momentum(0.9);
    /// let decay: Vec<_> = optimizer.groups().iter().map(|group| group.get("weight_decay")).collect();
    /// assert_eq!(decay, [Some(0.01), Some(0.0)]);
    /// assert_eq!(optimizer.groups()[1].get("momentum"), Some(0.9));
    /// ```
    ///
    /// # Panics
    /// When a parameter is in both.
    #[track_caller]
    pub fn add_group(mut self, other: Self) -> Self {
        for parameter in other.groups.iter().flat_map(|group| &group.parameters) {
            for group in &self.groups {
                check_new(R::NAME, &group.parameters, parameter);
            }
        }
        self.groups.extend(other.groups);
        self.memories.extend(other.memories);
        self
    }

    /// Evaluates a closure that computes the loss and its gradients, and steps. Returns the loss.
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

    /// How strongly parameters are pulled to 0: an L2 penalty, or with [`AdamW`](crate::AdamW) a decay of its own. 0 by
    /// default, 0.01 for `AdamW`.
    ///
    /// # Panics
    /// When it is negative or not a number, or a rule of your own has no such option.
    #[track_caller]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        self.with("weight_decay", weight_decay)
    }

    /// Climbs instead of descending.
    ///
    /// # Panics
    /// When a rule of your own has no such option.
    #[track_caller]
    pub fn maximize(self, maximize: bool) -> Self {
        self.with("maximize", f64::from(u8::from(maximize)))
    }

    /// Sets an option of all groups.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, value: f64) -> Self {
        for group in self.groups_mut() {
            group.set(name, value);
        }
        self
    }

    /// Each group with the number of its first parameter.
    fn numbered(groups: &mut [Group<T, R>]) -> impl Iterator<Item = (usize, usize, &mut Group<T, R>)> {
        groups.iter_mut().enumerate().scan(0, |next, (index, group)| {
            let first = *next;
            *next += group.parameters.len();
            Some((index, first, group))
        })
    }
}

impl<T: Float, R: Rule<T>> Optimizer for Descent<T, R> {
    #[track_caller]
    fn step(&mut self) {
        for group in &self.groups {
            group.options.check();
        }
        observe::note(|| stepped(self.groups.iter().flat_map(|group| &group.parameters), &self.groups[0]));
        no_grad(|| {
            let mut memories = self.memories.iter_mut();
            for Group { parameters, lr, options } in &self.groups {
                for (parameter, memory) in parameters.iter().zip(&mut memories) {
                    let Some(grad) = parameter.grad_array() else { continue };
                    let grad = grad.as_slice().map_or_else(|| Cow::Owned(grad.to_vec()), Cow::Borrowed);
                    memory.step += 1;
                    parameter.update_(|values| update(options, *lr, memory, values, &grad));
                }
            }
        });
    }

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
        let lr = checked_lr(R::NAME, lr);
        self.groups.iter_mut().for_each(|group| group.lr = lr);
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        for (index, first, group) in Self::numbered(&mut self.groups.clone()) {
            group.save(index, first, &mut state);
        }
        let parameters = self.groups.iter().flat_map(|group| &group.parameters);
        for (i, (parameter, memory)) in parameters.zip(&self.memories).enumerate().filter(|(_, (_, m))| m.step > 0) {
            state.insert_number::<i64>(format!("state.{i}.step"), memory.step);
            for (index, name) in R::BUFFERS.iter().enumerate() {
                // A buffer that the options do not need is empty.
                if let Ok(values) = Tensor::from_vec(memory.buffer(index), parameter.shape()) {
                    state.insert(format!("state.{i}.{name}"), &values);
                }
            }
        }
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = Reader::new(state);
        let (mut groups, mut memories) = (self.groups.clone(), Vec::new());
        for (index, first, group) in Self::numbered(&mut groups) {
            group.load(index, first, &mut reader)?;
        }
        for (i, parameter) in groups.iter().flat_map(|group| &group.parameters).enumerate() {
            let mut memory = Memory::new(parameter);
            let prefix = format!("state.{i}.");
            if reader.names().any(|name| name.starts_with(&prefix)) {
                memory.step = reader.number::<i64>(&format!("{prefix}step"))?.unwrap_or_default();
            }
            for (index, name) in R::BUFFERS.iter().enumerate() {
                let name = format!("{prefix}{name}");
                if reader.has(&name)
                    && let Some(values) = reader.tensor::<T>(&name, parameter.shape())?
                {
                    memory.set_buffer(index, &values.to_vec());
                }
            }
            memories.push(memory);
        }
        reader.finish()?;
        (self.groups, self.memories) = (groups, memories);
        Ok(())
    }
}
