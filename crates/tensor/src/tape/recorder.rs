//! Records a tape: an observer that turns events into entries and steps.

use std::collections::HashMap;

use super::backward::{Step, Walk};
use super::entry::{Entry, Role};
use crate::autograd::observe::{Applied, Event, Observer, OpInfo, Seen};
use crate::autograd::op::OpKind;
use downhill_kernels::error::Error;

/// The operation name of a result after an in-place change under `no_grad`.
const CHANGED: &str = "changed_in_place";

#[derive(Clone, Default)]
pub(super) struct Recorder {
    pub(super) entries: Vec<Entry>,
    pub(super) walks: Vec<Walk>,
    /// The running passes, innermost last: a hook may start another pass.
    running: Vec<usize>,
    /// The youngest entry of each tensor.
    latest: HashMap<u64, usize>,
    /// For each entry, the last pass that reached it and its first step there.
    grads: HashMap<usize, (usize, usize)>,
    /// For each tensor, the pass and the index of its last step.
    last_steps: HashMap<u64, (usize, usize)>,
}

impl Observer for Recorder {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match event {
            Event::Applied(applied) => self.apply(applied),
            Event::Backward(started) => {
                self.running.push(self.walks.len());
                self.walks.push(Walk::new(started, &self.latest));
            }
            Event::Passed(passed) => {
                if let Some(&walk) = self.running.last() {
                    let before = self.walks[walk].steps.len();
                    self.walks[walk].pass(passed, &self.entries, &self.latest);
                    self.find_steps(walk, before);
                }
            }
            Event::Finished => drop(self.running.pop()),
            _ => {}
        }
        Ok(())
    }
}

impl Recorder {
    pub(super) fn latest(&self, id: u64) -> Option<usize> {
        self.latest.get(&id).copied()
    }

    /// The step with the gradient of an entry, in the last pass that reached it.
    pub(super) fn step_of(&self, entry: usize) -> Option<&Step> {
        self.grads.get(&entry).map(|&(walk, step)| &self.walks[walk].steps[step])
    }

    /// The last step at a tensor, and its pass.
    pub(super) fn last_step_at(&self, id: u64) -> Option<(&Walk, &Step)> {
        self.last_steps.get(&id).map(|&(walk, step)| (&self.walks[walk], &self.walks[walk].steps[step]))
    }

    /// Indexes the steps of a pass from this one on.
    fn find_steps(&mut self, walk: usize, first: usize) {
        for (step, made) in self.walks[walk].steps.iter().enumerate().skip(first) {
            let entry = made.entry();
            // A pass started by a hook counts as younger than the one around it, although that one continues
            // afterwards.
            if self.grads.get(&entry).is_none_or(|&(other, _)| other < walk) {
                self.grads.insert(entry, (walk, step));
            }
            let last = self.last_steps.entry(self.entries[entry].id).or_insert((walk, step));
            *last = (walk, step).max(*last);
        }
    }

    /// Names tensors by their identities.
    pub(super) fn rename(&mut self, names: &HashMap<u64, &str>) {
        for entry in &mut self.entries {
            if let Some(name) = names.get(&entry.id) {
                entry.name = Some((*name).to_owned());
            }
        }
    }

    /// Picks up names given to results after they were computed.
    pub(super) fn name_late(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.name.is_none()) {
            entry.name = entry.value.name().map(|name| name.text.to_string());
        }
    }

    fn apply(&mut self, applied: &Applied) {
        let inputs = applied.inputs.iter().map(|input| self.number_of(input, applied)).collect();
        let entry = self.entry(&applied.output, applied, applied.info.clone(), inputs);
        self.push(Entry { role: Role::Operation, ..entry });
    }

    /// The entry of an input; a new one for a leaf that is seen for the first time, or was changed in place since
    /// then.
    fn number_of(&mut self, input: &Seen, applied: &Applied) -> usize {
        if let Some(number) = self.latest(input.id)
            && self.entries[number].value.is_same_value(&input.tensor)
        {
            return number;
        }
        if let Some(before) = self.latest(input.id).filter(|_| !input.tensor.is_leaf()) {
            let info = OpInfo {
                formula: "x, changed",
                derivative: "grad",
                ..OpInfo::without_gradient(CHANGED, OpKind::Elementwise)
            };
            let entry = self.entry(input, applied, info, vec![before]);
            return self.push(Entry { role: Role::Operation, changed: true, ..entry });
        }
        let info = OpInfo::leaf();
        let mut entry = self.entry(input, applied, info, Vec::new());
        if let Some(name) = input.tensor.name() {
            entry.line = name.line;
        }
        self.push(entry)
    }

    fn entry(&self, seen: &Seen, applied: &Applied, info: OpInfo, inputs: Vec<usize>) -> Entry {
        let requires_grad = seen.tensor.requires_grad();
        // Operations recorded by a backward pass with `create_graph` get the line that called the pass.
        let line = self.running.last().map_or(applied.line, |&walk| self.walks[walk].line);
        Entry {
            number: self.entries.len(),
            id: seen.id,
            name: seen.tensor.name().map(|name| name.text.to_string()),
            info,
            inputs,
            value: seen.tensor.clone(),
            requires_grad,
            role: if requires_grad && seen.tensor.is_leaf() { Role::Parameter } else { Role::Data },
            changed: false,
            line,
            group: None,
        }
    }

    fn push(&mut self, entry: Entry) -> usize {
        let number = entry.number;
        self.latest.insert(entry.id, number);
        self.entries.push(entry);
        number
    }
}
