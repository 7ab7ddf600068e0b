//! Notices layers that run in training mode while a model is evaluated.

use std::collections::HashSet;
use std::panic::Location;

use downhill_tensor::observe::Applied;
use downhill_tensor::{Kind, is_grad_enabled};

use crate::finding::{Findings, Mistake};

/// An evaluation under `no_grad` in which layers ran in training mode.
///
/// The outputs may still be used for training: the critic of a GAN is trained on images that the generator computes
/// under `no_grad`. So the outputs are tracked until the next backward pass or step, or the end of the scope.
#[derive(Default)]
pub(crate) struct Evaluation {
    /// The first layer's line.
    line: Option<&'static Location<'static>>,
    layers: Vec<&'static str>,
    /// The tensors computed from the outputs of the layers.
    outputs: HashSet<u64>,
    /// Whether they were evaluated: a class, a comparison or a single number was computed from them. If not, the
    /// layers may have run only to update the running averages of batch norm.
    is_judged: bool,
}

impl Evaluation {
    /// A layer has run in training mode.
    pub(crate) fn ran(&mut self, layer: &'static str, output: u64, line: &'static Location<'static>) {
        if is_grad_enabled() {
            return;
        }
        self.line.get_or_insert(line);
        if !self.layers.contains(&layer) {
            self.layers.push(layer);
        }
        self.outputs.insert(output);
    }

    pub(crate) fn applied(&mut self, applied: &Applied) {
        if self.line.is_none() || applied.inputs.iter().all(|input| !self.outputs.contains(&input.id)) {
            return;
        }
        if applied.output.tensor.requires_grad() {
            *self = Evaluation::default();
        } else {
            self.outputs.insert(applied.output.id);
            let output = &applied.output.tensor;
            self.is_judged |= output.numel() == 1 || matches!(output.kind(), Kind::I64 | Kind::Bool);
        }
    }

    /// Called when nothing more will be computed from the outputs.
    pub(crate) fn end(&mut self, findings: &mut Findings) {
        let Evaluation { line, layers, is_judged, .. } = std::mem::take(self);
        if let Some(line) = line.filter(|_| is_judged) {
            let seen = || format!("{} ran in training mode under `no_grad`", layers.join(" and "));
            findings.say(Mistake::TrainingMode, line, seen);
        }
    }
}
