//! The table: one line for each way to call an operation, under the file in `src/ops/` that holds it.

use downhill_tensor::prelude::*;

/// One call, for both types of floating-point numbers.
pub struct Row {
    /// The file that holds the operation, without `.rs`.
    pub file: &'static str,
    /// The text of the call, its key in `torch.txt`.
    pub call: &'static str,
    pub f64: fn(&[Tensor<f64>]) -> Tensor<f64>,
    pub f32: fn(&[Tensor<f32>]) -> Tensor<f32>,
}

macro_rules! rows {
    ($($file:ident: |$($x:ident),+| $call:expr;)+) => {
        &[$(Row {
            file: stringify!($file),
            call: stringify!($call),
            f64: |inputs| rows!(@ inputs, $($x),+; $call),
            f32: |inputs| rows!(@ inputs, $($x),+; $call),
        }),+]
    };
    (@ $inputs:ident, $($x:ident),+; $call:expr) => {{
        let [$($x),+] = $inputs else { panic!("the row takes another number of inputs than the case has") };
        $call
    }};
}

mod elements;
mod reductions;
mod shapes;

/// All rows.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [elements::ROWS, reductions::ROWS, shapes::ROWS].into_iter().flatten()
}
