//! Notices layers that run in training mode while a model is evaluated.

use std::collections::HashSet;
use std::panic::Location;

use downhill_tensor::observe::Applied;
use downhill_tensor::{Kind, is_grad_enabled};

use crate::finding::{Findings, Mistake};

/// An evaluation under `no_grad` in which layers ran in training mode.
///
/// Something may yet be trained on what comes out, as the critic of a GAN is on images that the generator makes under
/// `no_grad`. So its outputs are followed until the next backward pass or step, or the end of the scope.
#[derive(Default)]
pub(crate) struct Evaluation {
    /// The first layer's line.
    line: Option<&'static Location<'static>>,
    layers: Vec<&'static str>,
    /// What was computed from the outputs of the layers.
    outputs: HashSet<u64>,
    /// Whether they were judged: a class, a comparison or a single number was computed. To renew the running averages
    /// of batch norm, layers run in this way on purpose, and their output is not used.
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

    /// Nothing more will be computed from the outputs.
    pub(crate) fn end(&mut self, findings: &mut Findings) {
        let Evaluation { line, layers, is_judged, .. } = std::mem::take(self);
        if let Some(line) = line.filter(|_| is_judged) {
            let seen = || format!("{} ran in training mode under `no_grad`", layers.join(" and "));
            findings.say(Mistake::TrainingMode, line, seen);
        }
    }
}
