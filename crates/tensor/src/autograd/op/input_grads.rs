//! Receives the input gradients of a fused rule: says which are wanted, and accumulates them.

use std::sync::Arc;

use super::Saved;
use crate::array::Array;
use crate::autograd::backward::{PendingSums, Request};
use crate::autograd::gradient::Gradient;
use crate::autograd::node::NodeRef;
use crate::base::element::Element;
use crate::base::shape::broadcast;

/// From this many elements on, a separate pass over memory costs more than looking up the sum so far.
const MIN_FUSED_ELEMENTS: usize = 1024;

/// The gradients of the inputs of one operation, computed by [`Op::backward_fused`](crate::Op::backward_fused).
///
/// Each has the shape of its input; if the operation [broadcasts](crate::Op::BROADCASTS), the shape of the output is
/// allowed, too. Several contributions to one input are summed. Contributions to an input whose gradient is not
/// wanted are dropped.
pub struct InputGrads<'a, T: Element> {
    edges: &'a [Option<NodeRef<T>>],
    request: &'a Request,
    pending: &'a mut PendingSums<T>,
    grads: &'a mut [Option<Gradient<T>>],
    name: &'static str,
}

impl<'a, T: Element> InputGrads<'a, T> {
    #[inline]
    pub(crate) fn new(
        saved: &Saved<'a, T>,
        pending: &'a mut PendingSums<T>,
        grads: &'a mut [Option<Gradient<T>>],
    ) -> Self {
        InputGrads { edges: saved.edges, request: saved.request, pending, grads, name: saved.name }
    }

    /// Whether a gradient of this input is wanted.
    #[inline]
    pub fn wants(&self, input: usize) -> bool {
        self.edges[input].as_ref().is_some_and(|edge| self.request.wants(edge.id()))
    }

    /// Adds to the gradient of an input.
    #[inline]
    pub fn add(&mut self, input: usize, grad: Array<T>) {
        let sum = &mut self.grads[input];
        if let Some(before) = sum.replace(Gradient::Values(grad)) {
            add_before(sum, before);
        }
    }

    /// Adds the result of `compute` to the gradient of an input; `compute` is called only if that gradient is wanted.
    #[inline]
    pub fn add_with(&mut self, input: usize, compute: impl FnOnce() -> Array<T>) {
        if self.wants(input) {
            self.add(input, compute());
        }
    }

    /// Adds `f` of each element of `grad` to the gradient of an input. If other operations have contributed to it
    /// already, the elements are added to that sum in the same pass over memory.
    pub fn add_map(&mut self, input: usize, grad: Array<T>, f: impl Fn(T) -> T) {
        if !self.wants(input) {
            return;
        }
        let sum = match self.take_sum(input, &grad) {
            Some(sum) => sum.zip(self.name, grad, |sum, grad| sum.plus(f(grad))),
            None => grad.map(f),
        };
        self.add(input, sum);
    }

    /// As [`InputGrads::add_map`], for pairs of elements of the gradient and a saved value.
    ///
    /// ```
    /// use downhill_tensor::{Array, Fixed, InputGrads, Op, Saved, Saves, Tensor};
    ///
    /// /// x³
    /// struct Cube;
    ///
    /// impl Op<f64> for Cube {
    ///     type Arity = Fixed<1>;
    ///     const NAME: &'static str = "cube";
    ///     const FORMULA: &'static str = "x³";
    ///     const DERIVATIVE: &'static str = "grad * 3x²";
    ///     const SAVES: Saves = Saves::Inputs;
    ///
    ///     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
    ///         x.map(|x| x * x * x)
    ///     }
    ///
    ///     fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
    ///         [Some(grad * 3 * saved.input(0).square())]
    ///     }
    ///
    ///     // The same in one pass over memory.
    ///     fn backward_fused(
    ///         &self,
    ///         grad: Array<f64>,
    ///         saved: &Saved<f64>,
    ///         into: &mut InputGrads<f64>,
    ///     ) -> Result<(), Array<f64>> {
    ///         into.add_zip(0, grad, saved.input_values(0), |grad, x| grad * 3.0 * x * x);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let x = Tensor::<f64>::new([1.0, -2.0]).requires_grad_(true);
    /// Cube.apply([&x]).sum().backward();
    /// assert_eq!(x.grad().unwrap().to_vec(), [3.0, 12.0]);
    /// ```
    pub fn add_zip(&mut self, input: usize, grad: Array<T>, saved: Array<T>, f: impl Fn(T, T) -> T) {
        if !self.wants(input) {
            return;
        }
        let sum = match self.take_sum_of_pairs(input, &grad, &saved) {
            Some(sum) => sum.zip_onto(grad, saved, |sum, grad, saved| sum.plus(f(grad, saved))),
            None => grad.zip(self.name, saved, f),
        };
        self.add(input, sum);
    }

    /// Calls `f` for the inputs whose gradient is wanted, in this order. The last one gets `grad` itself instead of a
    /// second handle, so that it can reuse the buffer.
    #[inline]
    pub(crate) fn for_each_wanted<const N: usize>(
        &mut self,
        order: [usize; N],
        grad: Array<T>,
        mut f: impl FnMut(&mut Self, usize, Array<T>),
    ) {
        let Some(last) = order.iter().rposition(|&input| self.wants(input)) else { return };
        for &input in &order[..last] {
            if self.wants(input) {
                f(self, input, grad.clone());
            }
        }
        f(self, order[last], grad);
    }

    /// As [`InputGrads::add_zip`] for each of two inputs that are [the same](InputGrads::are_same) tensor.
    pub(crate) fn add_zip_twice(&mut self, input: usize, grad: Array<T>, saved: Array<T>, f: impl Fn(T, T) -> T) {
        // Add one contribution after the other, as if from two inputs, so that the sum is the same bit for bit.
        let sum = self.edges[input].as_ref().and_then(|edge| self.pending.take(edge.id(), grad.shape_ref()));
        let sum = match sum {
            Some(sum) => sum.zip_onto(grad, saved, |sum, grad, saved| {
                let part = f(grad, saved);
                sum.plus(part).plus(part)
            }),
            None => grad.zip(self.name, saved, |grad, saved| {
                let part = f(grad, saved);
                part.plus(part)
            }),
        };
        self.add(input, sum);
    }

    /// Whether two inputs are the same tensor and its gradient is wanted, so that one contribution can be added
    /// twice. False if there is an observer, which must see both.
    pub(crate) fn are_same(&self, one: usize, other: usize) -> bool {
        !self.request.observed
            && self.wants(one)
            && matches!((&self.edges[one], &self.edges[other]), (Some(one), Some(other)) if Arc::ptr_eq(one, other))
    }

    fn take_sum_of_pairs(&mut self, input: usize, grad: &Array<T>, saved: &Array<T>) -> Option<Array<T>> {
        // Only for large arrays, so that small ones do not pay for the shape check.
        let fits = || broadcast(self.name, grad.shape(), saved.shape()).is_ok_and(|shape| shape == *grad.shape_ref());
        if grad.numel() < MIN_FUSED_ELEMENTS || !fits() {
            return None;
        }
        self.take_sum(input, grad)
    }

    /// Takes the gradient sum of an input so far out of the pending sums, if a contribution of the shape of `grad`
    /// can be fused into it. Not if there is an observer, which must see each contribution, or if an earlier input
    /// has added to the same sum.
    fn take_sum(&mut self, input: usize, grad: &Array<T>) -> Option<Array<T>> {
        if grad.numel() < MIN_FUSED_ELEMENTS || self.request.observed {
            return None;
        }
        if self.grads[input].is_some() || (0..input).any(|one| self.are_same(one, input)) {
            return None;
        }
        self.pending.take(self.edges[input].as_ref()?.id(), grad.shape_ref())
    }

    /// # Panics
    /// When something was added: the general rule, which is used instead, would add it again.
    #[inline]
    pub(crate) fn check_untouched(&self) {
        if self.grads.iter().any(Option::is_some) {
            panic!("{}: backward_fused returned Err after it had added to a gradient; return it before", self.name);
        }
    }
}

/// What a rule has already added to an input.
#[cold]
fn add_before<T: Element>(sum: &mut Option<Gradient<T>>, before: Gradient<T>) {
    *sum = sum.take().map(|grad| before.plus(grad));
}
