//! Switches recording off and on again: `no_grad` for updates and evaluation.

use std::cell::Cell;

thread_local! {
    static ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations on this thread are recorded.
#[inline]
pub fn is_enabled() -> bool {
    ENABLED.get()
}

/// Runs `f` without recording on this thread; the former state returns when `f` ends, also by a panic.
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

/// Runs `f` with recording on this thread, also inside [`no_grad`].
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
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            ENABLED.set(self.0);
        }
    }
    let _restore = Restore(ENABLED.replace(enabled));
    f()
}
