//! A data set with a function applied to its batches, for example to normalise or augment them.

use crate::Dataset;

/// What [`Dataset::map`] returns.
#[derive(Clone, Debug)]
pub struct Map<D, F> {
    dataset: D,
    function: F,
}

impl<D, F> Map<D, F> {
    pub(crate) fn new(dataset: D, function: F) -> Self {
        Map { dataset, function }
    }
}

impl<D: Dataset, B: Send, F: Fn(D::Batch) -> B + Send + Sync> Dataset for Map<D, F> {
    type Batch = B;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn batch(&self, indices: &[usize]) -> B {
        (self.function)(self.dataset.batch(indices))
    }
}
