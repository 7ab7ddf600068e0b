//! Leaf nodes: tensors that were not computed from others, where gradients arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Node, NodeRef, Operation, next_id};
use crate::autograd::backward::Pass;
use crate::autograd::gradient::Gradient;
use crate::autograd::hook::GradMeta;
use crate::autograd::observe::{self, Event, Passed};
use crate::base::element::Element;
use crate::base::shape::{Packed, Shape};
use downhill_kernels::error::Error;

/// The node of a leaf tensor, where gradients arrive.
pub(crate) struct Leaf<T: Element> {
    id: u64,
    shape: Packed,
    requires_grad: AtomicBool,
    /// Whether `requires_grad_` was called explicitly.
    is_declared: AtomicBool,
    grad_meta: Arc<GradMeta<T>>,
}

impl<T: Element> Leaf<T> {
    pub(crate) fn new(shape: &Shape, requires_grad: bool) -> Self {
        let grad_meta = Arc::new(GradMeta::new(true));
        let (is_declared, requires_grad) = (AtomicBool::new(requires_grad), AtomicBool::new(requires_grad));
        Leaf { id: next_id(), shape: shape.into(), requires_grad, is_declared, grad_meta }
    }

    pub(crate) fn requires_grad(&self) -> bool {
        self.requires_grad.load(Ordering::Relaxed)
    }

    pub(crate) fn set_requires_grad(&self, requires_grad: bool) {
        self.requires_grad.store(requires_grad, Ordering::Relaxed);
        self.is_declared.store(true, Ordering::Relaxed);
    }

    /// Whether `requires_grad_` was called, with either answer.
    pub(crate) fn is_declared(&self) -> bool {
        self.is_declared.load(Ordering::Relaxed)
    }
}

impl<T: Element> Node<T> for Leaf<T> {
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
        observe::LEAF
    }

    fn is_leaf(&self) -> bool {
        true
    }

    fn inputs(&self) -> Option<Vec<NodeRef<T>>> {
        Some(Vec::new())
    }

    fn step(&self, _: &NodeRef<T>, grad: Gradient<T>, pass: &mut Pass<'_, T>) -> Result<(), Error> {
        if !self.requires_grad() || !pass.request.wants(self.id) {
            return Ok(());
        }
        let grad = self.grad_meta.run_hooks(grad)?;
        pass.capture(self.id, &grad);
        if pass.request.observed {
            observe::tell(&Event::Passed(&Passed::leaf(self.id, &grad)))?;
        }
        if pass.request.accumulate {
            self.grad_meta.accumulate(grad);
        }
        Ok(())
    }

    fn take_edges(self: Arc<Self>, _: &mut Vec<NodeRef<T>>) {}

    fn grad_meta(&self) -> Option<Arc<GradMeta<T>>> {
        Some(Arc::clone(&self.grad_meta))
    }

    fn grad_meta_or_insert(&self) -> Arc<GradMeta<T>> {
        Arc::clone(&self.grad_meta)
    }

    fn operation(&self) -> Option<&dyn Operation<T>> {
        None
    }
}
