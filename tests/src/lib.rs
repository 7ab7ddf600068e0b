//! Helpers for the tests of several crates: catch a panic, with its message and the line that it names.
//!
//! It depends on no other crate, so that the tests of any crate can use it.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Once;

/// The message and the location of a panic.
#[derive(Debug)]
pub struct Panic {
    /// The message.
    pub text: String,
    /// The file that the panic names.
    pub file: String,
    /// The line in that file.
    pub line: u32,
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Runs a call and returns its panic, if there was one. Nothing is printed.
///
/// ```
/// let panic = downhill_tests::panic_of(|| panic!("no")).unwrap();
/// assert_eq!(panic.text, "no");
/// ```
pub fn panic_of<R>(call: impl FnOnce() -> R) -> Option<Panic> {
    // The hook is global to the process; each thread keeps its own panic, because tests run in parallel.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !LISTENING.get() {
                return usual(info);
            }
            let location = info.location().expect("a panic has a location");
            let payload = info.payload();
            let text = payload.downcast_ref::<String>().cloned();
            let text =
                text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
            LAST.set(Some(Panic { text, file: location.file().to_owned(), line: location.line() }));
        }));
    });
    let outer = LISTENING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    LISTENING.set(outer);
    result.err().and_then(|_| LAST.take())
}

/// Checks that a call panics with this text at the line on which `assert_panics` itself is called.
///
/// ```
/// downhill_tests::assert_panics("no", || panic!("no"));
/// ```
#[track_caller]
pub fn assert_panics<R>(text: &str, call: impl FnOnce() -> R) {
    let here = Location::caller();
    let panic = panic_of(call).unwrap_or_else(|| panic!("no panic, instead of: {text}"));
    assert_eq!(panic.text, text);
    assert_eq!((panic.file.as_str(), panic.line), (here.file(), here.line()), "the location of: {text}");
}
