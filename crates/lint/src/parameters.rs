//! Tracks which parameters optimisers hold, and whether a scheduler steps before an optimiser.

use std::collections::HashMap;
use std::panic::Location;

use downhill_tensor::observe::Applied;

use crate::finding::{Findings, Mistake};

#[derive(Default)]
pub(crate) struct Parameters {
    /// All leaves that require a gradient, in the order of their first use.
    leaves: Vec<Leaf>,
    indices: HashMap<u64, usize>,
    any_stepped: bool,
    /// Whether a parameter was changed in place, by an optimiser or by hand.
    any_moved: bool,
}

/// A leaf that requires a gradient.
struct Leaf {
    shape: Vec<usize>,
    /// The line and the operation of its first use.
    line: &'static Location<'static>,
    op: &'static str,
    /// The number of backward passes in which it got a gradient.
    passes: usize,
    /// Whether an optimiser holds it, or it is updated by hand.
    is_held: bool,
}

impl Parameters {
    pub(crate) fn applied(&mut self, applied: &Applied) {
        for input in &applied.inputs {
            let is_leaf = input.tensor.requires_grad() && input.tensor.is_leaf();
            if is_leaf && !self.indices.contains_key(&input.id) {
                self.indices.insert(input.id, self.leaves.len());
                let (shape, line, op) = (input.tensor.shape().to_vec(), applied.line, applied.info.op);
                self.leaves.push(Leaf { shape, line, op, passes: 0, is_held: false });
            }
        }
    }

    fn leaf(&mut self, id: u64) -> Option<&mut Leaf> {
        self.indices.get(&id).map(|&index| &mut self.leaves[index])
    }

    pub(crate) fn got_gradient(&mut self, id: u64) {
        if let Some(leaf) = self.leaf(id) {
            leaf.passes += 1;
        }
    }

    /// Its gradient was cleared. If it had been read, the gradient itself was wanted.
    pub(crate) fn cleared(&mut self, id: u64, was_read: bool) {
        if let Some(leaf) = self.leaf(id) {
            leaf.is_held |= was_read;
        }
    }

    /// It was changed in place.
    pub(crate) fn moved(&mut self, id: u64) {
        if let Some(leaf) = self.leaf(id) {
            leaf.is_held = true;
            self.any_moved = true;
        }
    }

    pub(crate) fn stepped(&mut self, parameters: &[u64]) {
        (self.any_stepped, self.any_moved) = (true, true);
        for id in parameters {
            if let Some(leaf) = self.leaf(*id) {
                leaf.is_held = true;
            }
        }
    }

    pub(crate) fn scheduled(&mut self, epoch: usize, line: &'static Location<'static>, findings: &mut Findings) {
        if epoch == 1 && !self.any_moved {
            let seen = || "this is the first step of the scheduler, and no optimiser has made one".to_owned();
            findings.say(Mistake::SchedulerFirst, line, seen);
        }
    }

    /// At the end of the scope: reports parameters that no optimiser holds, grouped by the line of their first use.
    pub(crate) fn finish(&mut self, findings: &mut Findings) {
        if !self.any_stepped {
            return;
        }
        // In the order of first use.
        let mut lines: Vec<(&'static Location<'static>, Vec<String>)> = Vec::new();
        let mut indices = HashMap::new();
        for Leaf { shape, line, op, .. } in self.leaves.iter().filter(|leaf| !leaf.is_held && leaf.passes > 1) {
            let index = *indices.entry(line).or_insert(lines.len());
            if index == lines.len() {
                lines.push((line, Vec::new()));
            }
            lines[index].1.push(format!("{shape:?} of `{op}`"));
        }
        for (line, parts) in lines {
            findings.say(Mistake::NotOptimized, line, || format!("no optimiser holds {}", parts.join(", ")));
        }
    }
}
