//! Lets a container tell whose call is running inside it, so that an error names the user's line.
//!
//! `#[track_caller]` ends where a call goes through `dyn`. A container such as `Sequential` therefore runs its
//! parts inside [`calling`], and the text of an error raised there says who called the container.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};

use crate::error::Error;

/// The parts that run, the innermost last. Their names stand one behind the other in one string, whose memory stays: to
/// run a part allocates nothing.
struct Context {
    names: String,
    /// Where each name ends, and the line that called its container.
    parts: Vec<(usize, &'static Location<'static>)>,
}

thread_local! {
    static CONTEXT: RefCell<Context> = const { RefCell::new(Context { names: String::new(), parts: Vec::new() }) };
}

/// Runs `part`; an error raised inside names `what` and the line of the call to the container.
///
/// ```
/// use downhill_kernels::caller::calling;
/// let sum = calling("Pair", std::panic::Location::caller(), || 1 + 1);
/// assert_eq!(sum, 2);
/// ```
pub fn calling<R>(what: &str, line: &'static Location<'static>, part: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CONTEXT.with_borrow_mut(|Context { names, parts }| {
                parts.pop();
                names.truncate(parts.last().map_or(0, |(end, _)| *end));
            });
        }
    }
    CONTEXT.with_borrow_mut(|Context { names, parts }| {
        names.push_str(what);
        parts.push((names.len(), line));
    });
    let _leave = Leave;
    part()
}

/// The line of the user's call: that of the outermost container, or of the function that is called.
#[track_caller]
pub fn line() -> &'static Location<'static> {
    let call = Location::caller();
    CONTEXT.with_borrow(|context| context.parts.first().map_or(call, |(_, line)| line))
}

/// The containers around this call, innermost first, and the line that called the outermost.
pub fn context() -> Option<String> {
    CONTEXT.with_borrow(|Context { names, parts }| {
        let (_, line) = parts.first()?;
        let starts = [0].into_iter().chain(parts.iter().map(|(end, _)| *end));
        let mut names: Vec<&str> = starts.zip(parts).map(|(start, (end, _))| &names[start..*end]).collect();
        names.reverse();
        Some(format!("{}, called at {line}", names.join(", in ")))
    })
}

thread_local! {
    /// Whether an error of this thread is carried to where the user's line is known.
    static CARRIES: Cell<bool> = const { Cell::new(false) };
}

/// An error on its way to where the user's line is known.
struct Carried(Error);

/// Runs `work`, in which the user's line is not known: behind `dyn`, in a closure, on another thread. An error that is
/// raised there by [`raise_or_carry`] comes back as a value, so that it can be raised where the line is known.
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
    // Where a panic ends the program, nobody could raise what is carried.
    if cfg!(panic = "unwind") && CARRIES.get() {
        // Unlike a panic it says nothing yet.
        resume_unwind(Box::new(Carried(error)));
    }
    error.raise()
}
