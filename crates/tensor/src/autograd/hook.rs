//! What users attach to a tensor: hooks that see its gradient as it flows, `.grad` where it is kept, and a name.

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

/// What is attached to one tensor. Hooks see its gradient and may replace it, then it may be kept.
pub(crate) struct GradMeta<T: Element> {
    /// By their numbers, which rise, so that they run in the order in which they were added.
    hooks: Mutex<BTreeMap<u64, Arc<HookFn<T>>>>,
    next_hook: AtomicU64,
    retains: AtomicBool,
    grad: Mutex<Option<Gradient<T>>>,
    /// How many tensors can read the gradient: see [`GradOwner`].
    owners: AtomicUsize,
    name: Mutex<Option<Name>>,
}

/// A tensor's right to read the gradient that is kept for it.
///
/// A gradient with a history leads back to the node of its tensor, which keeps the gradient: a circle that would
/// never be freed. So when the last tensor that could read the gradient is gone, the gradient is let go, though the
/// node may live on in a graph.
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

    /// What `read` gives for the gradient that is kept; it runs under the lock.
    pub(crate) fn grad<R>(&self, read: impl FnOnce(&Gradient<T>) -> R) -> Option<R> {
        lock(&self.grad).as_ref().map(read)
    }

    /// Replaces the gradient that is kept.
    pub(crate) fn set_grad(&self, grad: Option<Gradient<T>>) {
        // The old gradient is dropped after the lock is released: its graph may end user code (hooks) with it.
        let _old = std::mem::replace(&mut *lock(&self.grad), grad);
    }

    /// Adds to the gradient that is kept, in place when nobody else holds it; does nothing when nobody can read it
    /// any more.
    pub(crate) fn accumulate(&self, grad: Gradient<T>) {
        if self.is_owned() {
            self.add(grad);
            // The last owner may have gone meanwhile, on another thread.
            if !self.is_owned() {
                self.set_grad(None);
            }
        }
    }

    fn is_owned(&self) -> bool {
        self.owners.load(Ordering::Acquire) > 0
    }

    /// The sum is taken out to be added to without the lock. What another thread has put there meanwhile is added as
    /// well.
    fn add(&self, mut grad: Gradient<T>) {
        loop {
            let mut place = lock(&self.grad);
            let Some(sum) = place.take() else {
                *place = Some(grad);
                return;
            };
            drop(place);
            grad = sum.plus(grad);
        }
    }

    /// Shows the finished gradient to each hook in the order they were added.
    pub(crate) fn run_hooks(&self, grad: Gradient<T>) -> Result<Gradient<T>, Error> {
        if self.next_hook.load(Ordering::Relaxed) == 0 {
            return Ok(grad);
        }
        // The list is copied so that hooks run without a lock and may add or remove hooks.
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

    /// Runs the hooks and keeps their result if it was asked for: what passes an intermediate tensor.
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

/// The way to remove a hook again. Dropping the handle leaves the hook in place, as in PyTorch.
pub struct HookHandle<T: Element> {
    grad_meta: Weak<GradMeta<T>>,
    id: u64,
}

impl<T: Element> HookHandle<T> {
    /// Removes the hook.
    pub fn remove(self) {
        if let Some(grad_meta) = self.grad_meta.upgrade() {
            // The closure is dropped without the lock: it may own tensors that have hooks of their own.
            let _removed = lock(&grad_meta.hooks).remove(&self.id);
        }
    }
}
