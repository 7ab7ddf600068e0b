//! Every mistake gets one clear text, and the panic is at the user's own line.

mod arguments;
mod containers;
mod dimensions;
mod every_dimension;
mod gradients;
mod in_place;
mod normalization;
mod shapes;
mod user_ops;
mod windows;

use std::panic::Location;

use downhill_tensor::Tensor;
use downhill_tests::panic_of;

/// The line a row begins at, what the error says, and the call.
type Row = (u32, String, fn());

/// Checks the full text of every row, and that the panic names a line of the row itself: from its own `line!()` to
/// that of the next one, or to `end`. No line of the crate and no other row is in between.
#[track_caller]
fn check(rows: &[Row], end: u32) {
    let file = Location::caller().file();
    let ends = rows[1..].iter().map(|row| row.0).chain([end]);
    for ((begin, text, call), end) in rows.iter().zip(ends) {
        let Some(raised) = panic_of(call) else { panic!("line {begin}: no panic, instead of: {text}") };
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
