//! The state shared by all handles of a tensor: its value and its role in the graph, behind a lock that is never held
//! while user code runs.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Tensor;
use crate::array::Array;
use crate::autograd::grad_mode;
use crate::autograd::hook::GradOwner;
use crate::autograd::node::{Leaf, Node, NodeRef};
use crate::autograd::observe::{Note, note};
use crate::base::element::Element;
use crate::base::shape::Shape;
use downhill_kernels::carry::{carrying, raise_or_carry};
use downhill_kernels::error::Error;
use downhill_kernels::lock::lock;

/// The state shared by all handles of a tensor.
pub(super) struct Slot<T: Element> {
    /// Never changes, so it can be read without the lock.
    pub(super) shape: Shape,
    pub(super) state: Mutex<State<T>>,
}

pub(super) struct State<T: Element> {
    /// `None` while the closure of [`Tensor::update_`] has the elements, and after [`Tensor::take_parts`] has taken
    /// them.
    value: Option<Array<T>>,
    pub(super) role: GraphRole<T>,
}

/// The role of a tensor in the graph.
#[derive(Clone)]
pub(super) enum GraphRole<T: Element> {
    /// A value outside the graph.
    Outside,
    /// A leaf, where gradients arrive. The owner is stored for its `Drop`.
    Leaf(Arc<Leaf<T>>, #[allow(dead_code)] GradOwner<T>),
    /// The output of a recorded operation.
    Result(NodeRef<T>),
    /// The output of a recorded operation whose gradient is stored. Boxed, so that the other variants stay small.
    Retained(Box<(NodeRef<T>, GradOwner<T>)>),
}

impl<T: Element> GraphRole<T> {
    /// The node that gets the gradient, if this role requires one.
    #[inline]
    fn edge(&self) -> Option<NodeRef<T>> {
        match self {
            GraphRole::Leaf(leaf, _) if leaf.requires_grad() => Some(Arc::clone(leaf) as NodeRef<T>),
            GraphRole::Result(edge) => Some(Arc::clone(edge)),
            GraphRole::Retained(kept) => Some(Arc::clone(&kept.0)),
            _ => None,
        }
    }

    /// The role of a leaf.
    pub(super) fn leaf(leaf: Arc<Leaf<T>>) -> Self {
        let owner = GradOwner::of(leaf.grad_meta_or_insert());
        GraphRole::Leaf(leaf, owner)
    }

    /// The node of the operation that made the tensor, if it was recorded.
    pub(super) fn result(&self) -> Option<&NodeRef<T>> {
        match self {
            GraphRole::Outside | GraphRole::Leaf(..) => None,
            GraphRole::Result(edge) => Some(edge),
            GraphRole::Retained(kept) => Some(&kept.0),
        }
    }
}

impl<T: Element> Tensor<T> {
    /// A tensor outside the graph, from bare values.
    #[inline]
    pub fn from_array(value: Array<T>) -> Self {
        Tensor::with_role(value, GraphRole::Outside)
    }

    #[inline]
    pub(super) fn with_role(value: Array<T>, role: GraphRole<T>) -> Self {
        let shape = value.shape_owned();
        Tensor(triomphe::Arc::new(Slot { shape, state: Mutex::new(State { value: Some(value), role }) }))
    }

    /// The output of an operation, with its node if it was recorded. Reuses a vacated slot if there is one.
    #[inline]
    pub(crate) fn computed(value: Array<T>, edge: Option<NodeRef<T>>, vacated: Option<Tensor<T>>) -> Self {
        let role = edge.map_or(GraphRole::Outside, GraphRole::Result);
        let Some(mut tensor) = vacated else { return Tensor::with_role(value, role) };
        let Some(slot) = triomphe::Arc::get_mut(&mut tensor.0) else { return Tensor::with_role(value, role) };
        if slot.shape != *value.shape_ref() {
            slot.shape = value.shape_owned();
        }
        let state = slot.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.value = Some(value);
        state.role = role;
        tensor
    }

    /// A saved value as a tensor: attached to its original node if a graph is being recorded.
    pub(crate) fn unpacked(value: Array<T>, edge: Option<&NodeRef<T>>) -> Self {
        match edge {
            Some(edge) if grad_mode::is_enabled() => Tensor::computed(value, Some(Arc::clone(edge)), None),
            _ => Tensor::from_array(value),
        }
    }

    /// The value, without copying elements; the node that gets its gradient is written to `edge`.
    ///
    /// They are not returned as a pair, which would cause a store-forwarding stall.
    #[inline]
    #[track_caller]
    pub(crate) fn parts(&self, edge: &mut Option<NodeRef<T>>) -> Array<T> {
        let state = lock(&self.0.state);
        if let Some(value) = &state.value {
            *edge = state.role.edge();
            return value.clone();
        }
        refuse_lent(state)
    }

    /// As [`Tensor::parts`]; if this is the last handle the value is taken out, so that the buffer is not shared,
    /// and the slot is [vacated](Tensor::into_vacated).
    #[inline]
    #[track_caller]
    pub(crate) fn take_parts(&mut self, edge: &mut Option<NodeRef<T>>) -> Array<T> {
        if let Some(slot) = triomphe::Arc::get_mut(&mut self.0) {
            let state = slot.state.get_mut().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = state.value.take() {
                match mem::replace(&mut state.role, GraphRole::Outside) {
                    GraphRole::Result(way) => *edge = Some(way),
                    GraphRole::Leaf(leaf, _) if leaf.requires_grad() => *edge = Some(leaf),
                    GraphRole::Retained(kept) => *edge = Some(Arc::clone(&kept.0)),
                    _ => {}
                }
                return value;
            }
        }
        self.parts(edge)
    }

    /// The handle, if its value was taken out of the slot, so that another tensor can reuse the slot.
    #[inline]
    pub(crate) fn into_vacated(mut self) -> Option<Self> {
        let slot = triomphe::Arc::get_mut(&mut self.0)?;
        let is_vacated = slot.state.get_mut().unwrap_or_else(PoisonError::into_inner).value.is_none();
        is_vacated.then_some(self)
    }

    /// A snapshot of the values.
    ///
    /// # Panics
    /// Inside the closure of [`Tensor::update_`], to which the values are lent.
    #[inline]
    #[track_caller]
    pub fn array(&self) -> Array<T> {
        let state = lock(&self.0.state);
        if let Some(value) = &state.value {
            return value.clone();
        }
        refuse_lent(state)
    }

    /// The node that gets the gradient, if this tensor requires one.
    pub(crate) fn edge(&self) -> Option<NodeRef<T>> {
        lock(&self.0.state).role.edge()
    }

    /// The number that identifies this tensor to observers; in-place changes do not affect it.
    pub(crate) fn id(&self) -> u64 {
        self.node().id()
    }

    /// The node of this tensor; a tensor outside the graph becomes a leaf that requires no gradient.
    pub(super) fn node(&self) -> NodeRef<T> {
        let mut state = lock(&self.0.state);
        match &state.role {
            GraphRole::Leaf(leaf, _) => Arc::clone(leaf) as NodeRef<T>,
            GraphRole::Result(edge) => Arc::clone(edge),
            GraphRole::Retained(kept) => Arc::clone(&kept.0),
            GraphRole::Outside => {
                let leaf = Arc::new(Leaf::new(&self.0.shape, false));
                state.role = GraphRole::leaf(Arc::clone(&leaf));
                leaf
            }
        }
    }

    /// Another tensor with this value and this role in the graph.
    #[track_caller]
    pub(crate) fn snapshot(&self) -> Self {
        let state = lock(&self.0.state);
        let role = state.role.clone();
        let Some(value) = state.value.clone() else { refuse_lent(state) };
        drop(state);
        Tensor::with_role(value, role)
    }

    /// Replaces the value in place by `change`.
    ///
    /// # Panics
    /// When the tensor is tracked and grad mode is on, or when it is a view.
    #[track_caller]
    pub(crate) fn change(&self, op: &'static str, change: impl FnOnce(&mut Array<T>)) {
        let mut state = self.changeable(op);
        let Some(value) = &mut state.value else { refuse_lent(state) };
        // A shared buffer is copied first. If that fails for lack of memory, the lock is released before the error is
        // raised.
        if !value.is_held_once()
            && let Err(error) = carrying(|| value.slice_mut().len())
        {
            drop(state);
            raise_or_carry(error);
        }
        change(value);
        drop(state);
        note(|| Note::Changed { id: self.id(), op });
    }

    /// Takes the value out until [`Tensor::give_back`] returns it; in between it cannot be read.
    #[track_caller]
    pub(crate) fn lend(&self, op: &'static str) -> Array<T> {
        let mut state = self.changeable(op);
        let Some(value) = state.value.take() else { refuse_lent(state) };
        value
    }

    pub(crate) fn give_back(&self, value: Array<T>) {
        lock(&self.0.state).value = Some(value);
    }

    /// Locks the tensor for writing, after checking that it may be written to.
    #[track_caller]
    fn changeable(&self, op: &'static str) -> MutexGuard<'_, State<T>> {
        let state = lock(&self.0.state);
        let tracked = match &state.role {
            GraphRole::Outside => None,
            GraphRole::Leaf(leaf, _) => leaf.requires_grad().then_some("is a leaf that requires a gradient"),
            GraphRole::Result(_) | GraphRole::Retained(_) => Some("is part of a graph"),
        };
        if let Some(why) = tracked.filter(|_| grad_mode::is_enabled()) {
            drop(state);
            Error::InPlace { op, why }.raise();
        }
        if state.value.as_ref().is_some_and(Array::is_view) {
            drop(state);
            Error::WriteToView { op, shape: self.shape().to_vec() }.raise();
        }
        state
    }
}

/// Releases the lock first: a panic hook may read tensors.
#[cold]
#[track_caller]
fn refuse_lent<T: Element>(state: MutexGuard<'_, State<T>>) -> ! {
    drop(state);
    Error::Lent.raise()
}

/// Refuses to write values that require a gradient where their graph would be lost.
#[track_caller]
pub(crate) fn check_keeps_gradient(op: &'static str, requires_grad: bool) {
    if requires_grad && grad_mode::is_enabled() {
        Error::InPlaceCutsGradient { op }.raise();
    }
}
