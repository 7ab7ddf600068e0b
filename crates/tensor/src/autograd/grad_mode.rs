//! Turns recording off and on: `no_grad` for updates and evaluation.

use std::cell::Cell;

/// The mode of this thread, in one byte, so that an operation reads it once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadMode(u8);

impl ThreadMode {
    /// Operations are recorded, and there is no observer: the initial state of every thread.
    pub(crate) const RECORD: ThreadMode = ThreadMode(0);
    /// Operations are computed but not recorded.
    pub(crate) const NO_GRAD: ThreadMode = ThreadMode(1);
    /// Operations are shown to observers.
    pub(crate) const SHOW_OPERATIONS: ThreadMode = ThreadMode(2);
    /// Backward passes are shown to observers.
    pub(crate) const SHOW_BACKWARD: ThreadMode = ThreadMode(4);

    pub(crate) fn has(self, part: ThreadMode) -> bool {
        self.0 & part.0 != 0
    }

    /// The mode with some flags replaced.
    pub(crate) fn with(self, parts: ThreadMode, new: ThreadMode) -> ThreadMode {
        ThreadMode((self.0 & !parts.0) | (new.0 & parts.0))
    }

    pub(crate) const fn and(self, other: ThreadMode) -> ThreadMode {
        ThreadMode(self.0 | other.0)
    }
}

thread_local! {
    static MODE: Cell<ThreadMode> = const { Cell::new(ThreadMode::RECORD) };
}

/// The mode of this thread.
#[inline]
pub(crate) fn mode() -> ThreadMode {
    MODE.get()
}

/// Whether operations on this thread are recorded.
#[inline]
pub fn is_enabled() -> bool {
    !mode().has(ThreadMode::NO_GRAD)
}

/// Runs `f` without recording on this thread; the previous mode is restored when `f` returns or panics.
///
/// ```
/// use downhill_tensor::{Tensor, no_grad};
/// let w = Tensor::ones([2]).requires_grad_(true);
/// let y = no_grad(|| &w * 2);
/// assert!(!y.requires_grad());
/// ```
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    with_grad_mode(false, f)
}

/// Runs `f` with recording on this thread, even inside [`no_grad`].
///
/// ```
/// use downhill_tensor::{Tensor, enable_grad, no_grad};
/// let w = Tensor::ones([2]).requires_grad_(true);
/// let y = no_grad(|| enable_grad(|| &w * 2));
/// assert!(y.requires_grad());
/// ```
pub fn enable_grad<R>(f: impl FnOnce() -> R) -> R {
    with_grad_mode(true, f)
}

pub(crate) fn with_grad_mode<R>(enabled: bool, f: impl FnOnce() -> R) -> R {
    let _changed = Changed::new(ThreadMode::NO_GRAD, if enabled { ThreadMode::RECORD } else { ThreadMode::NO_GRAD });
    f()
}

/// Guard: some flags of the mode are changed until this is dropped.
pub(crate) struct Changed {
    parts: ThreadMode,
    before: ThreadMode,
}

impl Changed {
    pub(crate) fn new(parts: ThreadMode, new: ThreadMode) -> Self {
        let before = mode();
        MODE.set(before.with(parts, new));
        Changed { parts, before }
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        MODE.set(mode().with(self.parts, self.before));
    }
}
