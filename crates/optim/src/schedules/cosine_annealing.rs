//! `CosineAnnealingLR`: the learning rate falls along half a cosine, and rises again if training goes on.

use std::f64::consts::PI;

use crate::scheduler::{Schedule, ScheduleStep, checked};

/// Lowers the learning rate to `eta_min` in `t_max` epochs along half a cosine (Loshchilov and Hutter,
/// 2017):
///
/// ```text
/// lr(epoch) = eta_min + (lr(0) - eta_min) (1 + cos(π epoch / t_max)) / 2
/// ```
///
/// computed recursively from the previous learning rate, as PyTorch does, so that other changes to it are kept. After
/// `t_max` epochs it rises again along the same cosine, as in PyTorch: stop stepping there if you do not want that.
///
/// ```
/// use downhill_optim::{CosineAnnealingLR, ParamGroups, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, CosineAnnealingLR::new(2));
/// scheduler.step(&mut optimizer);
/// assert!((optimizer.lr() - 0.25).abs() < 1e-12);
/// ```
#[derive(Clone, Debug)]
pub struct CosineAnnealingLR {
    t_max: usize,
    eta_min: f64,
}

impl CosineAnnealingLR {
    /// A schedule that ends at 0.
    ///
    /// # Panics
    /// When `t_max` is 0.
    #[track_caller]
    pub fn new(t_max: usize) -> Self {
        let t_max = checked("CosineAnnealingLR", "t_max", t_max, "at least 1", |&t_max| t_max > 0);
        CosineAnnealingLR { t_max, eta_min: 0.0 }
    }

    /// The smallest learning rate; 0 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn eta_min(self, eta_min: f64) -> Self {
        let eta_min = checked("CosineAnnealingLR", "eta_min", eta_min, "a number", |eta_min| !eta_min.is_nan());
        CosineAnnealingLR { eta_min, ..self }
    }
}

impl Schedule for CosineAnnealingLR {
    fn name(&self) -> &'static str {
        "CosineAnnealingLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        let (t_max, epoch) = (self.t_max as f64, at.epoch as f64);
        if at.epoch == 0 {
            return at.lr;
        }
        // The epoch after a minimum: the quotient below would divide by 0.
        if at.epoch % (2 * self.t_max) == (1 + self.t_max) % (2 * self.t_max) {
            return at.lr + (at.base_lr - self.eta_min) * (1.0 - (PI / t_max).cos()) / 2.0;
        }
        (1.0 + (PI * epoch / t_max).cos()) / (1.0 + (PI * (epoch - 1.0) / t_max).cos()) * (at.lr - self.eta_min)
            + self.eta_min
    }
}
