//! Finds classic mistakes in training loops while they run, and says at which line and what to write instead.
//!
//! ```
//! use downhill_lint::{Mistake, lint};
//! use downhill_optim::{Optimizer, SGD};
//! use downhill_tensor::Tensor;
//!
//! let w = Tensor::from(1.0).requires_grad_(true);
//! let mut optimizer = SGD::new([&w], 0.1);
//! let (_, findings) = lint(|| {
//!     for _ in 0..3 {
//!         w.square().backward();
//!         optimizer.step(); // and no zero_grad
//!     }
//! });
//! assert_eq!(findings[0].mistake(), Mistake::NoZeroGrad);
//! println!("{}", findings[0]);
//! ```
//!
//! It observes the thread that runs the loop: operations, backward passes, steps, cleared gradients. It is meant for
//! debugging: results stay the same bit for bit, but the loop is slower. Put the whole loop into the closure, so that
//! the start and the end are observed, too.
//!
//! Intentional patterns are not reported: accumulating several backward passes before one step, alternating
//! optimisers as for a GAN, evaluation under `no_grad`, closures for `LBFGS`, several passes over one graph,
//! clipping, `grad()`, manual updates. [`Mistake`] describes when each mistake is reported.

mod evaluation;
mod finding;
mod gradients;
mod losses;
mod operations;
mod parameters;

use std::panic::Location;

use downhill_tensor::Error;
use downhill_tensor::observe::{Event, Note, Observer, observe};

pub use finding::{Finding, Mistake};

use evaluation::Evaluation;
use finding::Findings;
use gradients::Gradients;
use losses::{Losses, Step};
use operations::Operations;
use parameters::Parameters;

/// Runs a training loop, and returns its result and the mistakes found, in the order in which they happened.
///
/// Each is printed to the standard error when it is found, once for each line.
///
/// ```
/// use downhill_lint::lint;
/// use downhill_nn::{CrossEntropyLoss, Layer, Linear, Module};
/// use downhill_optim::{Optimizer, ParamGroups, SGD};
/// use downhill_tensor::Tensor;
/// let (x, labels) = (Tensor::ones([4, 2]), Tensor::from([0, 1, 0, 1]));
/// let net = Linear::new(2, 2);
/// let mut optimizer = SGD::new(net.parameters(), 0.1);
/// let (_, findings) = lint(|| {
///     optimizer.zero_grad();
///     CrossEntropyLoss::new().forward(&net.forward(&x).softmax(1), &labels).backward();
///     optimizer.step();
/// });
/// assert!(findings[0].to_string().contains("softmax before cross_entropy"));
/// ```
pub fn lint<R>(training_loop: impl FnOnce() -> R) -> (R, Vec<Finding>) {
    let (result, watcher) = observe(Watcher::default(), training_loop);
    (result, watcher.finish())
}

/// Passes each event on to the checks.
#[derive(Default)]
struct Watcher {
    findings: Findings,
    gradients: Gradients,
    losses: Losses,
    operations: Operations,
    evaluation: Evaluation,
    parameters: Parameters,
    /// The shapes of tensors that the next step cannot change.
    undeclared: Vec<String>,
}

impl Observer for Watcher {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match event {
            Event::Applied(applied) => {
                self.losses.applied(applied);
                self.operations.applied(applied, &mut self.findings);
                self.evaluation.applied(applied);
                self.parameters.applied(applied);
            }
            Event::Backward(started) => {
                self.evaluation.end(&mut self.findings);
                self.gradients.begin(started, self.losses.of(started));
            }
            Event::Passed(passed) if passed.is_leaf() && self.gradients.arrived(passed.id) => {
                self.parameters.got_gradient(passed.id);
            }
            Event::Finished => self.gradients.end(),
            Event::Noted { note, line } => self.noted(note, line),
            _ => {}
        }
        Ok(())
    }
}

impl Watcher {
    fn noted(&mut self, note: &Note, line: &'static Location<'static>) {
        let findings = &mut self.findings;
        match note {
            Note::Cleared { id } => {
                let was_read = self.gradients.cleared(*id, findings);
                self.parameters.cleared(*id, was_read);
            }
            Note::Replaced { id } => self.gradients.replaced(*id),
            Note::Read { id } => self.gradients.read(*id),
            Note::Changed { id, op } => {
                self.parameters.moved(*id);
                if let Some(used) = self.gradients.changed(*id, findings) {
                    // Only `sub_` shows the direction of the update.
                    let step = Step { optimizer: *id, lr: None, descends: *op == "sub_", line };
                    self.losses.step(&step, &used, findings);
                }
            }
            Note::Stepped { parameters, with_gradient, lr, maximize } => {
                self.evaluation.end(findings);
                self.parameters.stepped(parameters);
                let undeclared = std::mem::take(&mut self.undeclared);
                if !undeclared.is_empty() {
                    let seen = || format!("it never moves what it holds of shape {}", undeclared.join(", "));
                    findings.say(Mistake::Undeclared, line, seen);
                }
                let used = self.gradients.stepped(parameters, with_gradient, line, findings);
                if let Some(&optimizer) = parameters.first() {
                    let step = Step { optimizer, lr: Some(*lr), descends: !maximize, line };
                    self.losses.step(&step, &used, findings);
                }
            }
            // Reported for the step that follows, at its line.
            Note::Undeclared { shape, .. } => self.undeclared.push(format!("{shape:?}")),
            Note::Scheduled { epoch } => self.parameters.scheduled(*epoch, line, findings),
            Note::RanInTraining { layer, output } => self.evaluation.ran(layer, *output, line),
            _ => {}
        }
    }

    /// Findings that are known only after the loop has ended.
    fn finish(mut self) -> Vec<Finding> {
        self.evaluation.end(&mut self.findings);
        for id in self.gradients.finish(&mut self.findings) {
            self.parameters.cleared(id, true);
        }
        self.parameters.finish(&mut self.findings);
        self.findings.into_vec()
    }
}
