//! `StepLR`: lowers the learning rate every `step_size` epochs.

use crate::scheduler::{Schedule, ScheduleStep, checked};

/// Multiplies the learning rate by `gamma` every `step_size` epochs.
///
/// ```
/// use downhill_optim::{SGD, Scheduler, StepLR};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, StepLR::new(30));
/// ```
#[derive(Clone, Debug)]
pub struct StepLR {
    step_size: usize,
    gamma: f64,
}

impl StepLR {
    /// A schedule with `gamma` 0.1.
    ///
    /// # Panics
    /// When `step_size` is 0.
    #[track_caller]
    pub fn new(step_size: usize) -> Self {
        StepLR { step_size: checked("StepLR", "step_size", step_size, "at least 1", |&size| size > 0), gamma: 0.1 }
    }

    /// The factor; 0.1 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn gamma(self, gamma: f64) -> Self {
        StepLR { gamma: checked("StepLR", "gamma", gamma, "a number", |gamma| !gamma.is_nan()), ..self }
    }
}

impl Schedule for StepLR {
    fn name(&self) -> &'static str {
        "StepLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        if at.epoch == 0 || !at.epoch.is_multiple_of(self.step_size) { at.lr } else { at.lr * self.gamma }
    }
}
