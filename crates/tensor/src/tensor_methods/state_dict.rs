//! Named tensors in order: the state of a model, an optimiser or a scheduler, to be saved and loaded.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Kind};
use crate::base::one_line::one_line;

/// A map from names such as `conv1.weight` to tensors, in insertion order.
///
/// Plain numbers, such as a learning rate, are 0-d tensors, so that one file format serves all.
///
/// ```
/// use downhill_tensor::{StateDict, Tensor};
/// let mut state = StateDict::new();
/// state.insert("fc.weight", &Tensor::ones([2, 3]));
/// assert_eq!(state.get("fc.weight").unwrap().shape(), [2, 3]);
/// assert_eq!(state.tensor::<f32>("fc.weight").unwrap().numel(), 6);
/// assert_eq!(state.tensor::<f64>("fc.weight").unwrap_err().to_string(), "`fc.weight` holds f32, not f64");
/// ```
#[derive(Clone, Default)]
pub struct StateDict {
    entries: Vec<(Arc<str>, AnyTensor)>,
    /// The index of each name in `entries`.
    places: HashMap<Arc<str>, usize>,
}

impl fmt::Debug for StateDict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Why a state cannot be loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum LoadError {
    /// Names that are missing, and names that are not expected.
    #[error("the names differ; missing: {}; unexpected: {}", listed(missing), listed(unexpected))]
    Names { missing: Vec<String>, unexpected: Vec<String> },

    /// A tensor of the wrong shape.
    #[error("`{}` has shape {given:?}, expected {expected:?}", one_line(name))]
    Shape { name: String, given: Vec<usize>, expected: Vec<usize> },

    /// A tensor of the wrong element type.
    #[error("`{}` holds {given}, not {expected}", one_line(name))]
    Kind { name: String, given: Kind, expected: Kind },

    /// Any other problem, found by the owner of the state.
    #[error("`{}`: {problem}", one_line(name))]
    Value { name: String, problem: String },
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| one_line(name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl StateDict {
    /// An empty state.
    pub fn new() -> Self {
        StateDict::default()
    }

    /// Inserts a snapshot of a tensor under a name, replacing a tensor of that name.
    pub fn insert<T: Element>(&mut self, name: impl Into<String>, tensor: &Tensor<T>) {
        self.insert_any(name, &AnyTensor::from(tensor));
    }

    /// Inserts a snapshot of a tensor of any type under a name.
    pub fn insert_any(&mut self, name: impl Into<String>, tensor: &AnyTensor) {
        self.put(&name.into(), tensor.detach());
    }

    fn put(&mut self, name: &str, tensor: AnyTensor) {
        match self.places.get(name) {
            Some(&place) => self.entries[place].1 = tensor,
            None => {
                let name: Arc<str> = name.into();
                self.places.insert(Arc::clone(&name), self.entries.len());
                self.entries.push((name, tensor));
            }
        }
    }

    /// Inserts all tensors of another state as `prefix.NAME`.
    pub fn insert_all(&mut self, prefix: &str, state: &StateDict) {
        for (name, tensor) in state.iter() {
            self.insert_any(format!("{prefix}.{name}"), tensor);
        }
    }

    /// The tensors whose names begin with `prefix.`, without the prefix.
    pub fn under(&self, prefix: &str) -> StateDict {
        let mut inner = StateDict::new();
        for (name, tensor) in self.iter() {
            if let Some(rest) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')) {
                inner.put(rest, tensor.clone());
            }
        }
        inner
    }

    /// The tensors grouped by the first part of their names, each group as [`StateDict::under`] returns it; tensors
    /// without a prefix are left out.
    ///
    /// ```
    /// use downhill_tensor::{StateDict, Tensor};
    /// let mut state = StateDict::new();
    /// for name in ["model.fc.weight", "model.fc.bias", "optimizer.lr", "note"] {
    ///     state.insert(name, &Tensor::zeros([]));
    /// }
    /// let parts = state.by_prefix();
    /// assert_eq!((parts.len(), parts["model"].len()), (2, 2));
    /// assert!(parts["model"].get("fc.weight").is_some());
    /// ```
    pub fn by_prefix(&self) -> HashMap<String, StateDict> {
        let mut parts: HashMap<String, StateDict> = HashMap::new();
        for (name, tensor) in self.iter() {
            let Some((prefix, rest)) = name.split_once('.') else { continue };
            match parts.get_mut(prefix) {
                Some(part) => part.put(rest, tensor.clone()),
                None => parts.entry(prefix.to_owned()).or_default().put(rest, tensor.clone()),
            }
        }
        parts
    }

    /// The tensor of any type with this name.
    pub fn get(&self, name: &str) -> Option<&AnyTensor> {
        self.places.get(name).map(|&place| &self.entries[place].1)
    }

    /// The tensor of this type with this name.
    ///
    /// # Errors
    /// When there is none, or it has a different element type.
    pub fn tensor<T: Element>(&self, name: &str) -> Result<Tensor<T>, LoadError> {
        let missing = || LoadError::Names { missing: vec![name.to_owned()], unexpected: Vec::new() };
        let any = self.get(name).ok_or_else(missing)?;
        let wrong = || LoadError::Kind { name: name.to_owned(), given: any.kind(), expected: T::KIND };
        any.get().cloned().ok_or_else(wrong)
    }

    /// The plain number with this name.
    ///
    /// # Errors
    /// When there is none, it has a different element type, or it is not 0-d.
    pub fn number<T: Element>(&self, name: &str) -> Result<T::Scalar, LoadError> {
        let tensor = self.tensor::<T>(name)?;
        if tensor.ndim() == 0 {
            return Ok(tensor.item());
        }
        Err(LoadError::Shape { name: name.to_owned(), given: tensor.shape().to_vec(), expected: Vec::new() })
    }

    /// Inserts a plain number under a name.
    pub fn insert_number<T: Element>(&mut self, name: impl Into<String>, number: T::Scalar) {
        self.insert(name, &Tensor::filled("insert_number", [], T::from_scalar(number)));
    }

    /// The names and tensors in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AnyTensor)> {
        self.entries.iter().map(|(name, tensor)| (&**name, tensor))
    }

    /// The number of tensors.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
