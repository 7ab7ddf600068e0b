//! The tape of programs that are not one forward and one backward pass: nested passes, changes in place between uses,
//! gradients that are differentiated again, long chains.

use downhill_tensor::prelude::*;
use downhill_tensor::{Role, enable_grad};

fn scalar(value: f64) -> Tensor<f64> {
    Tensor::<f64>::new(value).requires_grad_(true)
}

#[test]
fn a_pass_that_a_hook_starts_is_a_pass_of_its_own() {
    let x = scalar(3.0).named("x");
    let (y, tape) = Tape::record(|| {
        let h = x.square();
        h.register_hook(|_| {
            enable_grad(|| scalar(5.0).square().backward());
            None
        });
        let y = h * 2;
        y.backward();
        y
    });
    let visited: Vec<usize> = tape.backward_steps(&y).iter().map(|step| step.entry()).collect();
    assert_eq!(visited, [2, 1, 0], "{tape}");
    assert_eq!(tape.explain(&x, []).sum(), 12.0);
}

/// The gradient of a tensor that is changed between its uses is the sum over all of its values.
#[test]
fn a_tensor_that_is_changed_between_its_uses_has_one_gradient() {
    let leaf = || {
        let x = scalar(3.0).named("x");
        let (_, tape) = Tape::record(|| {
            let first = x.square();
            no_grad(|| x.add_(1));
            (first + x.square()).backward();
        });
        (x, tape)
    };
    let result = || {
        let x = scalar(3.0).named("x");
        let (_, tape) = Tape::record(|| {
            let y = &x * 2;
            no_grad(|| y.add_(1));
            y.square().backward();
        });
        (x, tape)
    };
    // 2 * 3 + 2 * 4, and 2 * 7 * 2.
    for ((x, tape), expected) in [(leaf(), 14.0), (result(), 28.0)] {
        assert_eq!(x.grad().unwrap().item(), expected);
        let why = tape.explain(&x, []).depth(3);
        assert_eq!((why.gradient(), why.sum()), (expected, expected), "{tape}{why}");
        assert!((why.finite_difference() - expected).abs() < 1e-6, "{tape}{why}");
        assert!(why.to_string().contains("after a change in place: one gradient for both"), "{why}");
        let audit = tape.audit();
        assert_eq!(audit.rows().len(), 1, "{tape}");
        assert_eq!(audit.rows()[0].reached().unwrap().norm, expected, "{audit}");
    }
}

#[test]
fn what_was_computed_before_is_data() {
    let before = scalar(3.0).square();
    let (_, tape) = Tape::record(|| (before * 2).backward());
    assert_eq!(tape.entries()[0].role(), Role::Data);
    assert!(tape.gradient(0).is_some());
}

#[test]
fn a_graph_of_a_gradient_names_the_line_of_its_pass() {
    let x = scalar(3.0);
    let (_, tape) = Tape::record(|| Backward::of(&x.pow(3)).create_graph().run());
    let elsewhere = tape.entries().iter().find(|entry| entry.line().file() != file!());
    assert!(elsewhere.is_none(), "{tape}");
}

#[test]
fn a_pass_that_is_only_looked_at_leaves_every_gradient_alone() {
    let x = scalar(3.0);
    let ((h, y), tape) = Tape::record(|| {
        let h = x.square();
        h.retain_grad();
        (h.clone(), h * 2)
    });
    drop(tape.backward_steps(&y));
    assert!(x.grad().is_none() && h.grad().is_none());
    y.backward();
    assert_eq!(h.grad().unwrap().item(), 2.0);
}

/// In `f32` a loss of 12500 is a multiple of 0.001: a small slope cannot be seen in it.
#[test]
fn rounding_of_a_large_loss_is_told_from_a_wrong_rule() {
    let w = Tensor::from([100.0, 50.0, 0.01]).requires_grad_(true);
    let (_, tape) = Tape::record(|| w.square().sum().backward());
    let text = tape.explain(&w, [2]).to_string();
    assert!(text.contains("its rounding alone makes ±") && !text.contains("wrong rule"), "{text}");
}

#[test]
fn long_tapes_are_printed_and_explained_in_linear_time() {
    let x = scalar(1.0);
    let (_, tape) = Tape::record(|| {
        let mut y = &x * 1;
        for _ in 0..20_000 {
            y = y * 0.999 + &x;
        }
        y.backward();
    });
    assert_eq!(tape.to_string().lines().count(), 1 + 40_002 + 1 + 60_001);
    let why = tape.explain(&x, []);
    assert!((why.finite_difference() - why.gradient()).abs() < 1e-6 * why.gradient());
}

#[test]
fn explanations_hold_near_the_ends_of_a_function() {
    // In `f32` the usual step of 0.005 would leave the domain of ln, or be too long for the curvature there.
    for x in [1e-4, 1e-2] {
        let x = Tensor::from([x, 1.0]).requires_grad_(true);
        let (_, tape) = Tape::record(|| x.log().sum().backward());
        let why = tape.explain(&x, [0]);
        assert!((why.finite_difference() / why.gradient() - 1.0).abs() < 0.02, "{why}");
    }
    // The slope of √x is infinite at the other element.
    let x = Tensor::from([4.0, 0.0]).requires_grad_(true);
    let (_, tape) = Tape::record(|| x.sqrt().sum().backward());
    let why = tape.explain(&x, [0]);
    assert_eq!((why.sum(), why.consumers()[0].terms().len()), (0.25, 1), "{why}");
}

#[test]
fn what_an_explanation_computes_is_on_no_tape() {
    let x = scalar(3.0);
    let (_, inner) = Tape::record(|| x.square().backward());
    let (_, outer) = Tape::record(|| inner.explain(&x, []).sum());
    assert!(outer.entries().is_empty() && outer.passes().count() == 0, "{outer}");
}
