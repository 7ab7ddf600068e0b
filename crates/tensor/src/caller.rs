//! Lets a container tell whose call is running inside it, so that an error names the user's line.
//!
//! `#[track_caller]` ends where a call goes through `dyn`. A container such as `Sequential` therefore runs its
//! parts inside [`calling`], and the text of an error raised there says who called the container.

use std::cell::RefCell;
use std::panic::Location;

thread_local! {
    static CONTEXT: RefCell<Vec<(String, &'static Location<'static>)>> = const { RefCell::new(Vec::new()) };
}

/// Runs `part`; an error raised inside names `what` and the line of the call to the container.
///
/// ```
/// use downhill_tensor::{Tensor, calling};
/// let sum = calling("Pair", std::panic::Location::caller(), || Tensor::ones([2]).sum());
/// assert_eq!(sum.item(), 2.0);
/// ```
pub fn calling<R>(what: &str, line: &'static Location<'static>, part: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CONTEXT.with_borrow_mut(|context| context.pop());
        }
    }
    CONTEXT.with_borrow_mut(|context| context.push((what.to_owned(), line)));
    let _leave = Leave;
    part()
}

/// The containers around this call, innermost first, and the line that called the outermost.
pub(crate) fn context() -> Option<String> {
    CONTEXT.with_borrow(|context| {
        let (_, line) = context.first()?;
        let names: Vec<&str> = context.iter().rev().map(|(what, _)| what.as_str()).collect();
        Some(format!("{}, called at {line}", names.join(", in ")))
    })
}
