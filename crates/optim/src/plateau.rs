//! `ReduceLROnPlateau`: lowers the learning rate when a metric stops improving.

use downhill_tensor::{LoadError, StateDict};

use crate::optimizer::ParamGroups;
use crate::per_group_value::PerGroupValue;
use crate::progress::{MetricMode, Progress, ThresholdMode};
use crate::scheduler::checked;
use crate::state_reader::StateReader;

/// Multiplies the learning rate by `factor` when a metric has not improved for more than `patience` epochs, like
/// `torch.optim.lr_scheduler.ReduceLROnPlateau`.
///
/// ```
/// use downhill_optim::{ParamGroups, ReduceLROnPlateau, SGD};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = ReduceLROnPlateau::new().factor(0.5).patience(1);
/// for loss in [1.0, 0.9, 0.9, 0.9] {
///     scheduler.step_with(&mut optimizer, loss);
/// }
/// assert_eq!(optimizer.lr(), 0.25);
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    progress: Progress,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: PerGroupValue,
    eps: f64,
    epoch: usize,
    bad_epochs: usize,
    cooldown_left: usize,
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        ReduceLROnPlateau {
            progress: Progress::new(1e-4, ThresholdMode::Rel),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0.into(),
            eps: 1e-8,
            epoch: 0,
            bad_epochs: 0,
            cooldown_left: 0,
        }
    }
}

impl ReduceLROnPlateau {
    /// A scheduler with PyTorch's defaults.
    pub fn new() -> Self {
        ReduceLROnPlateau::default()
    }

    /// Whether a smaller or a larger metric is better; smaller by default.
    pub fn mode(mut self, mode: MetricMode) -> Self {
        self.progress.mode = mode;
        self
    }

    /// The factor of the learning rate; 0.1 by default. A negative factor sets the rate to `min_lr` at once.
    ///
    /// # Panics
    /// When it is not below 1.
    #[track_caller]
    pub fn factor(self, factor: f64) -> Self {
        let factor = checked("ReduceLROnPlateau", "factor", factor, "below 1", |&factor| factor < 1.0);
        ReduceLROnPlateau { factor, ..self }
    }

    /// The number of epochs without improvement to tolerate; 10 by default.
    pub fn patience(self, patience: usize) -> Self {
        ReduceLROnPlateau { patience, ..self }
    }

    /// How much better than the best a metric must be to count as an improvement; 1e-4 by default.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.progress.threshold = threshold;
        self
    }

    /// Whether the threshold is relative to the best metric or absolute; relative by default.
    pub fn threshold_mode(mut self, threshold_mode: ThresholdMode) -> Self {
        self.progress.threshold_mode = threshold_mode;
        self
    }

    /// The number of epochs after a change during which bad epochs are not counted; 0 by default.
    pub fn cooldown(self, cooldown: usize) -> Self {
        ReduceLROnPlateau { cooldown, ..self }
    }

    /// The lower bound of the learning rate, one for all groups or one for each; 0 by default.
    ///
    /// # Panics
    /// When one is negative or NaN.
    #[track_caller]
    pub fn min_lr(self, min_lr: impl Into<PerGroupValue>) -> Self {
        let min_lr: PerGroupValue = min_lr.into();
        if let Some(wrong) = min_lr.find(|lr| lr.is_nan() || lr < 0.0) {
            checked("ReduceLROnPlateau", "min_lr", wrong, "at least 0", |_| false);
        }
        ReduceLROnPlateau { min_lr, ..self }
    }

    /// A smaller change of the learning rate than this is not made; 1e-8 by default.
    pub fn eps(self, eps: f64) -> Self {
        ReduceLROnPlateau { eps, ..self }
    }

    /// Records the metric of an epoch and lowers the learning rates if it has stopped improving.
    ///
    /// # Panics
    /// When `min_lr` is a list whose length is not the number of groups.
    #[track_caller]
    pub fn step_with(&mut self, optimizer: &mut dyn ParamGroups, metric: f64) {
        self.epoch += 1;
        self.bad_epochs = if self.progress.note(metric) { 0 } else { self.bad_epochs + 1 };
        if self.cooldown_left > 0 {
            self.cooldown_left -= 1;
            self.bad_epochs = 0;
        }
        if self.bad_epochs <= self.patience {
            return;
        }
        let groups = optimizer.groups_mut();
        self.min_lr.check("ReduceLROnPlateau", "min_lr", groups.len());
        for (i, group) in groups.into_iter().enumerate() {
            let lr = (group.lr() * self.factor).max(self.min_lr.of(i));
            if group.lr() - lr > self.eps {
                group.set("lr", lr);
            }
        }
        self.cooldown_left = self.cooldown;
        self.bad_epochs = 0;
    }

    /// The state to save: everything that the next step depends on besides the options.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_number::<f64>("best", self.progress.best());
        state.insert_number::<i64>("last_epoch", self.epoch as i64);
        state.insert_number::<i64>("num_bad_epochs", self.bad_epochs as i64);
        state.insert_number::<i64>("cooldown_counter", self.cooldown_left as i64);
        state
    }

    /// Restores a saved state.
    ///
    /// # Errors
    /// When names, shapes, types or values do not fit. Nothing is changed then.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let best = reader.number::<f64>("best")?;
        let counts = ["last_epoch", "num_bad_epochs", "cooldown_counter"].map(|name| reader.count(name));
        let [epoch, bad_epochs, cooldown_left] = counts;
        let counts = (best, epoch?, bad_epochs?, cooldown_left?);
        reader.finish()?;
        if let (Some(best), Some(epoch), Some(bad_epochs), Some(cooldown_left)) = counts {
            self.progress.set_best(best);
            (self.epoch, self.bad_epochs, self.cooldown_left) = (epoch, bad_epochs, cooldown_left);
        }
        Ok(())
    }
}
