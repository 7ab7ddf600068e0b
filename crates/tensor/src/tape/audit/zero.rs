//! Finds the operation that turned a gradient into zeros.

use super::ways::Ways;
use crate::autograd::any_tensor::AnyTensor;
use crate::tape::backward::Walk;
use crate::tape::{Contribution, Entry};

impl Ways<'_> {
    /// The operations that received a nonzero gradient but passed only zeros towards an entry, the nearest to the
    /// entry first.
    pub(super) fn why_zero(&self, walk: &Walk, entry: usize) -> Option<String> {
        let from = self.computed_from(&[entry]);
        let mut indices: Vec<usize> = from.iter().filter_map(|&number| walk.step_index(number)).collect();
        indices.sort_unstable_by(|a, b| b.cmp(a));
        let steps = indices.into_iter().map(|index| &walk.steps[index]);
        let mut causes: Vec<String> = Vec::new();
        for step in steps.filter(|step| !is_zero(step.grad())) {
            let mut parts = step.contributions().iter().filter(|part| from.contains(&part.input())).peekable();
            if parts.peek().is_some() && parts.all(|part| is_zero(part.grad())) {
                let positions = step.contributions().iter().filter(|part| from.contains(&part.input()));
                let position = positions.map(Contribution::position).next().unwrap_or_default();
                let cause = self.cause(&self.tape.entries()[step.entry()], position);
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            }
        }
        (!causes.is_empty()).then(|| causes.join("; "))
    }

    fn cause(&self, entry: &Entry, position: usize) -> String {
        let (op, line) = (entry.op(), entry.line());
        let input = entry.inputs().first().map(|&input| self.tape.entries()[input].value().numbers());
        match op {
            "relu" if input.is_some_and(|values| values.iter().all(|&x| x <= 0.0)) => format!(
                "dead relu: `relu` at {line} gets no input above 0, so nothing flows back; a smaller learning rate, \
                 another initialisation or `leaky_relu` keep it alive"
            ),
            _ => format!("`{op}` at {line} passes on zeros ({})", entry.derivative(position)),
        }
    }
}

fn is_zero(grad: &AnyTensor) -> bool {
    grad.numbers().iter().all(|&g| g == 0.0)
}
