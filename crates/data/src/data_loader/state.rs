//! Saving and loading a loader's position in the data: `state_dict` and `load_state_dict`.

use std::sync::OnceLock;

use downhill_tensor::{LoadError, StateDict};

use super::DataLoader;
use crate::Dataset;

impl<D: Dataset> DataLoader<D> {
    /// The position in the data and everything that determines the following batches: the seed (if it was given or
    /// has been drawn), the number of rows and the options.
    ///
    /// `batch` is the number of completed batches of the epoch, which is also the index of the next one.
    ///
    /// ```
    /// use downhill_data::{DataLoader, synthetic::LinearRegression};
    /// let dataset = LinearRegression::default().seed(1).dataset();
    /// let loader = DataLoader::new(&dataset, 10).shuffle(true).seed(7);
    /// let state = loader.state_dict(3, 98);
    ///
    /// let mut resumed = DataLoader::new(&dataset, 10).shuffle(true);
    /// let (epoch, batch) = resumed.load_state_dict(&state)?;
    /// let (x, _) = resumed.iter_from(epoch, batch).next().unwrap();
    /// assert_eq!(x.to_vec(), loader.iter_from(3, 98).next().unwrap().0.to_vec());
    /// # Ok::<(), downhill_tensor::LoadError>(())
    /// ```
    pub fn state_dict(&self, epoch: usize, batch: usize) -> StateDict {
        let mut state = StateDict::new();
        for (name, number) in self.settings() {
            state.insert_number::<i64>(name, number);
        }
        if let Some(seed) = self.seed.get() {
            state.insert_number::<i64>("seed", seed.cast_signed());
        }
        state.insert_number::<i64>("epoch", epoch as i64);
        state.insert_number::<i64>("batch", batch as i64);
        state
    }

    /// Loads a [`state_dict`](DataLoader::state_dict) and returns its position, epoch and batch, for
    /// [`iter_from`](DataLoader::iter_from).
    ///
    /// The loader also takes over the seed, or the absence of one. Its next `for` runs that epoch from the start.
    ///
    /// # Errors
    /// When the state comes from a loader with another number of rows or other options. The loader is then unchanged.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(usize, usize), LoadError> {
        for (name, own) in self.settings() {
            let given = state.number::<i64>(name)?;
            if given != own {
                let problem = format!("is {given}, but this loader has {own}");
                return Err(LoadError::Value { name: name.to_owned(), problem });
            }
        }
        let position = |name: &str, limit: usize| {
            let given = state.number::<i64>(name)?;
            let problem = format!("is {given}, expected a number from 0 to {limit}");
            let wrong = LoadError::Value { name: name.to_owned(), problem };
            usize::try_from(given).ok().filter(|&number| number <= limit).ok_or(wrong)
        };
        let (epoch, batch) = (position("epoch", i64::MAX as usize - 1)?, position("batch", self.len())?);
        let seed = match state.get("seed") {
            Some(_) => OnceLock::from(state.number::<i64>("seed")?.cast_unsigned()),
            None => OnceLock::new(),
        };
        self.seed = seed;
        self.set_epoch(epoch);
        Ok((epoch, batch))
    }

    /// The options that determine the batches, besides the data and the seed.
    fn settings(&self) -> [(&'static str, i64); 5] {
        [
            ("rows", self.dataset.len() as i64),
            ("batch_size", self.batch_size as i64),
            ("shuffle", i64::from(self.shuffle)),
            ("replacement", i64::from(self.replacement)),
            ("drop_last", i64::from(self.drop_last)),
        ]
    }
}
