//! Saves and loads the parameters and buffers of a network: `state_dict` and `load_state_dict`.

use std::collections::HashSet;

use downhill_tensor::{AnyTensor, LoadError, StateDict, no_grad};

use crate::module::{Module, Visitor};

/// The names that only a state or only a network has, which
/// [`load_state_dict_partly`](Module::load_state_dict_partly) ignores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncompatibleKeys {
    /// Names of the network that are missing in the state: these tensors keep their values.
    pub missing: Vec<String>,
    /// Names of the state that the network does not have.
    pub unexpected: Vec<String>,
}

/// Collects parameters and buffers under their full names, a shared tensor under each of its names.
#[derive(Default)]
struct State {
    path: Vec<String>,
    found: Vec<(String, AnyTensor)>,
}

impl State {
    fn of(module: &(impl Module + ?Sized)) -> Vec<(String, AnyTensor)> {
        let mut state = State::default();
        module.visit(&mut state);
        state.found
    }

    fn push(&mut self, name: &str, tensor: AnyTensor) {
        let path: String = self.path.iter().map(|part| format!("{part}.")).collect();
        self.found.push((path + name, tensor));
    }
}

impl Visitor for State {
    fn parameter(&mut self, name: &str, parameter: AnyTensor) {
        self.push(name, parameter);
    }

    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        self.push(name, buffer);
    }

    fn enter(&mut self, name: &str, _: &'static str, _: &dyn Fn() -> String) {
        self.path.push(name.to_owned());
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}

pub(crate) fn state_dict(module: &(impl Module + ?Sized)) -> StateDict {
    let mut state = StateDict::new();
    for (name, tensor) in State::of(module) {
        state.insert_any(name, &tensor);
    }
    state
}

pub(crate) fn load(module: &(impl Module + ?Sized), state: &StateDict) -> Result<(), LoadError> {
    let own = State::of(module);
    let IncompatibleKeys { missing, unexpected } = incompatible(&own, state);
    if !missing.is_empty() || !unexpected.is_empty() {
        return Err(LoadError::Names { missing, unexpected });
    }
    write(&own, state)
}

pub(crate) fn load_partly(module: &(impl Module + ?Sized), state: &StateDict) -> Result<IncompatibleKeys, LoadError> {
    let own = State::of(module);
    write(&own, state)?;
    Ok(incompatible(&own, state))
}

fn incompatible(own: &[(String, AnyTensor)], state: &StateDict) -> IncompatibleKeys {
    let names = || own.iter().map(|(name, _)| name.as_str());
    let known: HashSet<&str> = names().collect();
    let missing = names().filter(|name| state.get(name).is_none()).map(str::to_owned).collect();
    let unexpected = state.iter().map(|(name, _)| name).filter(|name| !known.contains(name));
    let unexpected = unexpected.map(str::to_owned).collect();
    IncompatibleKeys { missing, unexpected }
}

/// Writes the tensors whose names are in both, after checking all shapes and types.
fn write(own: &[(String, AnyTensor)], state: &StateDict) -> Result<(), LoadError> {
    let pairs = || own.iter().filter_map(|(name, tensor)| Some((name, tensor, state.get(name)?)));
    for (name, tensor, source) in pairs() {
        if source.kind() != tensor.kind() {
            return Err(LoadError::Kind { name: name.clone(), given: source.kind(), expected: tensor.kind() });
        }
        if source.shape() != tensor.shape() {
            let (given, expected) = (source.shape().to_vec(), tensor.shape().to_vec());
            return Err(LoadError::Shape { name: name.clone(), given, expected });
        }
    }
    no_grad(|| pairs().for_each(|(_, tensor, source)| tensor.copy_(source)));
    Ok(())
}
