//! Every mistake gets one clear text, and the panic is at the user's own line.

mod arguments;
mod containers;
mod dimensions;
mod gradients;
mod in_place;
mod normalization;
mod shapes;
mod user_ops;
mod windows;

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Once;

use downhill_tensor::Tensor;

/// What a panic said, and the line it named.
#[derive(Debug)]
struct Raised {
    text: String,
    file: String,
    line: u32,
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static RAISED: RefCell<Option<Raised>> = const { RefCell::new(None) };
}

/// Runs a call that panics. Other tests run beside this one, so each thread keeps its own panic.
fn raised(call: impl FnOnce()) -> Option<Raised> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !LISTENING.get() {
                return print(info);
            }
            let (payload, location) = (info.payload(), info.location().expect("a panic has a location"));
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let raised = Raised {
                text: text.expect("a panic has a text"),
                file: location.file().to_owned(),
                line: location.line(),
            };
            RAISED.set(Some(raised));
        }));
    });
    LISTENING.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    LISTENING.set(false);
    result.err().and_then(|_| RAISED.take())
}

/// The line a row begins at, what the error says, and the call.
type Row = (u32, String, fn());

/// Checks the full text of every row, and that the panic names a line of the row itself: from its own `line!()` to that
/// of the next one, or to `end`. No line of the crate and no other row lies in between.
#[track_caller]
fn check(rows: &[Row], end: u32) {
    let file = Location::caller().file();
    let ends = rows[1..].iter().map(|row| row.0).chain([end]);
    for ((begin, text, call), end) in rows.iter().zip(ends) {
        let Some(raised) = raised(call) else { panic!("line {begin}: no panic, instead of: {text}") };
        assert_eq!(&raised.text, text, "line {begin}");
        assert_eq!(raised.file, file, "line {begin}: {text}");
        assert!((*begin..end).contains(&raised.line), "the panic of line {begin} names line {}: {text}", raised.line);
    }
}

/// A leaf of ones that requires a gradient.
fn leaf<const N: usize>(shape: [usize; N]) -> Tensor {
    Tensor::ones(shape).requires_grad_(true)
}

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    Tensor::zeros(shape)
}
