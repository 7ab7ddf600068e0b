//! Learning-rate schedulers: the learning rate follows a formula from epoch to epoch, as in
//! `torch.optim.lr_scheduler`.
//!
//! A [`Schedule`] is the formula, a [`Scheduler`] applies it to an optimiser.

use std::fmt;

use downhill_tensor::{Error, LoadError, StateDict, Tensor, observe};

use crate::optimizer::ParamGroups;
use crate::state_reader::StateReader;

/// A formula for the learning rate. The rate must never be negative; [`Scheduler::step`] panics if it is.
pub trait Schedule {
    /// The name, with which errors begin.
    fn name(&self) -> &'static str;

    /// The learning rate at a step of the scheduler.
    fn lr(&self, at: &ScheduleStep) -> f64;

    /// The learning rate that the formula starts from, if it is not the optimiser's.
    fn base_lr(&self, group: usize) -> Option<f64> {
        let _ = group;
        None
    }

    /// The momentum (`beta1` for Adam) at a step of the scheduler, if the schedule changes it.
    fn momentum(&self, at: &ScheduleStep) -> Option<f64> {
        let _ = at;
        None
    }

    /// The last epoch, if the schedule ends.
    fn last_epoch(&self) -> Option<usize> {
        None
    }

    /// Panics when the schedule does not fit an optimiser with this number of groups.
    #[track_caller]
    fn check(&self, groups: usize) {
        let _ = groups;
    }
}

/// The inputs of a schedule: one group at one step of the scheduler.
#[derive(Clone, Copy, Debug)]
pub struct ScheduleStep {
    /// The number of steps the scheduler has made.
    pub epoch: usize,
    /// The index of the group.
    pub group: usize,
    /// The current learning rate of the group.
    pub lr: f64,
    /// The initial learning rate of the group.
    pub base_lr: f64,
}

/// Applies a schedule to the learning rates of an optimiser.
///
/// ```
/// use downhill_optim::{Optimizer, ParamGroups, SGD, Scheduler, StepLR};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.5);
/// let mut scheduler = Scheduler::new(&mut optimizer, StepLR::new(2).gamma(0.5));
/// let mut rates = Vec::new();
/// for _epoch in 0..4 {
///     rates.push(optimizer.lr());
///     optimizer.step();
///     scheduler.step(&mut optimizer);
/// }
/// assert_eq!(rates, [0.5, 0.5, 0.25, 0.25]);
/// ```
///
/// To resume from a saved state, create the optimiser and the scheduler as before and load both states, in any order.
/// If the optimiser is loaded before the scheduler is created, its rates stay as they are, and the scheduler must be
/// loaded before its first step. To start a new schedule with a loaded optimiser, set the rate first:
/// `optimizer.set_lr(0.1)`.
pub struct Scheduler {
    schedule: Box<dyn Schedule + Send>,
    base_lrs: Vec<f64>,
    epoch: usize,
    /// Whether the optimiser was loaded in the middle of a schedule, and this scheduler has not been.
    lacks_state: bool,
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.schedule.name()).field("base_lrs", &self.base_lrs).field("epoch", &self.epoch).finish()
    }
}

impl Scheduler {
    /// A scheduler for this optimiser. Sets the learning rates for epoch 0, unless they were loaded from the middle
    /// of a schedule.
    ///
    /// # Panics
    /// When the schedule does not fit the optimiser, or its first rate is negative or NaN.
    #[track_caller]
    pub fn new(optimizer: &mut dyn ParamGroups, schedule: impl Schedule + Send + 'static) -> Self {
        let groups = optimizer.groups();
        schedule.check(groups.len());
        let base_lrs =
            groups.iter().enumerate().map(|(i, group)| schedule.base_lr(i).unwrap_or(group.lr())).collect();
        let lacks_state = groups.iter().any(|group| group.is_resumed());
        let mut scheduler = Scheduler { schedule: Box::new(schedule), base_lrs, epoch: 0, lacks_state };
        if !lacks_state {
            scheduler.keep_initial_lrs(optimizer);
            scheduler.apply(optimizer, 0);
        }
        scheduler
    }

    /// Sets the learning rates for the next epoch.
    ///
    /// # Panics
    /// When the schedule has ended or gives a rate that is negative or NaN, when the number of groups has changed, or
    /// when the optimiser was loaded from the middle of a schedule and the scheduler was not.
    #[track_caller]
    pub fn step(&mut self, optimizer: &mut dyn ParamGroups) {
        let (op, groups) = (self.schedule.name(), optimizer.groups().len());
        if let Some(last) = self.schedule.last_epoch().filter(|&last| self.epoch >= last) {
            let expected = format!("at most {last} steps");
            Error::expected(op, expected, format!("step {}", self.epoch + 1)).raise();
        }
        if groups != self.base_lrs.len() {
            let expected = format!("the optimiser with the {} group(s) it began with", self.base_lrs.len());
            Error::expected(op, expected, format!("one with {groups}")).raise();
        }
        if self.lacks_state {
            let expected = "the state of the scheduler to be loaded first, as that of the optimiser was, in the \
                            middle of a schedule (for a new schedule call `optimizer.set_lr(...)` before \
                            `Scheduler::new`)";
            Error::Expected { op, expected: expected.to_owned(), given: "a step without it".to_owned() }.raise();
        }
        self.apply(optimizer, self.epoch + 1);
        observe::note(|| observe::Note::Scheduled { epoch: self.epoch });
    }

    /// Records in the optimiser, and so in its state, that a schedule changes its rates.
    fn keep_initial_lrs(&self, optimizer: &mut dyn ParamGroups) {
        for (group, &base_lr) in optimizer.groups_mut().into_iter().zip(&self.base_lrs) {
            if group.get("initial_lr").is_none() {
                // An optimiser of the user's own may have no such option.
                let _ = group.try_set("initial_lr", base_lr.into());
            }
        }
    }

    /// The number of steps made so far.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Sets the rates for this epoch. The rates of all groups are checked before the first one is set.
    #[track_caller]
    fn apply(&mut self, optimizer: &mut dyn ParamGroups, epoch: usize) {
        let op = self.schedule.name();
        let mut groups = optimizer.groups_mut();
        let lrs: Vec<(ScheduleStep, f64)> = (groups.iter().zip(&self.base_lrs).enumerate())
            .map(|(i, (group, &base_lr))| ScheduleStep { epoch, group: i, lr: group.lr(), base_lr })
            .map(|at| (at, self.schedule.lr(&at)))
            .collect();
        // NaN is refused as well.
        if let Some((at, lr)) = lrs.iter().find(|(_, lr)| lr.is_nan() || *lr < 0.0) {
            let given = format!("{lr} for group {} after {epoch} step(s)", at.group);
            Error::Argument { op, name: "the learning rate", given, expected: "at least 0" }.raise();
        }
        for (group, (at, lr)) in groups.iter_mut().zip(lrs) {
            group.set("lr", lr);
            if let Some(momentum) = self.schedule.momentum(&at) {
                let Some(name) = ["momentum", "beta1"].into_iter().find(|name| group.get(name).is_some()) else {
                    let expected = "an optimiser with momentum or betas, or `cycle_momentum(false)`";
                    Error::expected(op, expected, "one without").raise()
                };
                group.set(name, momentum);
            }
        }
        self.epoch = epoch;
    }

    /// The state to save: the epoch and the initial learning rates.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert_number::<i64>("last_epoch", self.epoch as i64);
        let base_lrs = Tensor::from_vec(self.base_lrs.clone(), [self.base_lrs.len()]).expect("one for each group");
        state.insert("base_lrs", &base_lrs);
        state
    }

    /// Restores a saved state. The current learning rates are part of the optimiser's state.
    ///
    /// # Errors
    /// When names, shapes, types or values do not fit. Nothing is changed then.
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let mut reader = StateReader::new(state);
        let epoch = reader.count("last_epoch")?;
        let base_lrs = reader.tensor::<f64>("base_lrs", &[self.base_lrs.len()])?;
        reader.finish()?;
        if let (Some(epoch), Some(base_lrs)) = (epoch, base_lrs) {
            (self.epoch, self.base_lrs, self.lacks_state) = (epoch, base_lrs.to_vec(), false);
        }
        Ok(())
    }
}

/// Returns the value of an option; panics if it is out of range.
#[track_caller]
pub(crate) fn checked<V: fmt::Display>(
    op: &'static str,
    name: &'static str,
    value: V,
    expected: &'static str,
    holds: impl FnOnce(&V) -> bool,
) -> V {
    if !holds(&value) {
        Error::Argument { op, name, given: value.to_string(), expected }.raise();
    }
    value
}
