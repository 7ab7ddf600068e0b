//! Explanations: the terms of the chain rule add up, and the text is as expected.

use downhill_tensor::prelude::*;

#[test]
fn an_explanation_adds_up_over_all_consumers() {
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0]]).requires_grad_(true).named("x");
    let (_, tape) = Tape::record(|| (x.matmul(&x) * x.exp()).sum().backward());
    let why = tape.explain(&x, [0, 1]).depth(2).width(3);
    let recorded = x.grad().unwrap().at([0, 1]);
    assert_eq!(why.gradient(), recorded);
    assert_eq!(why.consumers().len(), 3, "matmul twice and exp");
    assert!((why.sum() - recorded).abs() < 1e-12 * recorded.abs());
    assert!((why.finite_difference() - recorded).abs() < 1e-8 * recorded.abs());
    let text = why.to_string();
    for part in [
        "∂L/∂x[0, 1] = ",
        "%1 = matmul(x, x): A B, gradient grad Bᵀ",
        "%1 = matmul(x, x): A B, gradient Aᵀ grad",
        "%2 = exp(x)",
        "all together: ",
        "check: x[0, 1] moved by ±1.211e-5 changes L by ",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn explanations_know_where_a_pass_starts_and_what_hooks_do() {
    let x = Tensor::<f64>::new(3.0).requires_grad_(true).named("x");
    x.register_hook(|grad| Some(grad * 10));
    let (y, tape) = Tape::record(|| {
        let y = x.square().named("y");
        let z = 2 * &y;
        Backward::of(&z).and(&y).run();
        y
    });
    let start = tape.explain(&y, []);
    assert_eq!((start.gradient(), start.sum()), (3.0, 3.0));
    for part in ["the backward pass starts here with 1", "all together: 1 + 2 = 3", "∂L/∂y = 3"] {
        assert!(start.to_string().contains(part), "{start}");
    }
    let hooked = tape.explain(&x, []);
    assert_eq!((hooked.gradient(), hooked.sum(), hooked.finite_difference().round()), (180.0, 18.0, 18.0));
    assert!(hooked.to_string().contains("the terms add up to 18: a hook has changed this gradient"), "{hooked}");
}

#[test]
fn long_explanations_are_cut_with_a_sum_of_the_rest() {
    let x = Tensor::<f64>::arange(0, 10, 1).requires_grad_(true).named("x");
    let w = Tensor::<f64>::new(1.0).requires_grad_(true).named("w");
    let (_, tape) = Tape::record(|| (&x * &w).sum().backward());
    let text = tape.explain(&w, []).width(2).to_string();
    assert!(text.contains("∂L/∂%2[9] · ∂%2[9]/∂w = 1 · 9 = 9"), "{text}");
    assert!(text.contains("and 7 smaller terms, together 28"), "{text}");
    assert!(text.contains("sum 45"), "{text}");

    // Terms with an upstream gradient of 0 are only counted.
    let (_, tape) = Tape::record(|| ((&x - 7).relu() * &w).sum().backward());
    let text = tape.explain(&w, []).to_string();
    assert!(text.contains("= 1 · 1 = 1") && text.contains("= 1 · 2 = 2") && !text.contains("= 0"), "{text}");
    let (_, tape) = Tape::record(|| ((&x * &w) - 7).relu().sum().backward());
    let text = tape.explain(&w, []).to_string();
    assert!(text.contains("and 7 terms whose upstream gradient is 0") && text.contains("sum 17"), "{text}");
}
