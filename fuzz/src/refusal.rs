//! Calls that may be refused: by an `Error` of downhill, told at the line of the caller, and by nothing else.

use std::process;

use downhill_tests::{Panic, panic_of};

/// How the texts begin with which Rust itself panics, and those of assertions that failed.
const NOT_OURS: [&str; 13] = [
    "index out of bounds",
    "range ",
    "slice index",
    "attempt to ",
    "called `",
    "capacity overflow",
    "assertion ",
    "internal error",
    "not implemented",
    "not yet implemented",
    "explicit panic",
    "already borrowed",
    "ndarray",
];

/// Whether a panic is a refusal. It names a line of this package, as every function of downhill names its caller's.
fn is_refusal(panic: &Panic) -> bool {
    let ours = ["src/", "targets/", env!("CARGO_MANIFEST_DIR")].iter().any(|folder| panic.file.starts_with(folder));
    ours && !NOT_OURS.iter().any(|start| panic.text.starts_with(start))
}

/// What the call gives, or `None` when it is refused. Any other panic ends the process, which a fuzzer looks for.
pub fn unless_refused<R>(call: impl FnOnce() -> R) -> Option<R> {
    let mut result = None;
    if let Some(panic) = panic_of(|| result = Some(call())) {
        if !is_refusal(&panic) {
            eprintln!("panicked at {}:{}: {}", panic.file, panic.line, panic.text);
            process::abort();
        }
        return None;
    }
    result
}
