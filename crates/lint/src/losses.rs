//! Tracks the loss from step to step.

use std::collections::HashMap;
use std::panic::Location;

use downhill_tensor::AnyTensor;
use downhill_tensor::observe::{Applied, Started};

use crate::finding::{Findings, Mistake};

/// This many steps in a row must set a new maximum before the learning rate is blamed. For losses that only
/// fluctuate, the chance that nine in a row increase is 1 in 9!, and later maxima are rarer still.
const RECORDS: usize = 8;

/// And the last loss must be this many times the one before the first maximum: a slow rise can have many reasons.
const GROWTH: f64 = 10.0;

/// How many scalars are remembered, each of which may become a loss.
const REMEMBERED: usize = 4096;

#[derive(Default)]
pub(crate) struct Losses {
    /// The values of scalars that can be differentiated.
    values: HashMap<u64, f64>,
    /// The losses of each optimiser, keyed by its first parameter, or of a parameter that is updated by hand.
    series: HashMap<u64, Series>,
}

/// The losses of one optimiser.
#[derive(Default)]
struct Series {
    steps: usize,
    largest: Option<f64>,
    /// The loss before the current run of maxima.
    before: f64,
    records: usize,
}

/// A step of an optimiser, or a manual update.
pub(crate) struct Step {
    /// Its first parameter.
    pub(crate) optimizer: u64,
    /// The learning rate, if it is known.
    pub(crate) lr: Option<f64>,
    /// Whether it minimizes the loss.
    pub(crate) descends: bool,
    pub(crate) line: &'static Location<'static>,
}

impl Losses {
    pub(crate) fn applied(&mut self, applied: &Applied) {
        let output = &applied.output;
        if output.tensor.numel() == 1 && output.tensor.requires_grad() {
            if self.values.len() >= REMEMBERED {
                self.values.clear();
            }
            self.values.insert(output.id, number(&output.tensor));
        }
    }

    /// The loss at which a backward pass starts, if it was computed in the scope.
    pub(crate) fn of(&self, started: &Started) -> Option<f64> {
        started.roots.iter().map(|(id, _)| self.values.get(id)).sum()
    }

    /// Records a step with the gradients of these losses.
    pub(crate) fn step(&mut self, step: &Step, losses: &[f64], findings: &mut Findings) {
        if losses.is_empty() {
            return;
        }
        let loss = losses.iter().sum::<f64>() / losses.len() as f64;
        let series = self.series.entry(step.optimizer).or_default();
        if series.grows(loss) && (step.descends || !loss.is_finite()) {
            let lr = step.lr.map_or_else(String::new, |lr| format!(", with a learning rate of {lr}"));
            let Series { steps, before, records, .. } = *series;
            let seen = || match loss.is_finite() {
                true => format!("from {before:.3e} to {loss:.3e} in {records} steps{lr}"),
                false => format!("{loss} in step {steps}{lr}"),
            };
            findings.say(Mistake::LossGrows, step.line, seen);
        }
    }
}

impl Series {
    /// Records the loss of a step. Returns whether it has grown for too long.
    fn grows(&mut self, loss: f64) -> bool {
        self.steps += 1;
        if !loss.is_finite() {
            return true;
        }
        match self.largest.replace(self.largest.map_or(loss, |largest| largest.max(loss))) {
            // For losses at or below 0 the growth factor is undefined.
            Some(largest) if loss > largest && largest > 0.0 => {
                if self.records == 0 {
                    self.before = largest;
                }
                self.records += 1;
            }
            _ => self.records = 0,
        }
        self.records >= RECORDS && loss >= GROWTH * self.before
    }
}

fn number(tensor: &AnyTensor) -> f64 {
    tensor.numbers()[0]
}
