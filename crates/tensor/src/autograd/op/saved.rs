//! What an operation saved in the forward pass, as its derivative sees it.

use std::cell::Cell;
use std::sync::Arc;

use crate::array::Array;
use crate::autograd::backward::Pass;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::shape::Shape;

/// From how many elements on another pass over memory costs more than asking for the sum so far.
const WORTH_ACCUMULATING: usize = 1024;

/// What an operation saved, handed to its derivative.
pub struct Saved<'a, T: Element> {
    pub(crate) edges: &'a [Option<NodeRef<T>>],
    pub(crate) inputs: &'a [Cell<Option<Array<T>>>],
    pub(crate) output: Option<&'a Array<T>>,
    pub(crate) node: &'a NodeRef<T>,
    pub(crate) pass: &'a Pass<'a, T>,
    pub(crate) name: &'static str,
}

impl<T: Element> Saved<'_, T> {
    /// Whether a gradient of this input is wanted.
    #[track_caller]
    pub fn wants(&self, input: usize) -> bool {
        self.edges[input].as_ref().is_some_and(|edge| self.pass.wants(edge.id()))
    }

    /// Whether an input is a leaf that requires a gradient: what an optimiser changes in place.
    pub(crate) fn is_leaf(&self, input: usize) -> bool {
        self.edges[input].as_ref().is_some_and(|edge| edge.name() == "leaf")
    }

    /// Whether two inputs are one tensor, whose gradient is wanted, so that both parts of it may be handed on as one. Those who
    /// watch want to see each part.
    pub(crate) fn same(&self, one: usize, other: usize) -> bool {
        !self.pass.observed
            && matches!((&self.edges[one], &self.edges[other]), (Some(one), Some(other)) if Arc::ptr_eq(one, other))
    }

    /// `f` of each element of `grad`, for an input to whose gradient other operations have contributed: as it is added to the
    /// sum so far where it is computed, memory is passed over once.
    pub(crate) fn accumulate_map(&self, input: usize, grad: Array<T>, f: impl Fn(T) -> T) -> Array<T> {
        match self.sum_so_far(input, &grad) {
            Some(sum) => sum.zip(self.name, grad, |sum, grad| sum.plus(f(grad))),
            None => grad.map(f),
        }
    }

    /// As [`Saved::accumulate_map`] for pairs of elements of the gradient and of what was saved.
    pub(crate) fn accumulate_zip(
        &self,
        input: usize,
        grad: Array<T>,
        saved: Array<T>,
        f: impl Fn(T, T) -> T,
    ) -> Array<T> {
        match self.sum_so_far(input, &grad) {
            Some(sum) => sum.zip_onto(grad, saved, |sum, grad, saved| sum.plus(f(grad, saved))),
            None => grad.zip(self.name, saved, f),
        }
    }

    /// As [`Saved::accumulate_zip`] twice, for two inputs that are one tensor.
    pub(crate) fn accumulate_zip_twice(
        &self,
        input: usize,
        grad: Array<T>,
        saved: Array<T>,
        f: impl Fn(T, T) -> T,
    ) -> Array<T> {
        let sum = self.id(input).and_then(|id| self.pass.take_sum(id, grad.shape_ref()));
        match sum {
            // One after the other, as if they came from two inputs, so that the sum is the same bit for bit.
            Some(sum) => sum.zip_onto(grad, saved, |sum, grad, saved| {
                let part = f(grad, saved);
                sum.plus(part).plus(part)
            }),
            None => grad.zip(self.name, saved, |grad, saved| {
                let part = f(grad, saved);
                part.plus(part)
            }),
        }
    }

    /// The sum of the contributions to the gradient of an input so far, if a contribution of the shape of `grad` is to be added
    /// to it. Those who watch want to see each contribution, and what an earlier input adds to the same sum comes before.
    fn sum_so_far(&self, input: usize, grad: &Array<T>) -> Option<Array<T>> {
        if grad.numel() < WORTH_ACCUMULATING || self.pass.observed || (0..input).any(|one| self.same(one, input)) {
            return None;
        }
        self.pass.take_sum(self.id(input)?, grad.shape_ref())
    }

    /// The number of the node of an input whose gradient is wanted.
    fn id(&self, input: usize) -> Option<u64> {
        self.edges[input].as_ref().map(|edge| edge.id())
    }

    /// An input as it was in the forward pass, with its place in the graph when a graph of the gradient is recorded.
    #[track_caller]
    pub fn input(&self, input: usize) -> Tensor<T> {
        let value = self.input_values(input);
        Tensor::unpacked(value, self.edges[input].as_ref())
    }

    /// The values of an input as they were in the forward pass.
    #[track_caller]
    pub fn input_values(&self, input: usize) -> Array<T> {
        let values = self.take_input(input);
        self.inputs[input].set(Some(values.clone()));
        values
    }

    /// As [`Saved::input_values`], for the last time: a gradient can take their place if nobody else holds them.
    #[track_caller]
    pub(crate) fn take_input(&self, input: usize) -> Array<T> {
        match self.inputs[input].take() {
            Some(values) => values,
            None => panic!("{}: its derivative asks for input {input}, which SAVES does not declare", self.name),
        }
    }

    /// Whether nobody else holds the values of an input, so that a gradient can take their place.
    pub(crate) fn is_held_once(&self, input: usize) -> bool {
        let mut values = self.inputs[input].take();
        let is_held_once = values.as_mut().is_some_and(Array::is_held_once);
        self.inputs[input].set(values);
        is_held_once
    }

    /// The shape of an input whose gradient is wanted.
    #[track_caller]
    pub fn input_shape(&self, input: usize) -> Shape {
        match &self.edges[input] {
            Some(edge) => edge.shape(),
            None => panic!("{}: the shape of input {input} is known only when its gradient is wanted", self.name),
        }
    }

    /// The output, with its place in the graph when a graph of the gradient is recorded.
    #[track_caller]
    pub fn output(&self) -> Tensor<T> {
        Tensor::unpacked(self.output_values(), Some(self.node))
    }

    /// The values of the output.
    #[track_caller]
    pub fn output_values(&self) -> Array<T> {
        match self.output {
            Some(value) => value.clone(),
            None => panic!("{}: its derivative asks for the output, which SAVES does not declare", self.name),
        }
    }
}
