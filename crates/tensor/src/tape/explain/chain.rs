//! The terms of the chain rule: upstream gradients of the recorded pass, local derivatives from the rule of each
//! operation.

use super::{Consumer, Term, Walk, element};
use crate::array::Array;
use crate::autograd::backward::grad;
use crate::autograd::grad_mode::enable_grad;
use crate::autograd::observe;
use crate::autograd::tensor::Tensor;
use crate::base::element::Float;
use crate::base::shape::unravel;
use crate::tape::backward::{Contribution, Step};
use crate::tape::{Entry, Tape};

/// A recorded pass, from which terms are computed.
pub(super) struct Chain<'a> {
    pub(super) tape: &'a Tape,
    pub(super) walk: &'a Walk,
    /// How many terms of each operation are explained further.
    pub(super) width: usize,
}

impl Chain<'_> {
    /// The contributions of every operation that uses an element.
    pub(super) fn consumers<T: Float>(&self, entry: usize, index: &[usize], depth: usize) -> Vec<Consumer> {
        let mut consumers = Vec::new();
        if depth > 0 {
            for step in &self.walk.steps {
                for contribution in step.contributions().iter().filter(|contribution| contribution.input() == entry) {
                    let position = contribution.position();
                    let mut terms = self.terms::<T>(step, contribution, index);
                    for index in most(&terms, self.width) {
                        terms[index].further = self.consumers::<T>(step.entry(), &terms[index].index, depth - 1);
                    }
                    let rule = contribution.rule().to_owned();
                    consumers.push(Consumer { entry: step.entry(), position, rule, terms });
                }
            }
        }
        consumers
    }

    /// The terms of one operation whose local derivative is not 0.
    fn terms<T: Float>(&self, step: &Step, contribution: &Contribution, index: &[usize]) -> Vec<Term> {
        let (input, position) = (contribution.input(), contribution.position());
        let entry = &self.tape.entries()[step.entry()];
        if self.is_later(step, input) {
            let Some(upstream) = step.grad().get::<T>() else { return Vec::new() };
            let upstream = element(upstream, index);
            return vec![Term { index: index.to_vec(), upstream, local: 1.0, further: Vec::new() }];
        }
        let (Some(upstream), Some(local)) = (step.grad().get::<T>(), self.local::<T>(entry, step, position, index))
        else {
            return Vec::new();
        };
        // If the slope at another element is infinite, the local derivative 0 becomes NaN by 0 * inf.
        let is_finite = contribution.grad().get::<T>().is_some_and(|grad| element(grad, index).is_finite());
        let counts = |local: &T| *local != T::zero() && !(is_finite && local.is_nan());
        let mut terms = Vec::new();
        for (offset, local) in local.to_vec().into_iter().enumerate().filter(|(_, local)| counts(local)) {
            let index = unravel(offset, entry.shape());
            terms.push(Term {
                upstream: element(upstream, &index),
                local: local.to_scalar(),
                index,
                further: Vec::new(),
            });
        }
        terms
    }

    /// Whether a step is at a later value of the same tensor, after an in-place change.
    fn is_later(&self, step: &Step, input: usize) -> bool {
        self.tape.entries()[step.entry()].id == self.tape.entries()[input].id
    }

    /// The derivatives of all elements of the output with respect to one element of an input.
    fn local<T: Float>(&self, entry: &Entry, step: &Step, position: usize, index: &[usize]) -> Option<Tensor<T>> {
        let output = entry.value().get::<T>()?;
        let edge = output.edge()?;
        let values = |input: &usize| self.tape.entries()[*input].value().get::<T>().map(Tensor::array);
        let inputs: Vec<Array<T>> = entry.inputs().iter().map(values).collect::<Option<_>>()?;
        let upstream = Tensor::from_array(step.grad().get::<T>()?.array()).requires_grad_(true);
        let _hidden = observe::hide();
        enable_grad(|| {
            let input_grad = edge.operation()?.backward(upstream.clone(), position, &inputs, &output.array())?;
            let shape = input_grad.shape().to_vec();
            let mut chosen = input_grad;
            for (dim, &at) in index.iter().enumerate() {
                debug_assert!(at < shape[dim]);
                chosen = chosen.select(0, at as isize);
            }
            let [local] = if chosen.requires_grad() { grad(&chosen, [&upstream]) } else { [None] };
            local
        })
    }
}

/// The indices of the largest terms, in order; none that are 0, unless all are.
pub(super) fn most(terms: &[Term], count: usize) -> Vec<usize> {
    let size = |index: &usize| (terms[*index].upstream * terms[*index].local).abs();
    let mut indices: Vec<usize> = (0..terms.len()).collect();
    indices.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let not_zero = indices.iter().filter(|index| size(index) != 0.0).count();
    indices.truncate(count.min(not_zero.max(1)));
    indices.sort_unstable();
    indices
}
