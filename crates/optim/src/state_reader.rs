//! Reads a saved state and reports missing and unexpected names together.

use std::collections::HashSet;

use downhill_tensor::{Element, LoadError, StateDict, Tensor};

/// A saved state, and which of its names have been read or were missing.
pub struct StateReader<'a> {
    state: &'a StateDict,
    read: HashSet<String>,
    missing: Vec<String>,
}

impl<'a> StateReader<'a> {
    pub(crate) fn new(state: &'a StateDict) -> Self {
        StateReader { state, read: HashSet::new(), missing: Vec::new() }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.state.get(name).is_some()
    }

    /// The names in the state, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.state.iter().map(|(name, _)| name)
    }

    /// A number; `None` if it is missing, which [`StateReader::finish`] reports.
    pub(crate) fn number<T: Element>(&mut self, name: &str) -> Result<Option<T::Scalar>, LoadError> {
        Ok(self.tensor::<T>(name, &[])?.map(|number| number.item()))
    }

    /// A whole number of at least 0.
    pub(crate) fn count(&mut self, name: &str) -> Result<Option<usize>, LoadError> {
        let negative = |count: i64| {
            let problem = format!("is {count}, expected at least 0");
            LoadError::Value { name: name.to_owned(), problem }
        };
        self.number::<i64>(name)?.map(|count| usize::try_from(count).map_err(|_| negative(count))).transpose()
    }

    /// A tensor of this shape.
    pub(crate) fn tensor<T: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Option<Tensor<T>>, LoadError> {
        match self.tensor_of_any_shape(name)? {
            Some(tensor) if tensor.shape() != shape => {
                let (given, expected) = (tensor.shape().to_vec(), shape.to_vec());
                Err(LoadError::Shape { name: name.to_owned(), given, expected })
            }
            tensor => Ok(tensor),
        }
    }

    /// A tensor of any shape.
    pub(crate) fn tensor_of_any_shape<T: Element>(&mut self, name: &str) -> Result<Option<Tensor<T>>, LoadError> {
        if !self.has(name) {
            self.missing.push(name.to_owned());
            return Ok(None);
        }
        self.read.insert(name.to_owned());
        self.state.tensor(name).map(Some)
    }

    /// An error if a name was missing or has not been read.
    pub(crate) fn finish(self) -> Result<(), LoadError> {
        let unread = self.names().filter(|name| !self.read.contains(*name));
        let unexpected: Vec<String> = unread.map(str::to_owned).collect();
        if self.missing.is_empty() && unexpected.is_empty() {
            return Ok(());
        }
        Err(LoadError::Names { missing: self.missing, unexpected })
    }
}
