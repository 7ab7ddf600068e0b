//! Tracks the gradient of every parameter, from the backward passes that add to it to the step that uses it.

use std::collections::{HashMap, HashSet};
use std::panic::Location;

use downhill_tensor::observe::Started;

use crate::finding::{Findings, Mistake};

/// This number of unused backward passes in a row is a mistake; one or two may be run just to inspect gradients.
const WASTED: usize = 3;

/// The state of all gradients.
#[derive(Default)]
pub(crate) struct Gradients {
    of: HashMap<u64, Gradient>,
    /// The passes whose gradients are in some `.grad` and were not used yet.
    passes: HashMap<usize, Pass>,
    /// The number of passes so far.
    count: usize,
    /// The running passes, innermost last; `None` for those that do not add to `.grad`.
    running: Vec<Option<usize>>,
    /// How many passes in succession were cleared before anything used them.
    wasted: usize,
    /// Whether any pass has been used.
    any_used: bool,
}

/// The state of the `.grad` of one parameter.
#[derive(Default)]
struct Gradient {
    /// The passes in its sum that no step has used.
    fresh: Vec<usize>,
    /// Whether its sum contains passes that a step has used.
    is_used: bool,
    /// Whether the program replaced it by other numbers, which no step has used.
    is_replaced: bool,
    /// Whether it was read since the last pass.
    is_read: bool,
    /// The last pass whose gradient was cleared before anything used it, if there was none since.
    lost: Option<&'static Location<'static>>,
}

/// A backward pass that has added to gradients.
struct Pass {
    line: &'static Location<'static>,
    loss: Option<f64>,
    /// The number of parameters for which this pass is unused.
    holders: usize,
    is_used: bool,
}

/// The losses whose gradients a step has used, one for each backward pass.
pub(crate) type Used = Vec<f64>;

impl Gradients {
    pub(crate) fn begin(&mut self, started: &Started, loss: Option<f64>) {
        self.running.push(started.accumulates.then_some(self.count));
        if started.accumulates {
            let pass = Pass { line: started.line, loss, holders: 0, is_used: false };
            self.passes.insert(self.count, pass);
            self.count += 1;
        }
    }

    /// A gradient has arrived at a leaf; whether the leaf adds it to its `.grad`.
    pub(crate) fn arrived(&mut self, id: u64) -> bool {
        let Some(&Some(number)) = self.running.last() else { return false };
        let gradient = self.of.entry(id).or_default();
        gradient.fresh.push(number);
        gradient.is_read = false;
        gradient.lost = None;
        if let Some(pass) = self.passes.get_mut(&number) {
            pass.holders += 1;
        }
        true
    }

    pub(crate) fn end(&mut self) {
        if let Some(Some(number)) = self.running.pop()
            && self.passes.get(&number).is_some_and(|pass| pass.holders == 0)
        {
            self.passes.remove(&number);
        }
    }

    pub(crate) fn read(&mut self, id: u64) {
        if let Some(gradient) = self.of.get_mut(&id) {
            gradient.is_read = true;
        }
    }

    /// A gradient was replaced: by a new one if a step has used the old one, otherwise by a modified form of the same
    /// (clipping), which does not count as reading it.
    pub(crate) fn replaced(&mut self, id: u64) {
        let gradient = self.of.entry(id).or_default();
        gradient.is_read = false;
        if gradient.fresh.is_empty() {
            gradient.is_replaced = true;
            gradient.is_used = false;
        }
    }

    /// A gradient was set to none. Returns whether it had been read.
    pub(crate) fn cleared(&mut self, id: u64, findings: &mut Findings) -> bool {
        let known = self.of.entry(id).or_default();
        let lost = known.lost;
        let gradient = std::mem::take(known);
        known.lost = match gradient.fresh.last().and_then(|number| self.passes.get(number)) {
            Some(pass) => Some(pass.line).filter(|_| !gradient.is_read && !pass.is_used),
            None => lost,
        };
        for number in gradient.fresh {
            let Some(pass) = self.passes.get_mut(&number) else { continue };
            pass.is_used |= gradient.is_read;
            pass.holders -= 1;
            if pass.holders > 0 {
                continue;
            }
            self.wasted = if pass.is_used { 0 } else { self.wasted + 1 };
            if self.wasted >= WASTED {
                let wasted = self.wasted;
                findings.say(Mistake::BackwardWithoutStep, pass.line, || not_used(wasted));
            }
            self.any_used |= pass.is_used;
            self.passes.remove(&number);
        }
        gradient.is_read
    }

    /// A parameter was changed in place. If its gradient was read just before, that is a manual step.
    pub(crate) fn changed(&mut self, id: u64, findings: &mut Findings) -> Option<Used> {
        let gradient = self.of.get(&id)?;
        (gradient.is_read && !gradient.fresh.is_empty()).then(|| self.used(&[id], findings))
    }

    /// An optimiser used the gradients of its parameters.
    pub(crate) fn stepped(
        &mut self,
        parameters: &[u64],
        with_gradient: &[u64],
        line: &'static Location<'static>,
        findings: &mut Findings,
    ) -> Used {
        // An unknown gradient comes from before the scope.
        let is_new = |id: &u64| self.of.get(id).is_none_or(|known| known.is_replaced || !known.fresh.is_empty());
        if !with_gradient.iter().any(is_new) {
            let count = parameters.len();
            let lost = parameters.iter().find_map(|id| self.of.get(id)?.lost);
            let mistake = if lost.is_some() { Mistake::ClearedBeforeStep } else { Mistake::StepWithoutBackward };
            findings.say(mistake, line, || match lost {
                Some(pass) => {
                    format!("the gradients of the backward pass at {pass} were cleared before this step used them")
                }
                None if with_gradient.is_empty() => {
                    format!("none of the {count} parameter(s) of the optimiser has a gradient")
                }
                None => "no backward pass since the last step has brought a gradient to the optimiser".to_owned(),
            });
        }
        self.used(with_gradient, findings)
    }

    /// A step used the gradients of these parameters.
    fn used(&mut self, parameters: &[u64], findings: &mut Findings) -> Used {
        let mut passes = HashSet::new();
        for id in parameters {
            let gradient = self.of.entry(*id).or_default();
            if let Some(pass) = gradient.fresh.first().and_then(|number| self.passes.get(number))
                && gradient.is_used
            {
                findings.say(Mistake::NoZeroGrad, pass.line, || {
                    "this pass adds to gradients that a step has used already, and the next step uses the sum"
                        .to_owned()
                });
            }
            passes.extend(gradient.fresh.iter().copied());
            for number in std::mem::take(&mut gradient.fresh) {
                if let Some(pass) = self.passes.get_mut(&number) {
                    pass.holders -= 1;
                }
            }
            *gradient = Gradient { is_used: true, ..Gradient::default() };
        }
        let mut losses = Vec::new();
        for number in passes {
            let Some(pass) = self.passes.get_mut(&number) else { continue };
            // A manual update uses the same pass for each parameter; count it once.
            losses.extend(pass.loss.filter(|_| !pass.is_used));
            pass.is_used = true;
            if pass.holders == 0 {
                self.passes.remove(&number);
            }
        }
        (self.wasted, self.any_used) = (0, true);
        losses
    }

    /// The end of the scope: the parameters whose gradients were read and not cleared.
    pub(crate) fn finish(&mut self, findings: &mut Findings) -> Vec<u64> {
        let read: Vec<u64> = self.of.iter().filter(|(_, gradient)| gradient.is_read).map(|(id, _)| *id).collect();
        let looked_at: HashSet<usize> = read.iter().flat_map(|id| self.of[id].fresh.iter().copied()).collect();
        let is_unused = |(number, pass): &(&usize, &Pass)| !pass.is_used && !looked_at.contains(number);
        let waiting: Vec<_> = self.passes.iter().filter(is_unused).collect();
        let unused = self.wasted + waiting.len();
        if !self.any_used
            && looked_at.is_empty()
            && unused >= WASTED
            && let Some((_, last)) = waiting.iter().max_by_key(|(number, _)| **number)
        {
            findings.say(Mistake::BackwardWithoutStep, last.line, || not_used(unused));
        }
        read
    }
}

fn not_used(passes: usize) -> String {
    format!("{passes} backward passes one after the other whose gradients no step has used")
}
