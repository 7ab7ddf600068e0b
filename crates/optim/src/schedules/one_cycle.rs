//! `OneCycleLR`: the learning rate rises and falls once, while the momentum falls and rises.

use std::f64::consts::PI;

use downhill_tensor::Error;

use crate::per_group_value::PerGroupValue;
use crate::scheduler::{Schedule, ScheduleStep, checked};

/// How a phase of [`OneCycleLR`] interpolates between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anneal {
    /// Along half a cosine.
    Cos,
    /// In a straight line.
    Linear,
}

impl Anneal {
    fn between(self, start: f64, end: f64, part: f64) -> f64 {
        match self {
            Anneal::Cos => end + (start - end) / 2.0 * ((PI * part).cos() + 1.0),
            Anneal::Linear => (end - start) * part + start,
        }
    }
}

/// The one-cycle policy (Smith and Topin, 2017; the momentum after Smith, 2018), stepped after every batch: the
/// learning rate rises from `max_lr / div_factor` to `max_lr` and falls to `max_lr / div_factor / final_div_factor`,
/// while the momentum falls and rises. The step after the last batch keeps the last values; a further one is an
/// error.
///
/// ```
/// use downhill_optim::{OneCycleLR, ParamGroups, SGD, Scheduler};
/// # use downhill_tensor::Tensor;
/// # let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.1).momentum(0.9);
/// let mut scheduler = Scheduler::new(&mut optimizer, OneCycleLR::new(0.5, 100).div_factor(10.0));
/// assert!((optimizer.lr() - 0.05).abs() < 1e-12);
/// assert_eq!(optimizer.groups()[0].get("momentum"), Some(0.95.into()));
/// ```
#[derive(Clone, Debug)]
pub struct OneCycleLR {
    max_lr: PerGroupValue,
    total_steps: usize,
    pct_start: f64,
    anneal: Anneal,
    cycle_momentum: bool,
    base_momentum: PerGroupValue,
    max_momentum: PerGroupValue,
    div_factor: f64,
    final_div_factor: f64,
    three_phase: bool,
}

impl OneCycleLR {
    /// A cycle of `total_steps` steps with the peak `max_lr` (one for all groups, or one for each).
    ///
    /// # Panics
    /// When `total_steps` is 0.
    #[track_caller]
    pub fn new(max_lr: impl Into<PerGroupValue>, total_steps: usize) -> Self {
        OneCycleLR {
            max_lr: max_lr.into(),
            total_steps: checked("OneCycleLR", "total_steps", total_steps, "at least 1", |&steps| steps > 0),
            pct_start: 0.3,
            anneal: Anneal::Cos,
            cycle_momentum: true,
            base_momentum: 0.85.into(),
            max_momentum: 0.95.into(),
            div_factor: 25.0,
            final_div_factor: 1e4,
            three_phase: false,
        }
    }

    /// The fraction of the cycle in which the learning rate rises; 0.3 by default.
    ///
    /// # Panics
    /// When it is not from 0 to 1.
    #[track_caller]
    pub fn pct_start(self, pct_start: f64) -> Self {
        let holds = |part: &f64| (0.0..=1.0).contains(part);
        OneCycleLR { pct_start: checked("OneCycleLR", "pct_start", pct_start, "from 0 to 1", holds), ..self }
    }

    /// How phases interpolate; along a cosine by default.
    pub fn anneal_strategy(self, anneal: Anneal) -> Self {
        OneCycleLR { anneal, ..self }
    }

    /// Whether the momentum (`beta1` for Adam) is cycled as well; on by default.
    pub fn cycle_momentum(self, cycle_momentum: bool) -> Self {
        OneCycleLR { cycle_momentum, ..self }
    }

    /// The momentum at the peak of the learning rate; 0.85 by default.
    pub fn base_momentum(self, base_momentum: impl Into<PerGroupValue>) -> Self {
        OneCycleLR { base_momentum: base_momentum.into(), ..self }
    }

    /// The momentum at the start and the end of the cycle; 0.95 by default.
    pub fn max_momentum(self, max_momentum: impl Into<PerGroupValue>) -> Self {
        OneCycleLR { max_momentum: max_momentum.into(), ..self }
    }

    /// The peak learning rate divided by the initial one; 25 by default.
    ///
    /// # Panics
    /// When it is not above 0.
    #[track_caller]
    pub fn div_factor(self, div_factor: f64) -> Self {
        let div_factor = checked("OneCycleLR", "div_factor", div_factor, "above 0", |&factor| factor > 0.0);
        OneCycleLR { div_factor, ..self }
    }

    /// The initial learning rate divided by the final one; 10 000 by default.
    ///
    /// # Panics
    /// When it is not above 0.
    #[track_caller]
    pub fn final_div_factor(self, final_div_factor: f64) -> Self {
        let holds = |&factor: &f64| factor > 0.0;
        let final_div_factor = checked("OneCycleLR", "final_div_factor", final_div_factor, "above 0", holds);
        OneCycleLR { final_div_factor, ..self }
    }

    /// Falls as slowly as it rose, and to the final rate in a third phase; off by default.
    pub fn three_phase(self, three_phase: bool) -> Self {
        OneCycleLR { three_phase, ..self }
    }

    /// The value at `epoch` of a quantity that goes from `start` to `peak` and on to `end`, where it stays.
    fn follow(&self, epoch: usize, start: f64, peak: f64, end: f64) -> f64 {
        let (rise, last) = (self.pct_start * self.total_steps as f64, self.total_steps as f64 - 1.0);
        // Each phase with its last step and the value there.
        let phases = match self.three_phase {
            true => vec![(rise - 1.0, peak), (2.0 * rise - 2.0, start), (last, end)],
            false => vec![(rise - 1.0, peak), (last, end)],
        };
        // A loop that steps after every batch makes one step past the end, where the formulas would rise again or
        // fall below 0.
        let (mut from, mut before, epoch) = (0.0, start, (epoch as f64).min(last));
        for &(to, value) in &phases[..phases.len() - 1] {
            if epoch <= to {
                return self.anneal.between(before, value, (epoch - from) / (to - from));
            }
            (from, before) = (to, value);
        }
        self.anneal.between(before, end, (epoch - from) / (last - from))
    }
}

impl Schedule for OneCycleLR {
    fn name(&self) -> &'static str {
        "OneCycleLR"
    }

    fn base_lr(&self, group: usize) -> Option<f64> {
        Some(self.max_lr.of(group) / self.div_factor)
    }

    fn lr(&self, at: &ScheduleStep) -> f64 {
        let (first, max) = (at.base_lr, self.max_lr.of(at.group));
        self.follow(at.epoch, first, max, first / self.final_div_factor)
    }

    fn momentum(&self, at: &ScheduleStep) -> Option<f64> {
        let (base, max) = (self.base_momentum.of(at.group), self.max_momentum.of(at.group));
        self.cycle_momentum.then(|| self.follow(at.epoch, max, base, max))
    }

    fn last_epoch(&self) -> Option<usize> {
        Some(self.total_steps)
    }

    #[track_caller]
    fn check(&self, groups: usize) {
        self.max_lr.check("OneCycleLR", "max_lr", groups);
        self.base_momentum.check("OneCycleLR", "base_momentum", groups);
        self.max_momentum.check("OneCycleLR", "max_momentum", groups);
        // A rising phase of exactly one step, or a cycle of one step, would divide 0 by 0.
        if self.follow(0, 0.0, 1.0, 0.0).is_nan() {
            let given = format!("{} of {} steps", self.pct_start, self.total_steps);
            let expected = "more than one step long, or shorter than one";
            Error::Argument { op: "OneCycleLR", name: "pct_start", given, expected }.raise();
        }
    }
}
