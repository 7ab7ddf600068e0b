//! `MultiStepLR`: lowers the learning rate at given epochs.

use crate::scheduler::{Schedule, ScheduleStep, checked};

/// Multiplies the learning rate by `gamma` at each of the `milestones`; an epoch that is listed twice counts twice.
///
/// ```
/// use downhill_optim::{MultiStepLR, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, MultiStepLR::new([30, 80]).gamma(0.5));
/// ```
#[derive(Clone, Debug)]
pub struct MultiStepLR {
    milestones: Vec<usize>,
    gamma: f64,
}

impl MultiStepLR {
    /// A schedule with `gamma` 0.1.
    pub fn new(milestones: impl Into<Vec<usize>>) -> Self {
        MultiStepLR { milestones: milestones.into(), gamma: 0.1 }
    }

    /// The factor; 0.1 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn gamma(self, gamma: f64) -> Self {
        MultiStepLR { gamma: checked("MultiStepLR", "gamma", gamma, "a number", |gamma| !gamma.is_nan()), ..self }
    }
}

impl Schedule for MultiStepLR {
    fn name(&self) -> &'static str {
        "MultiStepLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        match self.milestones.iter().filter(|&&milestone| milestone == at.epoch).count() {
            0 => at.lr,
            times => at.lr * self.gamma.powf(times as f64),
        }
    }
}
