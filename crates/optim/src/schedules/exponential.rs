//! `ExponentialLR`: the learning rate decays by the same factor every epoch.

use crate::scheduler::{Schedule, ScheduleStep, checked};

/// Multiplies the learning rate by `gamma` every epoch.
///
/// ```
/// use downhill_optim::{ExponentialLR, ParamGroups, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, ExponentialLR::new(0.9));
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 0.45);
/// ```
#[derive(Clone, Debug)]
pub struct ExponentialLR {
    gamma: f64,
}

impl ExponentialLR {
    /// A schedule with this factor.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn new(gamma: f64) -> Self {
        ExponentialLR { gamma: checked("ExponentialLR", "gamma", gamma, "a number", |gamma| !gamma.is_nan()) }
    }
}

impl Schedule for ExponentialLR {
    fn name(&self) -> &'static str {
        "ExponentialLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        if at.epoch == 0 { at.lr } else { at.lr * self.gamma }
    }
}
