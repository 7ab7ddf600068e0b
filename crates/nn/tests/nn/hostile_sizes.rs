//! Layers of more numbers than can be counted, or than there is memory for: an error at the line that makes them.

use downhill_nn::{BatchNorm1d, Conv2d, Embedding, LayerNorm, Linear};
use downhill_tests::{Panic, panic_of};

/// A row: its line, how the error begins, and what makes the layer.
type Row = (u32, &'static str, fn() -> Option<Panic>);

#[test]
fn layers_that_are_too_large() {
    let rows: [Row; 8] = [
        (line!(), "rand: a tensor of shape [1048576, 1048576] (f32) would take 4398046511104 bytes", || {
            panic_of(|| Linear::new(1 << 20, 1 << 20))
        }),
        (line!(), "rand: a tensor of shape [4294967296, 4294967296] would have more elements", || {
            panic_of(|| Linear::new(1 << 32, 1 << 32))
        }),
        (line!(), "rand: a tensor of shape [1048576, 1048576] (f64) would take", || {
            panic_of(|| Linear::<f64>::of(1 << 20, 1 << 20))
        }),
        (line!(), "rand: a tensor of shape [2, 1048576, 1048576, 1] (f32) would take", || {
            panic_of(|| Conv2d::new(1 << 20, 2, (1 << 20, 1)))
        }),
        (line!(), "rand: a tensor of shape [2, 3, 4294967296, 4294967296] would have more elements", || {
            panic_of(|| Conv2d::new(3, 2, 1 << 32))
        }),
        (line!(), "randn: a tensor of shape [1099511627776, 8] (f32) would take", || {
            panic_of(|| Embedding::new(1 << 40, 8))
        }),
        (line!(), "zeros: a tensor of shape [1099511627776] (f32) would take", || {
            panic_of(|| BatchNorm1d::new(1 << 40))
        }),
        (line!(), "zeros: a tensor of shape [1048576, 1048576] (f32) would take", || {
            panic_of(|| LayerNorm::new([1 << 20, 1 << 20]))
        }),
    ];
    for (line, text, make) in rows {
        let panic = make().unwrap_or_else(|| panic!("line {line}: no panic, instead of: {text}"));
        assert!(panic.text.starts_with(text), "line {line}: {}", panic.text);
        assert!(panic.file.ends_with("hostile_sizes.rs") && (line..line + 3).contains(&panic.line), "{panic:?}");
    }
}
