//! Gradients of a tensor: require, compute, read and hook them; and the tensor's name.

use std::sync::Arc;

use super::Tensor;
use super::slot::GraphRole;
use crate::array::Array;
use crate::autograd::backward::Backward;
use crate::autograd::gradient::Gradient;
use crate::autograd::hook::{GradMeta, GradOwner, HookHandle, Name};
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
            GraphRole::Leaf(leaf, _) => leaf.grad_meta(),
            GraphRole::Result(edge) => edge.grad_meta(),
            GraphRole::Retained(kept) => kept.0.grad_meta(),
        }
    }

    pub(super) fn grad_meta_or_insert(&self) -> Arc<GradMeta<T>> {
        self.node().grad_meta_or_insert()
    }

    /// The same for a gradient that is stored while this tensor is alive.
    fn grad_meta_owned(&self) -> Arc<GradMeta<T>> {
        let grad_meta = self.grad_meta_or_insert();
        let mut state = lock(&self.0.state);
        if let GraphRole::Result(edge) = &state.role {
            state.role = GraphRole::Retained(Box::new((Arc::clone(edge), GradOwner::of(Arc::clone(&grad_meta)))));
        }
        grad_meta
    }

    /// Names this tensor, for readers of a [`Tape`](crate::Tape), and returns the same tensor.
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
    /// Sets whether this tensor requires a gradient, and returns the same tensor.
    ///
    /// # Panics
    /// When it is the output of a recorded operation, which always requires one.
    #[track_caller]
    pub fn requires_grad_(&self, requires_grad: bool) -> Self {
        let mut state = lock(&self.0.state);
        let shape = &self.0.shape;
        match &state.role {
            GraphRole::Leaf(leaf, _) => leaf.set_requires_grad(requires_grad),
            GraphRole::Outside => {
                let leaf = Leaf::new(shape, requires_grad);
                leaf.set_requires_grad(requires_grad);
                state.role = GraphRole::leaf(Arc::new(leaf));
            }
            GraphRole::Result(_) | GraphRole::Retained(_) if !requires_grad => {
                drop(state);
                Error::NotALeaf { op: "requires_grad_", remedy: "use `detach()` to go on without its history" }
                    .raise()
            }
            _ => {}
        }
        drop(state);
        self.clone()
    }

    /// A snapshot of the gradient accumulated by backward passes; `None` before the first and after `zero_grad`.
    pub fn grad(&self) -> Option<Self> {
        note(|| Note::Read { id: self.id() });
        self.grad_meta()?.grad(Gradient::snapshot).map(Gradient::into_tensor)
    }

    /// As [`Tensor::grad`], if there must be a gradient.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    /// w.square().sum().backward();
    /// assert_eq!(w.expect_grad().to_vec(), [2.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When there is none; the message says why and what to do.
    #[track_caller]
    pub fn expect_grad(&self) -> Self {
        if let Some(grad) = self.grad() {
            return grad;
        }
        let remedy = match (self.requires_grad(), self.is_leaf()) {
            (false, _) => "it does not require one: call `requires_grad_(true)` on it before the loss is computed",
            (true, false) => {
                "it is the result of an operation, whose gradient is not kept: call `retain_grad()` on it before \
                 `backward()`"
            }
            (true, true) => {
                "call `backward()` on a loss that was computed from it; `zero_grad()` sets the gradient to none again"
            }
        };
        Error::NoGrad { shape: self.shape().to_vec(), remedy }.raise()
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
    /// A gradient with a graph, such as `&w * 2.0` for the tensor `w` itself, keeps its inputs alive until it is
    /// replaced or set to none, or the last handle of this tensor is dropped.
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
        self.grad_meta_owned().set_grad(grad.map(|grad| Gradient::Tensor(grad.snapshot())));
        note(|| if is_none { Note::Cleared { id: self.id() } } else { Note::Replaced { id: self.id() } });
    }

    /// Sets the gradient to none.
    pub fn zero_grad(&self) {
        if let Some(grad_meta) = self.grad_meta() {
            grad_meta.set_grad(None);
            note(|| Note::Cleared { id: self.id() });
        }
    }

    /// Makes an intermediate tensor store its gradient for `grad()`, as leaves always do.
    ///
    /// # Panics
    /// When the tensor does not require a gradient.
    #[track_caller]
    pub fn retain_grad(&self) -> Self {
        if !self.requires_grad() {
            Error::NoGraph { op: "retain_grad" }.raise();
        }
        self.grad_meta_owned().retain();
        self.clone()
    }

    /// Whether `requires_grad_` was called on this tensor, with either answer; outputs of recorded operations do not
    /// need the call.
    #[doc(hidden)]
    pub fn is_requires_grad_declared(&self) -> bool {
        match &lock(&self.0.state).role {
            GraphRole::Outside => false,
            GraphRole::Leaf(leaf, _) => leaf.is_declared(),
            GraphRole::Result(_) | GraphRole::Retained(_) => true,
        }
    }

    /// Calls `hook` with the complete gradient of this tensor in every backward pass. If the hook returns a tensor,
    /// that replaces the gradient.
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
    /// The hook stays alive while the tensor or a graph with its node does. A hook that owns a handle of its own
    /// tensor is a reference cycle: both leak, unless the hook is removed by its [`HookHandle`]. Capture a `detach()`
    /// of the tensor instead, or only the values you need.
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

    /// Computes the gradient of this scalar with respect to every leaf that it depends on and adds it to their
    /// `.grad`.
    ///
    /// The pass frees the graph; [`Backward`] has an option to keep it.
    ///
    /// # Panics
    /// When this tensor has more than one element, does not require a gradient, or its graph was freed.
    #[track_caller]
    pub fn backward(&self) {
        Backward::of(self).run();
    }

    /// As [`Tensor::backward`] for a tensor of any shape, given the gradient of some scalar with respect to each
    /// element.
    ///
    /// # Panics
    /// As [`Tensor::backward`], and when the shape of the seed differs.
    #[track_caller]
    pub fn backward_with(&self, seed: &Tensor<T>) {
        Backward::with(self, seed).run();
    }
}
