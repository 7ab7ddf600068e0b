//! What was noticed: which mistake, at which line, what was seen, why it matters and what to write instead.

use std::fmt;
use std::panic::Location;

/// A classic mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// A step moves by gradients of which a part has been used by an earlier step: nobody cleared them. Several
    /// backward passes before one step are no mistake, as long as the gradients are cleared after it.
    NoZeroGrad,
    /// A step without a new gradient: none has come since the gradients were cleared or since the last step.
    StepWithoutBackward,
    /// A step without a new gradient, as the gradients of the last pass were cleared before anything used them.
    ClearedBeforeStep,
    /// Three backward passes one after the other whose gradients nothing has used: neither a step nor an update by
    /// hand, and nobody read them.
    BackwardWithoutStep,
    /// A loss that contains the softmax gets the output of a softmax, or a view of it.
    SoftmaxBeforeCrossEntropy,
    /// Outputs `[n, 1]` meet targets `[n]` in a difference or a product, which makes `[n, n]`, and the loss is made
    /// of that. Outputs that come straight from a `reshape` or `unsqueeze` are taken to be meant so.
    BroadcastLoss,
    /// A parameter got gradients from two passes or more, and no optimiser that made a step holds it; it was not
    /// changed by hand either, and nobody read its gradient.
    NotOptimized,
    /// An optimiser made a step and holds a tensor without a gradient of which nobody has ever said whether it
    /// requires one. A parameter that was frozen by `requires_grad_(false)` is no mistake.
    Undeclared,
    /// A layer such as dropout or batch norm ran in training mode under `no_grad`, and a class, a comparison or a
    /// single number was computed from it, but nothing that was trained. Dropout that is wanted in evaluation (Monte
    /// Carlo) looks the same.
    TrainingMode,
    /// The loss was larger than ever before in eight steps one after the other, and grew to ten times what it was or
    /// more; or it is infinite or NaN.
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
                 runs past its goal",
                "`optimizer.zero_grad()` before `loss.backward()`, once for each step; to add up several batches, \
                 clear after the step",
            ],
            Mistake::StepWithoutBackward => [
                "a step without a backward pass",
                "a step moves parameters by their gradients: without new ones it does nothing, or goes the same way \
                 once more",
                "`loss.backward()` between `optimizer.zero_grad()` and `optimizer.step()`",
            ],
            Mistake::ClearedBeforeStep => [
                "gradients cleared before the step",
                "a step moves parameters by their gradients: when they have just been cleared it does nothing",
                "`optimizer.zero_grad()` before `loss.backward()`, so that nothing stands between it and \
                 `optimizer.step()`",
            ],
            Mistake::BackwardWithoutStep => [
                "backward passes without a step",
                "backward computes gradients and changes no parameter: the loss stays where it is",
                "`optimizer.step()` after `loss.backward()`",
            ],
            Mistake::SoftmaxBeforeCrossEntropy => [
                "softmax before cross_entropy",
                "cross_entropy contains a log_softmax: probabilities lie so close together that gradients become \
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
                "it stays as it began, and its gradient is computed for nothing",
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
                "steps that are too long land higher on the other side of the valley, each further out than the last",
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

/// A mistake that was noticed. Print it with `{}`.
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
    /// Says it, unless this mistake was noticed at this line before.
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
