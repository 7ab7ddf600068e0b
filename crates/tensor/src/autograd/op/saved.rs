//! The values an operation saved in the forward pass, for its backward rule.

use std::cell::Cell;

use crate::array::Array;
use crate::autograd::backward::Request;
use crate::autograd::node::NodeRef;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::shape::Shape;

/// The saved values of an operation, passed to its backward rule.
pub struct Saved<'a, T: Element> {
    pub(crate) edges: &'a [Option<NodeRef<T>>],
    pub(crate) inputs: &'a [Cell<Option<Array<T>>>],
    pub(crate) output: Option<&'a Array<T>>,
    pub(crate) node: &'a NodeRef<T>,
    pub(crate) request: &'a Request,
    pub(crate) name: &'static str,
}

impl<T: Element> Saved<'_, T> {
    /// Whether a gradient of this input is wanted.
    #[track_caller]
    pub fn wants(&self, input: usize) -> bool {
        self.edges[input].as_ref().is_some_and(|edge| self.request.wants(edge.id()))
    }

    /// Whether an input is a leaf that requires a gradient, such as a parameter that an optimiser changes in place.
    pub(crate) fn is_leaf(&self, input: usize) -> bool {
        self.edges[input].as_ref().is_some_and(|edge| edge.is_leaf())
    }

    /// An input as it was in the forward pass, attached to its node with `create_graph`.
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

    /// As [`Saved::input_values`], for the last use: if the buffer is not shared, a gradient can overwrite it.
    #[track_caller]
    pub(crate) fn take_input(&self, input: usize) -> Array<T> {
        match self.inputs[input].take() {
            Some(values) => values,
            None => panic!("{}: its derivative asks for input {input}, which SAVES does not declare", self.name),
        }
    }

    /// Whether the values of an input have this shape and are not shared, so that a gradient can overwrite them.
    pub(crate) fn can_reuse(&self, input: usize, shape: &Shape) -> bool {
        let mut values = self.inputs[input].take();
        let can_reuse = values.as_mut().is_some_and(|values| values.is_held_once() && values.shape_ref() == shape);
        self.inputs[input].set(values);
        can_reuse
    }

    /// The shape of an input whose gradient is wanted.
    #[track_caller]
    pub fn input_shape(&self, input: usize) -> Shape {
        match &self.edges[input] {
            Some(edge) => edge.shape(),
            None => panic!("{}: the shape of input {input} is known only when its gradient is wanted", self.name),
        }
    }

    /// The output, attached to its node with `create_graph`.
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
