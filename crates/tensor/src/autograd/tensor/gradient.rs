//! Gradients of a tensor: asking for one, computing it, reading it, watching it; and the tensor's name.

use std::sync::Arc;

use super::Tensor;
use super::slot::GraphRole;
use crate::array::Array;
use crate::autograd::backward::Backward;
use crate::autograd::gradient::Gradient;
use crate::autograd::hook::{GradMeta, HookHandle, Name};
use crate::autograd::node::{Leaf, Node};
use crate::autograd::observe::{Note, note};
use crate::base::element::{Element, Float};
use downhill_kernels::caller;
use downhill_kernels::error::Error;
use downhill_kernels::lock::lock;

impl<T: Element> Tensor<T> {
    pub(super) fn grad_meta(&self) -> Option<Arc<GradMeta<T>>> {
        match &lock(&self.0.state).role {
            GraphRole::Outside => None,
            GraphRole::Leaf(leaf) => leaf.grad_meta(),
            GraphRole::Result(edge) => edge.grad_meta(),
        }
    }

    pub(super) fn grad_meta_or_insert(&self) -> Arc<GradMeta<T>> {
        self.node().grad_meta_or_insert()
    }

    /// Names this tensor for those who read a [`Tape`](crate::Tape), and returns the same tensor.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let w = Tensor::from([1.0, 2.0]).requires_grad_(true).named("w");
    /// let (_, tape) = Tape::record(|| w.square().sum());
    /// assert_eq!(tape.entries()[0].name(), Some("w"));
    /// ```
    #[track_caller]
    pub fn named(&self, name: &str) -> Self {
        self.grad_meta_or_insert().set_name(Name { text: name.into(), line: caller::line() });
        self.clone()
    }

    pub(crate) fn name(&self) -> Option<Name> {
        self.grad_meta()?.name()
    }
}

impl<T: Float> Tensor<T> {
    /// Says whether a gradient of this tensor is wanted, and returns the same tensor.
    ///
    /// # Panics
    /// When it is the result of a recorded operation, whose answer is fixed.
    #[track_caller]
    pub fn requires_grad_(&self, requires_grad: bool) -> Self {
        let mut state = lock(&self.0.state);
        let shape = &self.0.shape;
        match &state.role {
            GraphRole::Leaf(leaf) => leaf.set_requires_grad(requires_grad),
            GraphRole::Outside if requires_grad => state.role = GraphRole::Leaf(Arc::new(Leaf::new(shape, true))),
            GraphRole::Result(_) if !requires_grad => {
                drop(state);
                Error::NotALeaf { op: "requires_grad_", remedy: "use `detach()` to go on without its history" }.raise()
            }
            _ => {}
        }
        drop(state);
        self.clone()
    }

    /// The gradient that backward passes have summed up, as a snapshot; `None` before the first and after `zero_grad`.
    pub fn grad(&self) -> Option<Self> {
        note(|| Note::Read { id: self.id() });
        self.grad_meta()?.grad(Gradient::snapshot).map(Gradient::into_tensor)
    }

    /// The values of the gradient, as [`Tensor::array`] gives those of a tensor.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]).requires_grad_(true);
    /// assert!(x.grad_array().is_none());
    /// x.square().sum().backward();
    /// assert_eq!(x.grad_array().unwrap().to_vec(), [2.0, 4.0]);
    /// ```
    pub fn grad_array(&self) -> Option<Array<T>> {
        note(|| Note::Read { id: self.id() });
        self.grad_meta()?.grad(Gradient::array)
    }

    /// Replaces the gradient.
    ///
    /// # Panics
    /// When its shape is not that of the tensor.
    #[track_caller]
    pub fn set_grad(&self, grad: Option<Tensor<T>>) {
        if let Some(grad) = &grad
            && grad.shape() != self.shape()
        {
            let (given, expected) = (grad.shape().to_vec(), self.shape().to_vec());
            Error::GradientShape { op: "set_grad", given, expected }.raise();
        }
        let is_none = grad.is_none();
        self.grad_meta_or_insert().set_grad(grad.map(|grad| Gradient::Tensor(grad.snapshot())));
        note(|| if is_none { Note::Cleared { id: self.id() } } else { Note::Replaced { id: self.id() } });
    }

    /// Sets the gradient to none.
    pub fn zero_grad(&self) {
        if let Some(grad_meta) = self.grad_meta() {
            grad_meta.set_grad(None);
            note(|| Note::Cleared { id: self.id() });
        }
    }

    /// Keeps the gradient of an intermediate tensor in its `grad()`; leaves always do.
    ///
    /// # Panics
    /// When the tensor does not require a gradient.
    #[track_caller]
    pub fn retain_grad(&self) -> Self {
        if !self.requires_grad() {
            Error::NoGraph { op: "retain_grad" }.raise();
        }
        self.grad_meta_or_insert().retain();
        self.clone()
    }

    /// Calls `hook` with the gradient of this tensor in every backward pass, when it is summed over all consumers. What
    /// the hook returns replaces the gradient.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]).requires_grad_(true);
    /// let handle = x.register_hook(|grad| Some(grad.clamp(-1.0, 1.0)));
    /// (&x * 10).sum().backward();
    /// assert_eq!(x.grad().unwrap().to_vec(), [1.0, 1.0]);
    /// handle.remove();
    /// ```
    ///
    /// # Panics
    /// When the tensor does not require a gradient.
    #[track_caller]
    pub fn register_hook(
        &self,
        hook: impl Fn(&Tensor<T>) -> Option<Tensor<T>> + Send + Sync + 'static,
    ) -> HookHandle<T> {
        if !self.requires_grad() {
            Error::NoGraph { op: "register_hook" }.raise();
        }
        self.grad_meta_or_insert().add_hook(Arc::new(hook))
    }

    /// Computes the gradient of this scalar by every leaf that it depends on and adds it to their `.grad`.
    ///
    /// The graph is freed on the way; [`Backward`] has options to keep it.
    ///
    /// # Panics
    /// When this tensor has more than one element, does not require a gradient, or its graph was freed.
    #[track_caller]
    pub fn backward(&self) {
        Backward::of(self).run();
    }

    /// As [`Tensor::backward`] for a tensor of any shape, given the gradient of some scalar by each element.
    ///
    /// # Panics
    /// As [`Tensor::backward`], and when the shape of the seed differs.
    #[track_caller]
    pub fn backward_with(&self, seed: &Tensor<T>) {
        Backward::with(self, seed).run();
    }
}
