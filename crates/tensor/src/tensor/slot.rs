//! What all handles of one tensor share: the value and the place in the graph, behind a lock that no user code runs under.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Tensor;
use crate::array::Array;
use crate::element::Element;
use crate::error::Error;
use crate::grad_mode;
use crate::node::{Edge, Leaf, lock};
use crate::shape::{Shape, same};

/// What all handles of one tensor share.
pub(super) struct Slot<T: Element> {
    /// Never changes, so that it can be read without the lock.
    pub(super) shape: Shape,
    pub(super) state: Mutex<State<T>>,
}

pub(super) struct State<T: Element> {
    /// `None` while [`Tensor::update_`] has lent the elements, and in a [`Vacant`] slot.
    value: Option<Array<T>>,
    pub(super) place: Place<T>,
}

/// The place of a tensor in the graph.
pub(super) enum Place<T: Element> {
    /// A value without history.
    Outside,
    /// Where gradients arrive.
    Leaf(Arc<Leaf<T>>),
    /// The output of a recorded operation.
    Result(Edge<T>),
}

/// The slot of a tensor that was given away by its last handle: the next tensor may move in.
pub(crate) struct Vacant<T: Element>(Tensor<T>);

impl<T: Element> Place<T> {
    /// The way for a gradient, if this place wants one.
    #[inline]
    fn edge(&self) -> Option<Edge<T>> {
        match self {
            Place::Leaf(leaf) if leaf.requires_grad() => Some(Arc::clone(leaf) as Edge<T>),
            Place::Result(edge) => Some(Arc::clone(edge)),
            _ => None,
        }
    }

    #[inline]
    fn into_edge(self) -> Option<Edge<T>> {
        match self {
            Place::Leaf(leaf) if leaf.requires_grad() => Some(leaf),
            Place::Result(edge) => Some(edge),
            _ => None,
        }
    }
}

impl<T: Element> Tensor<T> {
    /// A tensor, in the slot of one that is gone if there is one.
    #[inline]
    pub(super) fn new_slot(value: Array<T>, place: Place<T>, vacant: Option<Vacant<T>>) -> Self {
        if let Some(Vacant(mut tensor)) = vacant
            && let Some(slot) = Arc::get_mut(&mut tensor.0)
        {
            if !same(&slot.shape, value.shape()) {
                slot.shape = value.shape().into();
            }
            *slot.state.get_mut().unwrap_or_else(PoisonError::into_inner) = State { value: Some(value), place };
            return tensor;
        }
        let shape = value.shape().into();
        Tensor(Arc::new(Slot { shape, state: Mutex::new(State { value: Some(value), place }) }))
    }

    /// A tensor without history from bare values.
    #[inline]
    pub fn from_array(value: Array<T>) -> Self {
        Tensor::new_slot(value, Place::Outside, None)
    }

    /// A tensor without history, in the slot of one that is gone if there is one.
    #[inline]
    pub(crate) fn outside(value: Array<T>, vacant: Option<Vacant<T>>) -> Self {
        Tensor::new_slot(value, Place::Outside, vacant)
    }

    /// The output of a recorded operation, in the slot of a tensor that is gone if there is one.
    #[inline]
    pub(crate) fn result(value: Array<T>, edge: Edge<T>, vacant: Option<Vacant<T>>) -> Self {
        Tensor::new_slot(value, Place::Result(edge), vacant)
    }

    /// A saved value as a tensor: with the identity of the tensor it was, when a graph is being recorded.
    pub(crate) fn unpacked(value: Array<T>, edge: Option<&Edge<T>>) -> Self {
        match edge {
            Some(edge) if grad_mode::is_enabled() => Tensor::result(value, Arc::clone(edge), None),
            _ => Tensor::from_array(value),
        }
    }

    /// The value and the way for a gradient, without a copy of numbers.
    #[inline]
    #[track_caller]
    pub(crate) fn parts(&self) -> (Array<T>, Option<Edge<T>>) {
        let state = lock(&self.0.state);
        if let Some(value) = &state.value {
            return (value.clone(), state.place.edge());
        }
        refuse_lent(state)
    }

    /// As [`Tensor::parts`], giving up this handle: if it was the last, nobody else holds the buffer, and the slot is free.
    #[inline]
    #[track_caller]
    pub(crate) fn into_parts(mut self, vacant: &mut Option<Vacant<T>>) -> (Array<T>, Option<Edge<T>>) {
        let Some(slot) = Arc::get_mut(&mut self.0) else { return self.parts() };
        let state = slot.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let value = state.value.take().unwrap_or_else(|| Error::Lent.raise());
        let edge = mem::replace(&mut state.place, Place::Outside).into_edge();
        *vacant = Some(Vacant(self));
        (value, edge)
    }

    /// The value, giving up this handle; its slot as [`Tensor::into_parts`] does.
    #[inline]
    #[track_caller]
    pub(crate) fn into_array(self, vacant: &mut Option<Vacant<T>>) -> Array<T> {
        self.into_parts(vacant).0
    }

    /// The values at this moment.
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

    /// The way for a gradient, if this tensor requires one.
    pub(crate) fn edge(&self) -> Option<Edge<T>> {
        lock(&self.0.state).place.edge()
    }

    /// Another tensor with this value and this place in the graph.
    #[track_caller]
    pub(crate) fn snapshot(&self) -> Self {
        let state = lock(&self.0.state);
        let place = match &state.place {
            Place::Outside => Place::Outside,
            Place::Leaf(leaf) => Place::Leaf(Arc::clone(leaf)),
            Place::Result(edge) => Place::Result(Arc::clone(edge)),
        };
        let Some(value) = state.value.clone() else { refuse_lent(state) };
        drop(state);
        Tensor::new_slot(value, place, None)
    }

    /// Replaces the value in place by `change`.
    ///
    /// # Panics
    /// When the tensor is tracked and grad mode is on, or when it is a view.
    #[track_caller]
    pub(crate) fn change(&self, op: &'static str, change: impl FnOnce(&mut Array<T>)) {
        let mut state = self.changeable(op);
        let Some(value) = &mut state.value else { refuse_lent(state) };
        change(value);
    }

    /// Takes the value out, to be given back by [`Tensor::give_back`]; nobody can read it meanwhile.
    #[track_caller]
    pub(crate) fn lend(&self, op: &'static str) -> Array<T> {
        let mut state = self.changeable(op);
        let Some(value) = state.value.take() else { refuse_lent(state) };
        value
    }

    pub(crate) fn give_back(&self, value: Array<T>) {
        lock(&self.0.state).value = Some(value);
    }

    /// What is behind the lock, of a tensor that may be written to.
    #[track_caller]
    fn changeable(&self, op: &'static str) -> MutexGuard<'_, State<T>> {
        let state = lock(&self.0.state);
        let tracked = match &state.place {
            Place::Outside => None,
            Place::Leaf(leaf) => leaf.requires_grad().then_some("is a leaf that requires a gradient"),
            Place::Result(_) => Some("is part of a graph"),
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

/// The lock is released first: what a program does when it panics may read tensors.
#[cold]
#[track_caller]
fn refuse_lent<T: Element>(state: MutexGuard<'_, State<T>>) -> ! {
    drop(state);
    Error::Lent.raise()
}
