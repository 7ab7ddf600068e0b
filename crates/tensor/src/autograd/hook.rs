//! What users attach to a tensor: hooks on its gradient, the stored `.grad`, and a name.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::autograd::gradient::Gradient;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::error::Error;
use downhill_kernels::lock::lock;

/// The name a user gave a tensor, and the line.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: Arc<str>,
    pub(crate) line: &'static Location<'static>,
}

type HookFn<T> = dyn Fn(&Tensor<T>) -> Option<Tensor<T>> + Send + Sync;

/// Everything attached to one tensor. Hooks see its gradient and may replace it; then it may be stored.
pub(crate) struct GradMeta<T: Element> {
    /// Keyed by increasing numbers, so that hooks run in the order in which they were added.
    hooks: Mutex<BTreeMap<u64, Arc<HookFn<T>>>>,
    next_hook: AtomicU64,
    retains: AtomicBool,
    grad: Mutex<Option<Gradient<T>>>,
    /// How many tensors can read the gradient: see [`GradOwner`].
    owners: AtomicUsize,
    name: Mutex<Option<Name>>,
}

/// Held by every tensor that can read the stored gradient.
///
/// A gradient with a graph leads back to the node of its tensor, which stores the gradient: a reference cycle that
/// would never be freed. So the gradient is dropped together with the last tensor that could read it, even if a graph
/// keeps the node alive.
pub(crate) struct GradOwner<T: Element>(Arc<GradMeta<T>>);

impl<T: Element> GradOwner<T> {
    pub(crate) fn of(grad_meta: Arc<GradMeta<T>>) -> Self {
        grad_meta.owners.fetch_add(1, Ordering::Relaxed);
        GradOwner(grad_meta)
    }
}

impl<T: Element> Clone for GradOwner<T> {
    fn clone(&self) -> Self {
        GradOwner::of(Arc::clone(&self.0))
    }
}

impl<T: Element> Drop for GradOwner<T> {
    fn drop(&mut self) {
        if self.0.owners.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.set_grad(None);
        }
    }
}

impl<T: Element> GradMeta<T> {
    pub(crate) fn new(retains: bool) -> Self {
        GradMeta {
            hooks: Mutex::new(BTreeMap::new()),
            next_hook: AtomicU64::new(0),
            retains: AtomicBool::new(retains),
            grad: Mutex::new(None),
            owners: AtomicUsize::new(0),
            name: Mutex::new(None),
        }
    }

    pub(crate) fn set_name(&self, name: Name) {
        *lock(&self.name) = Some(name);
    }

    pub(crate) fn name(&self) -> Option<Name> {
        lock(&self.name).clone()
    }

    pub(crate) fn retain(&self) {
        self.retains.store(true, Ordering::Relaxed);
    }

    /// Calls `read` with the stored gradient, under the lock.
    pub(crate) fn grad<R>(&self, read: impl FnOnce(&Gradient<T>) -> R) -> Option<R> {
        lock(&self.grad).as_ref().map(read)
    }

    /// Replaces the stored gradient.
    pub(crate) fn set_grad(&self, grad: Option<Gradient<T>>) {
        // Drop the old gradient after releasing the lock: dropping its graph can run user code (hooks).
        let _old = std::mem::replace(&mut *lock(&self.grad), grad);
    }

    /// Adds to the stored gradient, in place if nobody else holds it; does nothing if no tensor can read it any more.
    pub(crate) fn accumulate(&self, grad: Gradient<T>) {
        if self.is_owned() {
            self.add(grad);
            // Another thread may have dropped the last owner in the meantime.
            if !self.is_owned() {
                self.set_grad(None);
            }
        }
    }

    fn is_owned(&self) -> bool {
        self.owners.load(Ordering::Acquire) > 0
    }

    /// Takes the sum out and adds without holding the lock; adds what another thread has stored in the meantime as
    /// well.
    fn add(&self, mut grad: Gradient<T>) {
        loop {
            let mut stored = lock(&self.grad);
            let Some(sum) = stored.take() else {
                *stored = Some(grad);
                return;
            };
            drop(stored);
            grad = sum.plus(grad);
        }
    }

    /// Passes the complete gradient to each hook, in the order they were added.
    pub(crate) fn run_hooks(&self, grad: Gradient<T>) -> Result<Gradient<T>, Error> {
        if self.next_hook.load(Ordering::Relaxed) == 0 {
            return Ok(grad);
        }
        // Copy the list, so that hooks run without the lock and may add or remove hooks.
        let hooks = lock(&self.hooks).clone();
        let mut grad = grad.into_tensor();
        for hook in hooks.into_values() {
            if let Some(replacement) = hook(&grad) {
                if replacement.shape() != grad.shape() {
                    let (given, expected) = (replacement.shape().to_vec(), grad.shape().to_vec());
                    return Err(Error::GradientShape { op: "hook", given, expected });
                }
                grad = replacement;
            }
        }
        Ok(Gradient::Tensor(grad))
    }

    /// For intermediate tensors: runs the hooks, and stores their result if `retain_grad` was called.
    pub(crate) fn observe(&self, grad: Gradient<T>) -> Result<Gradient<T>, Error> {
        let grad = self.run_hooks(grad)?;
        if self.retains.load(Ordering::Relaxed) {
            self.accumulate(grad.snapshot());
        }
        Ok(grad)
    }

    pub(crate) fn add_hook(self: &Arc<Self>, hook: Arc<HookFn<T>>) -> HookHandle<T> {
        let id = self.next_hook.fetch_add(1, Ordering::Relaxed);
        lock(&self.hooks).insert(id, hook);
        HookHandle { grad_meta: Arc::downgrade(self), id }
    }
}

/// Removes a hook. Dropping the handle leaves the hook attached, as in PyTorch.
pub struct HookHandle<T: Element> {
    grad_meta: Weak<GradMeta<T>>,
    id: u64,
}

impl<T: Element> HookHandle<T> {
    /// Removes the hook.
    pub fn remove(self) {
        if let Some(grad_meta) = self.grad_meta.upgrade() {
            // Drop the closure without the lock: it may own tensors with hooks of their own.
            let _removed = lock(&grad_meta.hooks).remove(&self.id);
        }
    }
}
