//! The paths from parameters to losses, computed once for all parameters of an audit.

use std::collections::{BTreeSet, HashMap};

use crate::tape::{Entry, Tape};

/// An index of a tape: the consumers of each entry, and whether a loss depends on it.
pub(super) struct Ways<'a> {
    pub(super) tape: &'a Tape,
    /// All entries of each tensor.
    pub(super) entries_of: HashMap<u64, Vec<usize>>,
    /// The consumers of each entry.
    pub(super) consumers: Vec<Vec<usize>>,
    /// For each entry whether a loss was computed from it.
    pub(super) to_loss: Vec<bool>,
    /// The same, only along entries that require a gradient.
    pub(super) to_loss_with_history: Vec<bool>,
}

impl<'a> Ways<'a> {
    pub(super) fn of(tape: &'a Tape) -> Self {
        let entries = tape.entries();
        let (mut entries_of, mut consumers) = (HashMap::<u64, Vec<usize>>::new(), vec![Vec::new(); entries.len()]);
        for entry in entries {
            entries_of.entry(entry.id).or_default().push(entry.number());
            entry.inputs().iter().for_each(|&input| consumers[input].push(entry.number()));
        }
        let to_loss = leads_to_a_loss(tape, |_| true);
        let to_loss_with_history = leads_to_a_loss(tape, Entry::requires_grad);
        Ways { tape, entries_of, consumers, to_loss, to_loss_with_history }
    }

    /// These entries and everything computed from them.
    pub(super) fn computed_from(&self, starts: &[usize]) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = starts.iter().copied().collect();
        let mut waiting = starts.to_vec();
        while let Some(number) = waiting.pop() {
            waiting.extend(self.consumers[number].iter().copied().filter(|&consumer| found.insert(consumer)));
        }
        found
    }
}

/// For each entry whether a loss was computed from it, along the given entries.
fn leads_to_a_loss(tape: &Tape, counts: impl Fn(&Entry) -> bool) -> Vec<bool> {
    // Without a pass, take the last value as the loss: `backward()` fails if the loss has no graph.
    let last = tape.entries().len().checked_sub(1).filter(|_| tape.recorder.walks.is_empty());
    let mut leads = vec![false; tape.entries().len()];
    tape.losses().chain(last).for_each(|loss| leads[loss] = true);
    for (number, entry) in tape.entries().iter().enumerate().rev() {
        if leads[number] && counts(entry) {
            entry.inputs().iter().for_each(|&input| leads[input] = true);
        }
    }
    leads
}
