//! Where a run is in its data, to be saved and loaded: `state_dict` and `load_state_dict` of a loader.

use std::sync::OnceLock;

use downhill_tensor::{LoadError, StateDict};

use super::DataLoader;
use crate::Dataset;

impl<D: Dataset> DataLoader<D> {
    /// A position in the data, and all that decides which batches follow: the seed of the random orders, if it was given or
    /// has been drawn, the number of rows and the options.
    ///
    /// `batch` is the number of batches of the epoch that are done, so that it is the number of the next one.
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

    /// The position in a [`state_dict`](DataLoader::state_dict), for [`iter_from`](DataLoader::iter_from): epoch and batch.
    ///
    /// The loader takes over the seed, or that there is none yet. Its next `for` runs that epoch from its start.
    ///
    /// # Errors
    /// When the state is that of a loader with another number of rows or other options. Nothing is changed then.
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

    /// What decides the batches besides the data and the seed.
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
