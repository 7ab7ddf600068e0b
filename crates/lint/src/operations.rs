//! Checks the operations of a loss: a softmax too many, and unintended broadcasting.

use std::collections::{HashMap, HashSet};
use std::panic::Location;

use downhill_tensor::OpKind;
use downhill_tensor::observe::{Applied, Seen};

use crate::finding::{Findings, Mistake};

/// How many tensors are remembered.
const REMEMBERED: usize = 4096;

#[derive(Default)]
pub(crate) struct Operations {
    /// The outputs of softmaxes and views of them: which softmax, and its line.
    softmaxes: HashMap<u64, (&'static str, &'static Location<'static>)>,
    /// Outputs `[n, 1]` of a model: of a linear layer or a matrix product, and elementwise results of them.
    columns: HashSet<u64>,
    /// Differences `[n, n]` of a column and a row, and elementwise results of them: their shapes, and the line.
    squares: HashMap<u64, (String, &'static Location<'static>)>,
}

impl Operations {
    pub(crate) fn applied(&mut self, applied: &Applied, findings: &mut Findings) {
        self.forget();
        self.look_for_softmax(applied, findings);
        self.look_for_broadcast(applied, findings);
    }

    fn look_for_softmax(&mut self, applied: &Applied, findings: &mut Findings) {
        let (op, is_view) = (applied.info.op, applied.info.kind == OpKind::View);
        let softmax = applied.inputs.first().and_then(|input| self.softmaxes.get(&input.id)).copied();
        if let Some((softmax, line)) = softmax {
            if op == "cross_entropy" || op == "log_softmax" {
                let twice = || format!("what goes into the loss is the output of `{softmax}` at {line}");
                findings.say(Mistake::SoftmaxBeforeCrossEntropy, applied.line, twice);
            }
            if is_view {
                self.softmaxes.insert(applied.output.id, (softmax, line));
            }
        }
        if op == "softmax" || op == "log_softmax" {
            self.softmaxes.insert(applied.output.id, (op, applied.line));
        }
    }

    fn look_for_broadcast(&mut self, applied: &Applied, findings: &mut Findings) {
        let (op, is_view) = (applied.info.op, applied.info.kind == OpKind::View);
        let output = &applied.output;
        if let Some((shapes, line)) = applied.inputs.iter().find_map(|input| self.squares.get(&input.id)).cloned() {
            if output.tensor.numel() == 1 {
                findings.say(Mistake::BroadcastLoss, line, || shapes);
            } else if is_square(output) && !is_view {
                self.squares.insert(output.id, (shapes, line));
            }
        }
        let is_column = |seen: &Seen| self.columns.contains(&seen.id);
        if let ("sub" | "mul", [left, right]) = (op, &applied.inputs[..])
            && is_square(output)
            && ((is_column(left) && is_row(right)) || (is_column(right) && is_row(left)))
        {
            let [a, b, c] = [left, right, output].map(|seen| seen.tensor.shape());
            let shapes = format!("`{op}` of {a:?} and {b:?} is {c:?}, and the loss is made of that");
            self.squares.insert(output.id, (shapes, applied.line));
        }
        let from_model = matches!(op, "linear" | "matmul") || applied.inputs.iter().any(is_column);
        if from_model && !is_view && has_column_shape(output) {
            self.columns.insert(output.id);
        }
    }

    /// Drops old entries when there are too many: the inputs of a loss were computed recently.
    fn forget(&mut self) {
        if self.softmaxes.len() + self.columns.len() + self.squares.len() > REMEMBERED {
            *self = Operations::default();
        }
    }
}

/// `[n, 1]` with more than one row.
fn has_column_shape(seen: &Seen) -> bool {
    matches!(seen.tensor.shape(), [rows, 1] if *rows > 1)
}

/// `[n]` without a gradient, as targets have it.
fn is_row(seen: &Seen) -> bool {
    seen.tensor.shape().len() == 1 && !seen.tensor.requires_grad()
}

/// `[n, n]` with more than one row.
fn is_square(seen: &Seen) -> bool {
    matches!(seen.tensor.shape(), [rows, columns] if rows == columns && *rows > 1)
}
