//! Where the path of a gradient to a parameter was cut, found by following everything computed from the parameter.

use std::fmt;
use std::panic::Location;

use super::ways::Ways;
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::observe::LEAF;
use crate::autograd::tensor::DETACH;
use crate::base::element::Kind;
use crate::tape::Entry;

/// An operation that cut the path from the loss to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    reason: CutReason,
    op: &'static str,
    line: &'static Location<'static>,
}

/// Why no gradient passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutReason {
    /// `detach` removed the tensor from the graph.
    Detach,
    /// The operation was applied inside `no_grad`.
    NoGrad,
    /// The result is an integer or a truth value, which has no derivative.
    Integer,
    /// The loss does not depend on the result.
    Unused,
    /// The parameter was not used in the recording.
    NeverUsed,
    /// `requires_grad` of the parameter is false.
    Frozen,
    /// The pass was asked for the gradients of other tensors.
    NotAsked,
    /// There is no backward pass on the tape.
    NoPass,
}

impl Cut {
    /// Why no gradient passes.
    pub fn reason(&self) -> CutReason {
        self.reason
    }

    /// The operation; `leaf` if it is the parameter itself.
    pub fn op(&self) -> &'static str {
        self.op
    }

    /// The user's line: that of the operation, or of the recording if the parameter was not used in it.
    pub fn line(&self) -> &'static Location<'static> {
        self.line
    }

    fn at(entry: &Entry, reason: CutReason) -> Self {
        Cut { reason, op: entry.op(), line: entry.line() }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut { op, line, .. } = self;
        match self.reason {
            CutReason::Detach => write!(f, "cut by `detach` at {line}"),
            CutReason::NoGrad => write!(f, "cut by `no_grad`: `{op}` was applied inside of it at {line}"),
            CutReason::Integer => write!(f, "cut by `{op}` at {line}, whose result has no derivative"),
            CutReason::Unused => write!(f, "the loss does not use the result of `{op}` at {line}"),
            CutReason::NeverUsed => write!(f, "not used in what was recorded at {line}"),
            CutReason::Frozen => write!(f, "`requires_grad` is false"),
            CutReason::NoPass => write!(f, "no backward pass was recorded; call `loss.backward()` in the closure"),
            CutReason::NotAsked => write!(f, "the pass was asked for other gradients"),
        }
    }
}

impl Ways<'_> {
    /// Why no pass reached a parameter, the cut nearest to the loss first.
    pub(super) fn cuts(&self, parameter: &AnyTensor) -> Vec<Cut> {
        let entries = self.tape.entries();
        let starts = self.entries_of.get(&parameter.id()).map_or(&[][..], |starts| starts);
        let Some(&start) = starts.last() else {
            let reason = if parameter.requires_grad() { CutReason::NeverUsed } else { CutReason::Frozen };
            return vec![Cut { reason, op: LEAF, line: self.tape.line() }];
        };
        if !entries[start].requires_grad() {
            return vec![Cut::at(&entries[start], CutReason::Frozen)];
        }
        if starts.iter().any(|&start| self.to_loss_with_history[start]) {
            let none = self.tape.recorder.walks.is_empty();
            let reason = if none { CutReason::NoPass } else { CutReason::NotAsked };
            return vec![Cut::at(&entries[start], reason)];
        }
        let from = self.computed_from(starts);
        // A cut is an operation whose output is not in the graph although an input was.
        let tracked = |input: &usize| from.contains(input) && entries[*input].requires_grad();
        let is_cut = |entry: &&Entry| !entry.requires_grad() && entry.inputs().iter().any(tracked);
        let cuts = || from.iter().rev().map(|&number| &entries[number]).filter(is_cut);
        let describe = |entry: &Entry| Cut::at(entry, reason(entry));
        let on_the_way: Vec<Cut> = cuts().filter(|entry| self.to_loss[entry.number()]).map(describe).collect();
        if !on_the_way.is_empty() {
            return without_repeats(on_the_way);
        }
        // Masks, labels and indices are not inputs on the tape, so an integer may have affected the loss unseen.
        let is_loose = |number: &&usize| entries[**number].requires_grad() && self.consumers[**number].is_empty();
        let loose = from.iter().filter(is_loose).map(|&number| Cut::at(&entries[number], CutReason::Unused));
        without_repeats(loose.chain(cuts().map(describe)).collect())
    }
}

fn reason(entry: &Entry) -> CutReason {
    match entry.kind() {
        _ if entry.op() == DETACH => CutReason::Detach,
        Kind::I64 | Kind::Bool => CutReason::Integer,
        Kind::F32 | Kind::F64 => CutReason::NoGrad,
    }
}

/// Each cut once, even if a loop ran it several times.
fn without_repeats(cuts: Vec<Cut>) -> Vec<Cut> {
    let mut once: Vec<Cut> = Vec::new();
    for cut in cuts {
        if !once.contains(&cut) {
            once.push(cut);
        }
    }
    once
}
