//! The tensor: a cheap handle to a value, its gradient and its place in the graph.
//!
//! `clone()` is the same tensor: what is written through one handle is seen through the other. [`Tensor::copy`] is a new
//! one. [`Tensor::detach`] and [`Tensor::grad`] are snapshots: they keep the numbers of this moment.

mod gradient;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::Dimension;

use crate::array::Array;
use crate::display::write_tensor;
use crate::element::{Element, Kind};
use crate::error::{Error, OrRaise};
use crate::grad_mode;
use crate::node::{Edge, Leaf, lock};
use crate::op::{Operand, apply};
use crate::ops::add::Add;
use crate::shape::{Shape, broadcast};

/// An n-dimensional array of numbers that can remember how it was computed.
///
/// ```
/// use downhill_tensor::Tensor;
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).requires_grad_(true);
/// let loss = (&x * &x).sum();
/// loss.backward();
/// assert_eq!(x.grad().unwrap().to_vec(), [2.0, 4.0, 6.0, 8.0]);
/// ```
pub struct Tensor<T: Element = f32>(Arc<Slot<T>>);

/// What all handles of one tensor share.
struct Slot<T: Element> {
    /// Never changes, so that it can be read without the lock.
    shape: Shape,
    state: Mutex<State<T>>,
}

struct State<T: Element> {
    value: Array<T>,
    place: Place<T>,
}

/// The place of a tensor in the graph.
enum Place<T: Element> {
    /// A value without history.
    Outside,
    /// Where gradients arrive.
    Leaf(Arc<Leaf<T>>),
    /// The output of a recorded operation.
    Result(Edge<T>),
}

impl<T: Element> Place<T> {
    /// The way for a gradient, if this place wants one.
    fn edge(&self) -> Option<Edge<T>> {
        match self {
            Place::Leaf(leaf) if leaf.requires_grad() => Some(Arc::clone(leaf) as Edge<T>),
            Place::Result(edge) => Some(Arc::clone(edge)),
            _ => None,
        }
    }

    fn into_edge(self) -> Option<Edge<T>> {
        match self {
            Place::Leaf(leaf) if leaf.requires_grad() => Some(leaf),
            Place::Result(edge) => Some(edge),
            _ => None,
        }
    }
}

impl<T: Element> Clone for Tensor<T> {
    fn clone(&self) -> Self {
        Tensor(Arc::clone(&self.0))
    }
}

impl<T: Element> Tensor<T> {
    #[inline]
    fn new_slot(value: Array<T>, place: Place<T>) -> Self {
        let shape = value.shape_owned();
        Tensor(Arc::new(Slot { shape, state: Mutex::new(State { value, place }) }))
    }

    /// A tensor without history from bare values.
    #[inline]
    pub fn from_array(value: Array<T>) -> Self {
        Tensor::new_slot(value, Place::Outside)
    }

    /// The output of a recorded operation.
    #[inline]
    pub(crate) fn result(value: Array<T>, edge: Edge<T>) -> Self {
        Tensor::new_slot(value, Place::Result(edge))
    }

    /// A saved value as a tensor: with the identity of the tensor it was, when a graph is being recorded.
    pub(crate) fn unpacked(value: Array<T>, edge: Option<&Edge<T>>) -> Self {
        match edge {
            Some(edge) if grad_mode::is_enabled() => Tensor::result(value, Arc::clone(edge)),
            _ => Tensor::from_array(value),
        }
    }

    /// The value and the way for a gradient, without a copy of numbers.
    #[inline]
    pub(crate) fn parts(&self) -> (Array<T>, Option<Edge<T>>) {
        let state = lock(&self.0.state);
        (state.value.clone(), state.place.edge())
    }

    /// As [`Tensor::parts`], giving up this handle: if it was the last, nobody else holds the buffer.
    #[inline]
    pub(crate) fn into_parts(self) -> (Array<T>, Option<Edge<T>>) {
        match Arc::try_unwrap(self.0) {
            Ok(slot) => {
                let State { value, place } = slot.state.into_inner().unwrap_or_else(PoisonError::into_inner);
                (value, place.into_edge())
            }
            Err(shared) => Tensor(shared).parts(),
        }
    }

    /// The value, giving up this handle.
    #[inline]
    pub(crate) fn into_array(self) -> Array<T> {
        match Arc::try_unwrap(self.0) {
            Ok(slot) => slot.state.into_inner().unwrap_or_else(PoisonError::into_inner).value,
            Err(shared) => Tensor(shared).array(),
        }
    }

    /// The values at this moment.
    #[inline]
    pub fn array(&self) -> Array<T> {
        lock(&self.0.state).value.clone()
    }

    /// The way for a gradient, if this tensor requires one.
    pub(crate) fn edge(&self) -> Option<Edge<T>> {
        lock(&self.0.state).place.edge()
    }

    /// Another tensor with this value and this place in the graph.
    pub(crate) fn snapshot(&self) -> Self {
        let state = lock(&self.0.state);
        let place = match &state.place {
            Place::Outside => Place::Outside,
            Place::Leaf(leaf) => Place::Leaf(Arc::clone(leaf)),
            Place::Result(edge) => Place::Result(Arc::clone(edge)),
        };
        Tensor::new_slot(state.value.clone(), place)
    }

    /// The sum with another gradient, in place where nobody else holds this one.
    pub(crate) fn plus(self, other: Self) -> Self {
        apply(Add, [Operand::Given(self), Operand::Given(other)])
    }

    /// The size of each dimension.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.0.shape.slice()
    }

    /// The number of dimensions.
    pub fn ndim(&self) -> usize {
        self.0.shape.ndim()
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.0.shape.size()
    }

    /// The type of the elements.
    pub fn kind(&self) -> Kind {
        T::KIND
    }

    /// Whether two handles are the same tensor.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let a = Tensor::zeros([2]);
    /// assert!(a.is(&a.clone()) && !a.is(&a.copy()));
    /// ```
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A new tensor without history that has this value. Later changes of either are not seen by the other.
    pub fn detach(&self) -> Self {
        Tensor::from_array(self.array())
    }

    /// Whether an operation on this tensor is recorded when grad mode is on.
    pub fn requires_grad(&self) -> bool {
        match &lock(&self.0.state).place {
            Place::Outside => false,
            Place::Leaf(leaf) => leaf.requires_grad(),
            Place::Result(_) => true,
        }
    }

    /// Whether this tensor is not the output of a recorded operation.
    pub fn is_leaf(&self) -> bool {
        !matches!(lock(&self.0.state).place, Place::Result(_))
    }

    /// The name of the operation that made this tensor, if it was recorded.
    pub fn grad_fn(&self) -> Option<&'static str> {
        match &lock(&self.0.state).place {
            Place::Result(edge) => Some(edge.name()),
            _ => None,
        }
    }

    /// Replaces the value in place by `change`.
    ///
    /// # Panics
    /// When the tensor is tracked and grad mode is on, or when it is a view.
    #[track_caller]
    pub(crate) fn change(&self, op: &'static str, change: impl FnOnce(&mut Array<T>)) {
        let mut state = lock(&self.0.state);
        let refusal = if grad_mode::is_enabled() && state.place.edge().is_some() {
            let leaf = matches!(state.place, Place::Leaf(_));
            Some(Error::InPlace {
                op,
                why: if leaf { "is a leaf that requires a gradient" } else { "is part of a graph" },
            })
        } else if state.value.is_view() {
            Some(Error::WriteToView { op, shape: self.shape().to_vec() })
        } else {
            None
        };
        if let Some(error) = refusal {
            drop(state);
            error.raise();
        }
        change(&mut state.value);
    }

    /// Hands the elements in row-major order to `f` to be changed in place: one pass where operations would take several.
    ///
    /// No lock is held while `f` runs. It must not use this tensor, which holds no elements meanwhile.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from([1.0, 2.0, 3.0]);
    /// w.update_(|values| values.reverse());
    /// assert_eq!(w.to_vec(), [3.0, 2.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn update_(&self, f: impl FnOnce(&mut [T])) -> Self {
        /// Gives the values back, also when `f` panics.
        struct Lent<'a, T: Element>(&'a Tensor<T>, Array<T>);
        impl<T: Element> Drop for Lent<'_, T> {
            fn drop(&mut self) {
                std::mem::swap(&mut lock(&self.0.0.state).value, &mut self.1);
            }
        }
        let mut values = Array::full([0], T::default());
        self.change("update_", |own| std::mem::swap(own, &mut values));
        f(Lent(self, values).1.slice_mut());
        self.clone()
    }

    /// Panics unless `shape` broadcasts to the shape of this tensor.
    #[track_caller]
    pub(crate) fn check_fits(&self, op: &'static str, shape: &[usize]) {
        let joint = broadcast(op, self.shape(), shape).or_raise();
        if joint.slice() != self.shape() {
            Error::InPlaceShape { op, left: self.shape().to_vec(), right: joint.slice().to_vec() }.raise();
        }
    }
}

impl<T: Element> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor<{}>{:?}", T::KIND, self.shape())
    }
}

/// The text that `str(torch.tensor(...))` gives in PyTorch, with downhill's names of types and operations.
impl<T: Element> fmt::Display for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut suffixes = Vec::new();
        if let Some(name) = self.grad_fn() {
            suffixes.push(format!("grad_fn=<{name}>"));
        } else if self.requires_grad() {
            suffixes.push("requires_grad=True".to_owned());
        }
        write_tensor(f, self.array().view(), &suffixes)
    }
}
