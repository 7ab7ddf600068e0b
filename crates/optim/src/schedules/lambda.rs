//! `LambdaLR`: the learning rate follows your own function.

use std::fmt;

use downhill_tensor::Error;

use crate::scheduler::{Schedule, ScheduleStep};

type Factor = Box<dyn Fn(usize) -> f64 + Send>;

/// Multiplies the initial learning rate by a function of the epoch.
///
/// ```
/// use downhill_optim::{LambdaLR, ParamGroups, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, LambdaLR::new(|epoch| 1.0 / (1.0 + epoch as f64)));
/// scheduler.step(&mut optimizer);
/// assert_eq!(optimizer.lr(), 0.25);
/// ```
pub struct LambdaLR {
    factors: Vec<Factor>,
}

impl LambdaLR {
    /// One function for all groups.
    pub fn new(factor: impl Fn(usize) -> f64 + Send + 'static) -> Self {
        LambdaLR { factors: vec![Box::new(factor)] }
    }

    /// Adds a function for the next group. Call it once for each group after the first.
    pub fn add_group(mut self, factor: impl Fn(usize) -> f64 + Send + 'static) -> Self {
        self.factors.push(Box::new(factor));
        self
    }
}

impl fmt::Debug for LambdaLR {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LambdaLR of {} function(s)", self.factors.len())
    }
}

impl Schedule for LambdaLR {
    fn name(&self) -> &'static str {
        "LambdaLR"
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        let factor = if self.factors.len() == 1 { &self.factors[0] } else { &self.factors[at.group] };
        at.base_lr * factor(at.epoch)
    }

    #[track_caller]
    fn check(&self, groups: usize) {
        if self.factors.len() != 1 && self.factors.len() != groups {
            let expected = format!("one function for all or one for each of the {groups} group(s)");
            Error::expected("LambdaLR", expected, format!("{} of them", self.factors.len())).raise();
        }
    }
}
