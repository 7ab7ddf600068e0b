//! Findings: the mistake, its line, what was seen, why it matters and what to write instead.

use std::fmt;
use std::panic::Location;

/// A classic mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// A step uses gradients that contain those of an earlier step, because they were not cleared. Several backward
    /// passes before one step are fine if the gradients are cleared after it.
    NoZeroGrad,
    /// A step without a new gradient: there was no backward pass since the gradients were cleared or since the last
    /// step.
    StepWithoutBackward,
    /// A step without a new gradient, because the gradients of the last pass were cleared before anything used them.
    ClearedBeforeStep,
    /// Three backward passes in a row whose gradients were never used: by no step, no manual update, and no read.
    BackwardWithoutStep,
    /// The output of a softmax, or a view of it, goes into a loss that already contains a softmax.
    SoftmaxBeforeCrossEntropy,
    /// Outputs `[n, 1]` and targets `[n]` in a difference or a product broadcast to `[n, n]`, and the loss is
    /// computed from that. Outputs that come directly from a `reshape` or `unsqueeze` are assumed to be intended.
    BroadcastLoss,
    /// A parameter got gradients from two or more passes, but no optimiser that made a step holds it; it was not
    /// updated by hand either, and its gradient was not read.
    NotOptimized,
    /// An optimiser made a step and holds a tensor without a gradient on which `requires_grad_` was never called. A
    /// parameter frozen by `requires_grad_(false)` is fine.
    Undeclared,
    /// A layer such as dropout or batch norm ran in training mode under `no_grad`, and a class, a comparison or a
    /// single number was computed from it, but nothing that was trained. Intentional dropout in evaluation (Monte
    /// Carlo dropout) is reported as well.
    TrainingMode,
    /// The loss reached a new maximum in each of eight steps in a row and grew to at least ten times its value before
    /// them; or it is infinite or NaN.
    LossGrows,
    /// A scheduler made its first step before any optimiser did.
    SchedulerFirst,
}

impl Mistake {
    /// The mistake in a few words.
    pub fn title(self) -> &'static str {
        self.texts()[0]
    }

    /// Why it matters.
    pub fn why(self) -> &'static str {
        self.texts()[1]
    }

    /// What to write instead.
    pub fn remedy(self) -> &'static str {
        self.texts()[2]
    }

    fn texts(self) -> [&'static str; 3] {
        match self {
            Mistake::NoZeroGrad => [
                "no zero_grad between two backward passes",
                "backward adds to `.grad`: each step moves by the gradients of all batches so far, and training \
                 overshoots",
                "`optimizer.zero_grad()` before `loss.backward()`, once for each step; to add up several batches, \
                 clear after the step",
            ],
            Mistake::StepWithoutBackward => [
                "a step without a backward pass",
                "a step moves parameters by their gradients: without new ones it does nothing, or repeats the last \
                 step",
                "`loss.backward()` between `optimizer.zero_grad()` and `optimizer.step()`",
            ],
            Mistake::ClearedBeforeStep => [
                "gradients cleared before the step",
                "a step moves parameters by their gradients: when they have just been cleared it does nothing",
                "`optimizer.zero_grad()` before `loss.backward()`, so that nothing comes between it and \
                 `optimizer.step()`",
            ],
            Mistake::BackwardWithoutStep => [
                "backward passes without a step",
                "backward computes gradients and changes no parameter: the loss does not change",
                "`optimizer.step()` after `loss.backward()`",
            ],
            Mistake::SoftmaxBeforeCrossEntropy => [
                "softmax before cross_entropy",
                "cross_entropy contains a log_softmax: probabilities are so close together that gradients become \
                 small and the loss cannot reach 0; after a log_softmax it computes the same, twice",
                "`criterion.forward(&logits, &labels)` with what comes straight from the last linear layer; after a \
                 `log_softmax`, `nn::NLLLoss`",
            ],
            Mistake::BroadcastLoss => [
                "[n, 1] against [n] in a loss",
                "broadcasting compares every output with every target: the model learns the mean of all targets, \
                 and nothing looks wrong",
                "`targets.unsqueeze(1)` or `outputs.squeeze_dim(1)`, so that both have one shape; `nn::MSELoss` \
                 checks that",
            ],
            Mistake::NotOptimized => [
                "a parameter with gradients that no optimiser holds",
                "it keeps its initial value, and its gradient is computed for nothing",
                "give it to the optimiser (`net.parameters()` holds all of a network), or freeze it with \
                 `requires_grad_(false)`",
            ],
            Mistake::Undeclared => [
                "an optimiser holds a tensor that never required a gradient",
                "no backward pass brings it a gradient, and no step moves it",
                "`requires_grad_(true)` on it before the first loss is computed, or `requires_grad_(false)` to say \
                 that it is frozen on purpose",
            ],
            Mistake::TrainingMode => [
                "evaluation in training mode",
                "dropout throws away a part of what the model knows, and batch norm goes by the batch and changes \
                 its running averages: results are worse, and differ from run to run",
                "`net.eval()` before evaluating, `net.train()` before training goes on",
            ],
            Mistake::LossGrows => [
                "the loss grows from step to step",
                "steps that are too long overshoot the minimum, each by more than the last",
                "a smaller learning rate, by a factor of 3 to 10; if it is NaN from the first steps on, \
                 `detect_anomaly(|| ...)` names the operation",
            ],
            Mistake::SchedulerFirst => [
                "the scheduler stepped before the optimiser",
                "the first learning rate of the schedule is skipped, and every later one comes an epoch too early",
                "`scheduler.step(&mut optimizer)` at the end of the epoch, after `optimizer.step()`",
            ],
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A mistake found in a training loop. Print it with `{}`.
#[derive(Clone, Debug)]
pub struct Finding {
    mistake: Mistake,
    line: &'static Location<'static>,
    seen: String,
}

impl Finding {
    /// Which mistake.
    pub fn mistake(&self) -> Mistake {
        self.mistake
    }

    /// The user's line.
    pub fn line(&self) -> &'static Location<'static> {
        self.line
    }

    /// What was seen there.
    pub fn seen(&self) -> &str {
        &self.seen
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { mistake, line, seen } = self;
        writeln!(f, "{line}: {mistake}\n  seen:  {seen}\n  why:   {}", mistake.why())?;
        write!(f, "  write: {}", mistake.remedy())
    }
}

/// The findings so far.
#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Reports a mistake, unless it was already reported at this line.
    pub(crate) fn say(&mut self, mistake: Mistake, line: &'static Location<'static>, seen: impl FnOnce() -> String) {
        if self.0.iter().any(|other| other.mistake == mistake && other.line == line) {
            return;
        }
        let finding = Finding { mistake, line, seen: seen() };
        eprintln!("lint: {finding}");
        self.0.push(finding);
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
