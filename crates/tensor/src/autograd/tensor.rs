//! The tensor: a cheap handle to a value, its gradient and its role in the graph.
//!
//! `clone()` is another handle to the same tensor and sees all its changes. [`Tensor::copy`] is a new tensor.
//! [`Tensor::detach`] and [`Tensor::grad`] are snapshots, unaffected by later changes.

mod gradient;
mod slot;

use std::fmt;
use triomphe::Arc;

use crate::autograd::observe;
use crate::autograd::op::{OpKind, Operand, apply};
use crate::base::element::{Element, Kind};
use crate::base::shape::{Shape, broadcast};
use crate::ops::add::Add;
use downhill_kernels::error::{Error, OrRaise};
use downhill_kernels::lock::lock;
/// The name of [`Tensor::detach`] for observers.
pub(crate) const DETACH: &str = "detach";

pub(crate) use slot::check_keeps_gradient;
use slot::{GraphRole, Slot};

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

impl<T: Element> Clone for Tensor<T> {
    fn clone(&self) -> Self {
        Tensor(Arc::clone(&self.0))
    }
}

impl<T: Element> Tensor<T> {
    /// The sum with another gradient, in place if this one is not shared.
    pub(crate) fn plus(self, other: Self) -> Self {
        apply(Add, [Operand::Owned(self), Operand::Owned(other)])
    }

    /// The size of each dimension.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.0.shape.slice()
    }

    #[inline]
    pub(crate) fn shape_ref(&self) -> &Shape {
        &self.0.shape
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

    /// A number shared by all handles of this tensor, and unique while one of them is alive: a key for sets and maps
    /// of tensors.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let a = Tensor::zeros([2]);
    /// let b = a.copy();
    /// assert!(a.address() == a.clone().address() && a.address() != b.address());
    /// ```
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// A new tensor with this value, detached from the graph. Later changes of one are not seen by the other.
    #[track_caller]
    pub fn detach(&self) -> Self {
        observe::without_gradient(DETACH, OpKind::View, &[self], Tensor::from_array(self.array()))
    }

    /// Whether an operation on this tensor is recorded when grad mode is on.
    pub fn requires_grad(&self) -> bool {
        match &lock(&self.0.state).role {
            GraphRole::Outside => false,
            GraphRole::Leaf(leaf, _) => leaf.requires_grad(),
            GraphRole::Result(_) | GraphRole::Retained(_) => true,
        }
    }

    /// Whether this tensor is not the output of a recorded operation.
    pub fn is_leaf(&self) -> bool {
        lock(&self.0.state).role.result().is_none()
    }

    /// The name of the operation that made this tensor, if it was recorded.
    pub fn grad_fn(&self) -> Option<&'static str> {
        lock(&self.0.state).role.result().map(|edge| edge.name())
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
