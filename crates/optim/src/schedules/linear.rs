//! `LinearLR`: the learning rate grows or falls linearly, for example as a warm-up.

use crate::scheduler::{Schedule, ScheduleStep, checked};

/// Changes the factor of the learning rate linearly from `start_factor` to `end_factor` in `total_iters` epochs.
///
/// ```
/// use downhill_optim::{LinearLR, ParamGroups, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, LinearLR::new().start_factor(0.5).total_iters(2));
/// assert_eq!(optimizer.lr(), 0.25);
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 0.375);
/// ```
#[derive(Clone, Debug)]
pub struct LinearLR {
    start_factor: f64,
    end_factor: f64,
    total_iters: usize,
}

impl Default for LinearLR {
    fn default() -> Self {
        LinearLR { start_factor: 1.0 / 3.0, end_factor: 1.0, total_iters: 5 }
    }
}

impl LinearLR {
    /// A schedule that starts at a third of the learning rate and reaches all of it after 5 epochs.
    pub fn new() -> Self {
        LinearLR::default()
    }

    /// The first factor; 1/3 by default.
    ///
    /// # Panics
    /// When it is not above 0 and at most 1.
    #[track_caller]
    pub fn start_factor(self, start_factor: f64) -> Self {
        let holds = |&factor: &f64| factor > 0.0 && factor <= 1.0;
        let start_factor = checked("LinearLR", "start_factor", start_factor, "above 0 and at most 1", holds);
        LinearLR { start_factor, ..self }
    }

    /// The last factor; 1 by default.
    ///
    /// # Panics
    /// When it is not from 0 to 1.
    #[track_caller]
    pub fn end_factor(self, end_factor: f64) -> Self {
        let holds = |factor: &f64| (0.0..=1.0).contains(factor);
        LinearLR { end_factor: checked("LinearLR", "end_factor", end_factor, "from 0 to 1", holds), ..self }
    }

    /// The number of epochs from the first factor to the last; 5 by default.
    pub fn total_iters(self, total_iters: usize) -> Self {
        LinearLR { total_iters, ..self }
    }
}

impl Schedule for LinearLR {
    fn name(&self) -> &'static str {
        "LinearLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        if at.epoch == 0 {
            return at.lr * self.start_factor;
        }
        if at.epoch > self.total_iters {
            return at.lr;
        }
        let (rise, total, before) =
            (self.end_factor - self.start_factor, self.total_iters as f64, (at.epoch - 1) as f64);
        // When the factor falls to 0, rounding may take the last one slightly below it.
        at.lr * (1.0 + rise / (total * self.start_factor + before * rise)).max(0.0)
    }
}
