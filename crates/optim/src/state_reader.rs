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

    /// A whole number of at least 0, and so far from the largest that a run can go on counting.
    pub(crate) fn count(&mut self, name: &str) -> Result<Option<usize>, LoadError> {
        const MOST: i64 = 1 << 62;
        let valid = |count: i64| match count {
            0..=MOST => Ok(count as usize),
            _ => {
                let expected = if count < 0 { "at least 0".to_owned() } else { format!("at most {MOST}") };
                Err(LoadError::Value { name: name.to_owned(), problem: format!("is {count}, expected {expected}") })
            }
        };
        self.number::<i64>(name)?.map(valid).transpose()
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
