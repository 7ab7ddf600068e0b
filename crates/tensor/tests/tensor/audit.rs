//! The gradient audit: a verdict for each parameter, and where the path of a gradient is cut.

use downhill_tensor::prelude::*;
use downhill_tensor::{Audit, CutReason, Verdict};
use downhill_tests::panic_of;

fn parameter<const N: usize>(values: [f64; N]) -> Tensor<f64> {
    Tensor::<f64>::new(values).requires_grad_(true)
}

/// The audit of a loss of `p`, the parameter under test, and `q`, another parameter of the loss.
fn audit(loss: impl FnOnce(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>) -> Audit {
    let [p, q] = [parameter([1.0, -2.0, 3.0]), parameter([0.5, 0.5, 0.5])];
    let (_, tape) = Tape::record(|| loss(&p, &q).sum().backward());
    tape.with_names([("p", &p), ("q", &q)]).audit()
}

#[test]
fn a_gradient_has_a_verdict() {
    type Loss = fn(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>;
    // The root of the mean square of p is 2.16.
    let rows: [(&str, Loss, Verdict, &str); 10] = [
        ("ok", |p, q| p * q, Verdict::Ok, "ok"),
        ("just not tiny", |p, q| p * 2.2e-6 + q, Verdict::Ok, "ok"),
        (
            "tiny",
            |p, q| p * 2.1e-6 + q,
            Verdict::Tiny,
            "tiny: a step of f32 with a learning rate of 0.1 is lost in rounding",
        ),
        ("just not exploding", |p, q| p * 2150 + q, Verdict::Ok, "ok"),
        ("exploding", |p, q| p * 2170 + q, Verdict::Exploding, "exploding: a learning rate of 0.001 already"),
        ("NaN", |p, q| p.sqrt() + q, Verdict::NotFinite, "NaN or infinity: `detect_anomaly` finds"),
        ("infinite", |p, q| (p - 1).square().sqrt() * 1e300 * 1e300 + q, Verdict::NotFinite, "NaN or infinity"),
        ("larger than its square can be", |p, q| p * 1e200 + q, Verdict::Exploding, "exploding"),
        (
            "dead relu",
            |p, q| (p - 5).relu() + q,
            Verdict::AllZero,
            "all zero: dead relu: `relu` at crates/tensor/tests/tensor/audit.rs:",
        ),
        (
            "clamp",
            |p, q| (2 * p).clamp(10, 20) + q,
            Verdict::AllZero,
            "all zero: `clamp` at crates/tensor/tests/tensor/audit.rs:",
        ),
    ];
    for (name, loss, verdict, words) in rows {
        let audit = audit(loss);
        assert_eq!(audit.row("p").unwrap().verdict(), verdict, "{name}:\n{audit}");
        assert_eq!(audit.row("q").unwrap().verdict(), Verdict::Ok, "{name}:\n{audit}");
        assert!(audit.to_string().contains(words), "{name}:\n{audit}");
        assert_eq!(audit.is_ok(), verdict == Verdict::Ok, "{name}");
    }
}

#[test]
fn the_numbers_are_those_of_the_gradient() {
    let audit = audit(|p, q| p * Tensor::<f64>::new([3.0, 0.0, -4.0]) + q);
    let reached = audit.row("p").unwrap().reached().expect("a gradient");
    assert_eq!((reached.norm, reached.largest, reached.zeros), (5.0, 4.0, 1.0 / 3.0));
    let expected = "  parameter  shape  norm   largest  zeros  verdict\n  \
                    p          [3]    5      4        33 %   ok\n  \
                    q          [3]    1.732  1        0 %    ok\n";
    assert_eq!(audit.to_string(), expected);
}

#[test]
fn a_parameter_that_is_all_zeros_is_measured_by_the_size_of_all() {
    let verdict = |factor: f64| {
        let (zero, one) = (parameter([0.0]), parameter([1.0]));
        let (_, tape) = Tape::record(|| (factor * &zero + &one).sum().backward());
        tape.with_names([("zero", &zero), ("one", &one)]).audit().rows()[0].verdict()
    };
    // The size of both together is 0.7.
    assert_eq!([1e-7, 1.0, 1e4].map(verdict), [Verdict::Tiny, Verdict::Ok, Verdict::Exploding]);
}

#[test]
fn a_bias_after_its_first_step_is_not_exploding() {
    let (bias, weight) = (parameter([-1e-4]), parameter([1.0]));
    let (_, tape) = Tape::record(|| (&bias + &weight).sum().backward());
    let audit = tape.with_names([("bias", &bias), ("weight", &weight)]).audit();
    assert!(audit.is_ok(), "{audit}");
}

#[test]
fn nothing_strikes_the_eye_where_there_is_nothing() {
    let (empty, one) = (Tensor::<f64>::zeros([0, 3]).requires_grad_(true), parameter([1.0]));
    let (_, tape) = Tape::record(|| (empty.sum() + &one).sum().backward());
    let audit = tape.audit();
    assert!(audit.is_ok() && !audit.to_string().contains("-0"), "{audit}");
}

#[test]
fn a_gradient_that_comes_by_what_was_computed_before_is_no_cut() {
    let p = parameter([3.0]);
    let before = p.square();
    let (_, tape) = Tape::record(|| (before * 2).sum().backward());
    let audit = tape.with_names([("p", &p)]).audit();
    assert_eq!(audit.rows().len(), 1, "an earlier result is no parameter:\n{audit}");
    assert_eq!(audit.rows()[0].reached().map(|reached| reached.norm), Some(12.0), "{audit}");
}

#[test]
fn a_gradient_that_does_not_come_was_cut_somewhere() {
    type Loss = fn(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>;
    let here = "crates/tensor/tests/tensor/audit.rs";
    // Each cut with its line, the one nearest to the loss first.
    type Row = (Loss, &'static [(CutReason, &'static str, u32)]);
    let rows: [Row; 10] = [
        (|p, q| p.detach() * q, &[(CutReason::Detach, "detach", line!())]),
        (|p, q| p.square().exp().detach().sin() * q, &[(CutReason::Detach, "detach", line!())]),
        (|p, q| no_grad(|| p * 2) * q, &[(CutReason::NoGrad, "mul", line!())]),
        (|p, q| q.masked_fill(&p.square().gt(2), 0), &[(CutReason::Integer, "gt", line!())]),
        (|p, q| q.index_select(0, &p.argmax().reshape([1])), &[(CutReason::Integer, "argmax", line!())]),
        (
            |p, q| {
                drop(p.exp().sin());
                q.square()
            },
            &[(CutReason::Unused, "sin", line!() - 3)],
        ),
        (|_, q| q.square(), &[(CutReason::NeverUsed, "leaf", 0)]),
        (
            |p, q| {
                let cut = (p.detach() * q).detach() + p.cos();
                cut.detach() + q
            },
            &[
                (CutReason::Detach, "detach", line!() - 3),
                (CutReason::Detach, "detach", line!() - 5),
                (CutReason::Detach, "detach", line!() - 6),
            ],
        ),
        (
            |p, q| {
                let seen = p.exp().detach();
                drop(no_grad(|| seen * p));
                q * 2
            },
            &[(CutReason::NoGrad, "mul", line!() - 3), (CutReason::Detach, "detach", line!() - 4)],
        ),
        (
            |p, q| {
                p.requires_grad_(false);
                p * q
            },
            &[(CutReason::Frozen, "leaf", line!() - 2)],
        ),
    ];
    for (loss, expected) in rows {
        let audit = audit(loss);
        let row = audit.row("p").unwrap();
        let found: Vec<_> = row.cuts().iter().map(|cut| (cut.reason(), cut.op(), cut.line().line())).collect();
        let mut expected = expected.to_vec();
        if expected[0].0 == CutReason::NeverUsed {
            // The line of the recording, which is the same for all rows.
            expected[0].2 = found[0].2;
        }
        assert_eq!(found, expected, "{audit}");
        assert_eq!((row.verdict(), row.reached()), (Verdict::NotReached, None));
        assert!(row.cuts().iter().all(|cut| cut.line().file() == here));
        assert_eq!(audit.row("q").unwrap().verdict(), Verdict::Ok);
    }
}

#[test]
fn the_words_of_a_cut_name_the_operation_and_the_line() {
    let text = audit(|p, q| no_grad(|| p * 2) * q).to_string();
    let line = line!() - 1;
    assert!(
        text.contains(&format!(
            "not reached: cut by `no_grad`: `mul` was applied inside of it at {}:{line}:",
            file!()
        )),
        "{text}"
    );
    let text = audit(|p, q| q.masked_fill(&p.gt(0), 0)).to_string();
    assert!(
        text.contains("not reached: cut by `gt` at ") && text.contains(", whose result has no derivative"),
        "{text}"
    );
}

#[test]
fn passes_for_some_gradients_and_updates_in_place_are_told_apart() {
    let [p, q] = [parameter([1.0]), parameter([2.0])];
    let (_, tape) = Tape::record(|| grad(&(&p * &q).sum(), [&p]));
    let audit = tape.with_names([("p", &p), ("q", &q)]).audit();
    assert_eq!(audit.rows()[0].reached().unwrap().norm, 2.0);
    assert_eq!(audit.rows()[1].cuts()[0].reason(), CutReason::NotAsked);

    let (_, tape) = Tape::record(|| {
        for _ in 0..2 {
            p.zero_grad();
            p.square().sum().backward();
            no_grad(|| p.sub_(&(0.25 * p.grad().unwrap())));
        }
        no_grad(|| p.square())
    });
    let audit = tape.audit();
    assert_eq!(audit.rows().len(), 1, "one row for all of its values:\n{audit}");
    assert_eq!((audit.rows()[0].name(), audit.rows()[0].reached().unwrap().norm), ("%0", 1.0), "of the last pass");
}

#[test]
fn a_tape_without_a_backward_pass_names_the_cuts_all_the_same() {
    let p = parameter([1.0]);
    let (_, tape) = Tape::record(|| p.square().sum());
    assert_eq!(tape.audit().rows()[0].cuts()[0].reason(), CutReason::NoPass);

    // A loss without a graph refuses the pass, and the audit says why.
    let (refused, tape) = Tape::record(|| {
        let loss = p.square().argmax().cast::<f32>().square();
        panic_of(|| loss.backward())
    });
    assert!(refused.is_some());
    let cut = tape.audit().rows()[0].cuts()[0];
    assert_eq!((cut.reason(), cut.op()), (CutReason::Integer, "argmax"));
}

#[test]
fn what_is_frozen_on_purpose_is_no_finding_and_zeros_name_their_own_rule() {
    let (x, p) = (Tensor::from([[1.0, 2.0]]).named("x"), Tensor::from([[0.0], [0.0]]).requires_grad_(true));
    let (_, tape) = Tape::record(|| (&x * 0.0).matmul(&p).sum().backward());
    let audit = tape.with_names([("x", &x), ("p", &p)]).audit();
    assert_eq!(audit.rows()[0].verdict(), Verdict::NotReached);
    assert_eq!(audit.rows()[1].verdict(), Verdict::AllZero);
    assert!(audit.rows()[1].hint().unwrap().contains("passes on zeros (Aᵀ grad)"), "{audit}");
    let (_, tape) = Tape::record(|| x.matmul(&p).sum().backward());
    assert!(tape.with_names([("x", &x), ("p", &p)]).audit().is_ok());
}
