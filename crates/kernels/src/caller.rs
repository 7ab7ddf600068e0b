//! Lets a container say which of its parts is running, so that an error names the user's line.
//!
//! `#[track_caller]` ends where a call goes through `dyn`. A container such as `Sequential` therefore runs its
//! parts inside [`calling`], and the text of an error raised there says who called the container.

use std::cell::RefCell;
use std::panic::Location;

/// The parts that are running, the innermost last. Their names are concatenated in one string whose memory is kept,
/// so that running a part does not allocate.
struct Context {
    names: String,
    /// The end of each name in `names`, and the line that called its container.
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

/// The line of the user's call: of the outermost container, or else of the function that is called.
#[track_caller]
pub fn line() -> &'static Location<'static> {
    let call = Location::caller();
    CONTEXT.with_borrow(|context| context.parts.first().map_or(call, |(_, line)| line))
}

/// The containers around this call, innermost first, and the line that called the outermost one.
pub fn context() -> Option<String> {
    CONTEXT.with_borrow(|Context { names, parts }| {
        let (_, line) = parts.first()?;
        let starts = [0].into_iter().chain(parts.iter().map(|(end, _)| *end));
        let mut names: Vec<&str> = starts.zip(parts).map(|(start, (end, _))| &names[start..*end]).collect();
        names.reverse();
        Some(format!("{}, called at {line}", names.join(", in ")))
    })
}
