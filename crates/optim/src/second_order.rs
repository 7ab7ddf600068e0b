//! Second-order optimisers: LBFGS and Newton use curvature, evaluate the loss themselves and move all parameters as
//! one vector.
//!
//! They share this code: the group, its options, saving. Each adds its own `step_with`.

use std::borrow::Borrow;
use std::fmt;

use downhill_tensor::{Float, LoadError, StateDict, Tensor};

use crate::flat_params::numel;
use crate::group::{Group, Options};
use crate::optimizer::{ParamGroup, ParamGroups};
use crate::setting::OptionValue;
use crate::state_reader::StateReader;

/// An optimiser with the options `O` that takes the loss as a closure: [`LBFGS`](crate::LBFGS) or
/// [`Newton`](crate::Newton). `S` is its state between steps.
#[derive(Debug)]
pub struct SecondOrder<T: Float, O, S = ()> {
    pub(crate) group: Group<T, O>,
    pub(crate) state: S,
}

/// The state of an optimiser between steps.
pub trait MethodState: Default + fmt::Debug {
    /// Writes it into a saved state.
    fn save(&self, state: &mut StateDict);

    /// Reads it from a saved state; `size` is the number of elements of all parameters.
    fn load(reader: &mut StateReader, size: usize) -> Result<Self, LoadError>;
}

/// No state.
impl MethodState for () {
    fn save(&self, _: &mut StateDict) {}

    fn load(_: &mut StateReader, _: usize) -> Result<Self, LoadError> {
        Ok(())
    }
}

impl<T: Float, O: Options, S: MethodState> SecondOrder<T, O, S> {
    #[track_caller]
    pub(crate) fn with_options(
        parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>,
        lr: f64,
        options: O,
    ) -> Self {
        SecondOrder { group: Group::new(parameters, lr, options), state: S::default() }
    }

    /// Sets an option.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, value: impl Into<OptionValue>) -> Self {
        let group: &mut dyn ParamGroup = &mut self.group;
        group.set(name, value);
        self
    }
}

impl<T: Float, O: Options, S: MethodState> ParamGroups for SecondOrder<T, O, S> {
    fn groups(&self) -> Vec<&dyn ParamGroup> {
        vec![&self.group]
    }

    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup> {
        vec![&mut self.group]
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        self.group.set_lr(lr);
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        self.group.save(0, 0, &mut state);
        self.state.save(&mut state);
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let (mut reader, mut group) = (StateReader::new(state), self.group.clone());
        group.load(0, 0, &mut reader)?;
        let state = S::load(&mut reader, numel(&group.parameters))?;
        reader.finish()?;
        (self.group, self.state) = (group, state);
        Ok(())
    }
}
