//! The nodes of the graph: how a tensor was computed.
//!
//! A recorded operation holds edges to the nodes of its inputs and the values it declared to save, and never its
//! output tensor. A leaf is a node as well: its backward step adds to `.grad`.

mod leaf;

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::array::Array;
use crate::autograd::backward::{Pass, PendingSums, Request};
use crate::autograd::grad_mode;
use crate::autograd::gradient::Gradient;
use crate::autograd::hook::GradMeta;
use crate::autograd::observe::{self, Event, Passed};
use crate::autograd::op::{Arity, InputGrads, Many, Op, Saved};
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::shape::{Packed, Shape};
use downhill_kernels::error::Error;
use downhill_kernels::lock::lock;

pub(crate) use leaf::Leaf;

/// A shared reference to a node: how a tensor was computed, and where its gradient goes.
pub(crate) type NodeRef<T> = Arc<dyn Node<T>>;

/// A node of the graph, to which a gradient can flow.
pub(crate) trait Node<T: Element>: Send + Sync {
    /// The creation number: larger than that of every input.
    fn id(&self) -> u64;

    /// The shape of the output, and so of its gradient.
    fn shape(&self) -> Shape;

    /// Whether the output has this shape.
    fn has_shape(&self, shape: &Shape) -> bool;

    /// The name of the operation.
    fn name(&self) -> &'static str;

    /// Whether this is a leaf.
    fn is_leaf(&self) -> bool;

    /// The nodes of the inputs that require a gradient; `None` if an earlier pass freed them.
    fn inputs(&self) -> Option<Vec<NodeRef<T>>>;

    /// Takes the complete gradient of this node and passes on the gradients of its inputs.
    fn step(&self, this: &NodeRef<T>, grad: Gradient<T>, pass: &mut Pass<'_, T>) -> Result<(), Error>;

    /// Drops this reference. If it was the last, the edges of the node are moved to the list instead of being dropped
    /// recursively.
    fn take_edges(self: Arc<Self>, edges: &mut Vec<NodeRef<T>>);

    /// Hooks, `.grad` and the name of the output tensor, if it has any.
    fn grad_meta(&self) -> Option<Arc<GradMeta<T>>>;

    /// As [`Node::grad_meta`], created by the first call.
    fn grad_meta_or_insert(&self) -> Arc<GradMeta<T>>;

    /// The operation, to be computed again with other inputs; `None` for a leaf.
    fn operation(&self) -> Option<&dyn Operation<T>>;
}

/// A recorded operation, behind a type-erased interface.
pub(crate) trait Operation<T: Element> {
    /// The output for these inputs.
    fn recompute(&self, inputs: &[Array<T>]) -> Array<T>;

    /// The gradient of one input by the backward rule, given the gradient of the output.
    fn backward(&self, grad: Tensor<T>, input: usize, inputs: &[Array<T>], output: &Array<T>) -> Option<Tensor<T>>;
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

fn next_id() -> u64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// An operation that was applied to tensors of which at least one requires a gradient.
pub(crate) struct OpNode<T: Element, O: Op<T>> {
    id: u64,
    shape: Packed,
    op: O,
    state: Mutex<State<T, O::Arity>>,
}

struct State<T: Element, A: Arity> {
    grad_meta: Option<Arc<GradMeta<T>>>,
    /// The saved values and edges; `None` after a backward pass has freed them.
    saved_state: Option<SavedState<T, A>>,
}

struct SavedState<T: Element, A: Arity> {
    edges: Many<A, Option<NodeRef<T>>>,
    inputs: Many<A, Option<Array<T>>>,
    output: Option<Array<T>>,
}

impl<T: Element, A: Arity> SavedState<T, A> {
    fn snapshot(&self) -> Self {
        let count = self.edges.as_ref().len();
        SavedState {
            edges: A::from_fn(count, |input| self.edges.as_ref()[input].clone()),
            inputs: A::from_fn(count, |input| self.inputs.as_ref()[input].clone()),
            output: self.output.clone(),
        }
    }
}

impl<T: Element, O: Op<T>> OpNode<T, O> {
    #[inline]
    pub(crate) fn make(
        op: O,
        shape: &Shape,
        edges: Many<O::Arity, Option<NodeRef<T>>>,
        inputs: Many<O::Arity, Option<Array<T>>>,
        output: Option<Array<T>>,
    ) -> Arc<Self> {
        let state = State { grad_meta: None, saved_state: Some(SavedState { edges, inputs, output }) };
        Arc::new(OpNode { id: next_id(), shape: shape.into(), op, state: Mutex::new(state) })
    }

    /// Computes the gradients of the inputs by the backward rule; if the operation broadcasts, they have the shape of
    /// the output.
    #[inline]
    fn input_grads(
        &self,
        grad: Gradient<T>,
        saved: &Saved<'_, T>,
        pending: &mut PendingSums<T>,
        grads: &mut [Option<Gradient<T>>],
    ) {
        let grad = match grad_mode::is_enabled() {
            true => grad.into_tensor(),
            false => {
                let mut slot = None;
                let values = grad.take_array(&mut slot);
                let mut into = InputGrads::new(saved, pending, grads);
                let Err(values) = self.op.backward_fused(values, saved, &mut into) else { return };
                into.check_untouched();
                Tensor::computed(values, None, slot.and_then(Tensor::into_vacated))
            }
        };
        for (out, grad) in grads.iter_mut().zip(self.op.backward(grad, saved)) {
            *out = grad.map(Gradient::Tensor);
        }
    }
}

impl<T: Element, O: Op<T>> Node<T> for OpNode<T, O> {
    fn id(&self) -> u64 {
        self.id
    }

    fn shape(&self) -> Shape {
        self.shape.shape()
    }

    fn has_shape(&self, shape: &Shape) -> bool {
        self.shape.is(shape)
    }

    fn name(&self) -> &'static str {
        O::NAME
    }

    fn is_leaf(&self) -> bool {
        false
    }

    fn inputs(&self) -> Option<Vec<NodeRef<T>>> {
        let edges =
            |saved_state: &SavedState<T, O::Arity>| saved_state.edges.as_ref().iter().flatten().cloned().collect();
        lock(&self.state).saved_state.as_ref().map(edges)
    }

    fn step(&self, this: &NodeRef<T>, grad: Gradient<T>, pass: &mut Pass<'_, T>) -> Result<(), Error> {
        let ends = pass.request.ends_at(self.id);
        let mut state = lock(&self.state);
        let grad_meta = state.grad_meta.clone();
        let keep = pass.request.retain_graph || ends;
        let mut saved_state =
            if keep { state.saved_state.as_ref().map(SavedState::snapshot) } else { state.saved_state.take() };
        drop(state);
        let grad = match grad_meta {
            Some(grad_meta) if pass.request.retains => grad_meta.observe(grad)?,
            Some(grad_meta) => grad_meta.run_hooks(grad)?,
            None => grad,
        };
        pass.capture(self.id, &grad);
        if ends {
            return Ok(());
        }
        let Some(saved_state) = &mut saved_state else { return Err(Error::Freed { op: O::NAME }) };
        let edges = saved_state.edges.as_ref();
        let inputs = Cell::from_mut(saved_state.inputs.as_mut()).as_slice_of_cells();
        let output = saved_state.output.as_ref();
        let saved = Saved { edges, inputs, output, node: this, request: &pass.request, name: O::NAME };
        let mut passed = pass.request.observed.then(|| Box::new(Passed::operation::<T, O>(self.id, &grad)));
        let mut grads = O::Arity::from_fn(edges.len(), |_| None);
        self.input_grads(grad, &saved, &mut pass.pending, grads.as_mut());
        for (position, (edge, grad)) in saved_state.edges.as_mut().iter_mut().zip(grads.as_mut()).enumerate() {
            let (Some(edge), Some(grad)) = (edge.take(), grad.take()) else { continue };
            let fits = edge.has_shape(grad.shape());
            let grad = match fits {
                true => grad,
                false if O::BROADCASTS => grad.sum_to(&edge),
                false => {
                    let (given, expected) = (grad.shape().to_vec(), edge.shape().to_vec());
                    return Err(Error::GradientShape { op: O::NAME, given, expected });
                }
            };
            if let Some(passed) = &mut passed {
                passed.hand_on(position, edge.id(), &grad, !fits);
            }
            pass.add(edge, grad);
        }
        passed.map_or(Ok(()), |passed| observe::tell(&Event::Passed(&passed)))
    }

    fn take_edges(self: Arc<Self>, edges: &mut Vec<NodeRef<T>>) {
        if let Some(mut last) = Arc::into_inner(self) {
            last.move_edges(edges);
        }
    }

    fn grad_meta(&self) -> Option<Arc<GradMeta<T>>> {
        lock(&self.state).grad_meta.clone()
    }

    fn grad_meta_or_insert(&self) -> Arc<GradMeta<T>> {
        Arc::clone(lock(&self.state).grad_meta.get_or_insert_with(|| Arc::new(GradMeta::new(false))))
    }

    fn operation(&self) -> Option<&dyn Operation<T>> {
        Some(self)
    }
}

impl<T: Element, O: Op<T>> Operation<T> for OpNode<T, O> {
    fn recompute(&self, inputs: &[Array<T>]) -> Array<T> {
        self.op.recompute(O::Arity::from_fn(inputs.len(), |input| inputs[input].clone()))
    }

    fn backward(&self, grad: Tensor<T>, input: usize, inputs: &[Array<T>], output: &Array<T>) -> Option<Tensor<T>> {
        let (edges, mut saved, node) = detached_rule_inputs(input, inputs, output);
        let saved = Cell::from_mut(saved.as_mut_slice()).as_slice_of_cells();
        let request = Request::of_one_rule();
        let (edges, output) = (&edges, Some(output));
        let saved = Saved { edges, inputs: saved, output, node: &node, request: &request, name: O::NAME };
        let grad = self.op.backward(grad, &saved).as_mut()[input].take()?;
        Some(if O::BROADCASTS { grad.sum_to(inputs[input].shape_ref()) } else { grad })
    }
}

/// The edges, saved inputs and node for a backward rule outside a pass. The inputs are new leaves, so that nothing
/// leads into the recorded graph.
#[allow(clippy::type_complexity)]
fn detached_rule_inputs<T: Element>(
    input: usize,
    inputs: &[Array<T>],
    output: &Array<T>,
) -> (Vec<Option<NodeRef<T>>>, Vec<Option<Array<T>>>, NodeRef<T>) {
    let leaf = |values: &Array<T>| Arc::new(Leaf::new(values.shape_ref(), true)) as NodeRef<T>;
    let edges = (0..inputs.len()).map(|other| (other == input).then(|| leaf(&inputs[other]))).collect();
    (edges, inputs.iter().cloned().map(Some).collect(), leaf(output))
}

impl<T: Element, O: Op<T>> OpNode<T, O> {
    fn move_edges(&mut self, edges: &mut Vec<NodeRef<T>>) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(saved_state) = state.saved_state.take() {
            edges.extend(saved_state.edges.into_iter().flatten());
        }
    }
}

/// Drops a graph of any depth without recursion. Dropping an edge can drop a node, which drops its own edges, and so
/// on, one stack frame for each. Instead, the first dropped node collects the edges of all nodes that it alone keeps
/// alive and drops them in a loop.
impl<T: Element, O: Op<T>> Drop for OpNode<T, O> {
    fn drop(&mut self) {
        let mut doomed = Vec::new();
        self.move_edges(&mut doomed);
        while let Some(edge) = doomed.pop() {
            edge.take_edges(&mut doomed);
        }
    }
}
