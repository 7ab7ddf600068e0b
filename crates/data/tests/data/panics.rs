//! Catches a panic and tells its text and the file it names, which must be the user's.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static FILE: RefCell<String> = RefCell::default();
}

/// The text of the panic of `f`, and the file that it names.
pub fn panic_of<R>(f: impl FnOnce() -> R) -> (String, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            FILE.set(info.location().expect("a panic has a location").file().to_owned());
            usual(info);
        }));
    });
    let payload = panic::catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    (*payload.downcast::<String>().expect("a text"), FILE.take())
}

/// Checks that an expression panics with this text, in the file it is written in.
macro_rules! assert_panics {
    ($call:expr, $text:expr) => {
        let (text, file) = crate::panics::panic_of(|| $call);
        assert_eq!((text.as_str(), file.as_str()), (&*$text, file!()));
    };
}
pub(crate) use assert_panics;
