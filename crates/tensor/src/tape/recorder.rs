//! Writes the tape: an observer that turns what it sees into entries and steps.

use std::collections::HashMap;

use super::backward::Walk;
use super::entry::{Entry, Role};
use crate::autograd::observe::{Applied, Event, Observer, OpInfo, Seen};
use crate::autograd::op::OpKind;
use crate::base::error::Error;

/// The operation of a result that was changed in place under `no_grad` after it had been computed.
const CHANGED: &str = "changed_in_place";

#[derive(Clone, Default)]
pub(super) struct Recorder {
    pub(super) entries: Vec<Entry>,
    pub(super) walks: Vec<Walk>,
    /// The passes that run, one inside the other: a hook may start one.
    running: Vec<usize>,
    /// The youngest entry of each tensor.
    latest: HashMap<u64, usize>,
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
                    self.walks[walk].pass(passed, &self.entries, &self.latest);
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

    pub(super) fn rename(&mut self, id: u64, name: &str) {
        for entry in self.entries.iter_mut().filter(|entry| entry.id == id) {
            entry.name = Some(name.to_owned());
        }
    }

    /// Finds the names that results were given after they had been computed.
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

    /// The entry of an input; a new one for a leaf that is seen for the first time, or was changed in place since.
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
        // What a backward pass computes, to be differentiated again, is there because of the line that called it.
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
