//! Carries an error from where the user's line is not known (behind `dyn`, in a closure, on another thread) to where
//! it is.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::error::Error;

thread_local! {
    /// Whether an error of this thread is carried to where the user's line is known.
    static CARRIES: Cell<bool> = const { Cell::new(false) };
}

/// An error on its way to where the user's line is known.
struct Carried(Error);

/// Runs `work`, in which the user's line is not known: behind `dyn`, in a closure, on another thread. An error that
/// is raised there by [`raise_or_carry`] comes back as a value, so that it can be raised where the line is known.
pub fn carrying<R>(work: impl FnOnce() -> R) -> Result<R, Error> {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            CARRIES.set(self.0);
        }
    }
    let restore = Restore(CARRIES.replace(true));
    let result = catch_unwind(AssertUnwindSafe(work));
    drop(restore);
    result.map_err(|panic| match panic.downcast::<Carried>() {
        Ok(carried) => carried.0,
        Err(panic) => resume_unwind(panic),
    })
}

/// Runs `work`, whose closures do not know the user's line; an error that is raised there names the caller's.
#[track_caller]
pub fn at_callers_line<R>(work: impl FnOnce() -> R) -> R {
    match carrying(work) {
        Ok(result) => result,
        Err(error) => raise_or_carry(error),
    }
}

/// Panics with the error's text at the caller's line, or carries it to where the user's line is known.
#[cold]
#[track_caller]
pub fn raise_or_carry(error: Error) -> ! {
    // With `panic = "abort"` nobody could catch a carried error.
    if cfg!(panic = "unwind") && CARRIES.get() {
        // Unlike `panic!`, this prints no message yet.
        resume_unwind(Box::new(Carried(error)));
    }
    error.raise()
}
