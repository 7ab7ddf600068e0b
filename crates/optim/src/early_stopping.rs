//! `EarlyStopping`: stops training when a metric has not improved for a while.

use downhill_tensor::{LoadError, StateDict};

use crate::progress::{MetricMode, Progress, ThresholdMode};
use crate::scheduler::checked;
use crate::state_reader::StateReader;

/// Detects when a metric has not improved for `patience` epochs in a row.
///
/// ```
/// use downhill_optim::EarlyStopping;
/// let mut early_stopping = EarlyStopping::new(2);
/// let losses = [1.0, 0.5, 0.5, 0.5, 0.5];
/// let stop = losses.iter().position(|&loss| early_stopping.step(loss));
/// assert_eq!((stop, early_stopping.best()), (Some(3), 0.5));
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    progress: Progress,
    patience: usize,
    bad_epochs: usize,
}

impl EarlyStopping {
    /// Stops after `patience` epochs in a row without improvement.
    ///
    /// # Panics
    /// When `patience` is 0.
    #[track_caller]
    pub fn new(patience: usize) -> Self {
        let patience = checked("EarlyStopping", "patience", patience, "at least 1", |&patience| patience > 0);
        EarlyStopping { progress: Progress::new(0.0, ThresholdMode::Abs), patience, bad_epochs: 0 }
    }

    /// How much better than the best a metric must be to count as an improvement; 0 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.progress.threshold =
            checked("EarlyStopping", "min_delta", min_delta, "at least 0", |&delta| delta >= 0.0);
        self
    }

    /// Whether a smaller or a larger metric is better; smaller by default.
    pub fn mode(mut self, mode: MetricMode) -> Self {
        self.progress.mode = mode;
        self
    }

    /// Records the metric of an epoch and returns whether to stop. NaN is no improvement.
    pub fn step(&mut self, metric: f64) -> bool {
        self.bad_epochs = if self.progress.note(metric) { 0 } else { self.bad_epochs + 1 };
        self.bad_epochs >= self.patience
    }

    /// Whether the last metric was the best so far: the moment to keep a copy of the weights.
    pub fn improved(&self) -> bool {
        self.bad_epochs == 0
    }

    /// The best metric so far; before the first, infinity or minus infinity, whichever is worse.
    pub fn best(&self) -> f64 {
        self.progress.best()
    }

    /// The state to save: everything that the next step depends on besides the options.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_number::<f64>("best", self.best());
        state.insert_number::<i64>("num_bad_epochs", self.bad_epochs as i64);
        state
    }

    /// Restores a saved state.
    ///
    /// # Errors
    /// When names, shapes, types or values do not fit. Nothing is changed then.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let (best, bad_epochs) = (reader.number::<f64>("best")?, reader.count("num_bad_epochs")?);
        reader.finish()?;
        if let (Some(best), Some(bad_epochs)) = (best, bad_epochs) {
            self.progress.set_best(best);
            self.bad_epochs = bad_epochs;
        }
        Ok(())
    }
}
