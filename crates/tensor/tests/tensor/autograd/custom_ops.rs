//! Operations that a user's crate adds, through the same trait as the built-in ones.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use downhill_tensor::{Array, Backward, Fixed, InputGrads, Op, Saved, Saves, Tensor, Variadic, gradgradcheck};

use super::{grad_of, leaf};

/// a * b, counting the gradients that it computes.
#[derive(Clone, Default)]
struct CountedProduct {
    computed: [Arc<AtomicUsize>; 2],
}

impl CountedProduct {
    fn count(&self, input: usize, wanted: bool) -> bool {
        self.computed[input].fetch_add(usize::from(wanted), Ordering::Relaxed);
        wanted
    }

    fn counts(&self) -> [usize; 2] {
        self.computed.each_ref().map(|count| count.load(Ordering::Relaxed))
    }
}

impl Op<f64> for CountedProduct {
    type Arity = Fixed<2>;
    const NAME: &'static str = "counted_product";
    const FORMULA: &'static str = "a * b";
    const DERIVATIVE: &'static str = "grad * b, grad * a";
    const SAVES: Saves = Saves::OtherInputs;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<f64>; 2]) -> Array<f64> {
        a.zip("counted_product", b, |a, b| a * b)
    }

    fn backward(&self, grad: Tensor<f64>, saved: &Saved<'_, f64>) -> [Option<Tensor<f64>>; 2] {
        [
            self.count(0, saved.wants(0)).then(|| &grad * saved.input(1)),
            self.count(1, saved.wants(1)).then(|| &grad * saved.input(0)),
        ]
    }
}

#[test]
fn an_operation_of_two_inputs_broadcasts_and_can_be_differentiated_twice() {
    let product = |[a, b]: [&Tensor<f64>; 2]| CountedProduct::default().apply([a, b]);
    let (a, b) = (leaf([[1.0], [2.0]]), leaf([10.0, 20.0, 30.0]));
    product([&a, &b]).sum().backward();
    assert_eq!(grad_of(&a), [60.0, 60.0]);
    assert_eq!(grad_of(&b), [3.0, 3.0, 3.0]);
    gradgradcheck(product, [&a, &b]).unwrap();
}

#[test]
fn a_gradient_nobody_wants_is_not_computed() {
    let constant = Tensor::<f64>::new([2.0]);
    let table = [([true, true], [1, 1]), ([true, false], [1, 0]), ([false, true], [0, 1]), ([false, false], [0, 0])];
    for (requires_grad, expected) in table {
        let op = CountedProduct::default();
        let inputs = requires_grad.map(|requires_grad| Tensor::<f64>::new([3.0]).requires_grad_(requires_grad));
        let out = op.clone().apply(inputs.each_ref());
        if out.requires_grad() {
            (out * &constant).sum().backward();
        }
        assert_eq!(op.counts(), expected, "inputs that require a gradient: {requires_grad:?}");
    }
}

#[test]
fn grad_does_not_run_what_is_behind_its_inputs() {
    let (x, op) = (leaf([2.0]), CountedProduct::default());
    let h = op.clone().apply([&x, &x]);
    let [dh] = Backward::of(&h.square().sum()).grads([&h]);
    assert_eq!(dh.unwrap().to_vec(), [8.0]);
    assert_eq!(op.counts(), [0, 0]);
}

#[test]
fn each_use_in_a_deep_diamond_is_walked_once() {
    let (op, x) = (CountedProduct::default(), leaf([1.0]));
    let mut y = x.clone();
    for _ in 0..60 {
        y = op.clone().apply([&y, &y]);
    }
    y.sum().backward();
    assert_eq!(op.counts(), [60, 60]);
    assert_eq!(grad_of(&x), [2f64.powi(60)]);
}

/// Adds the gradient of x³ to `into`.
type FusedRule = fn(Array<f64>, &Saved<'_, f64>, &mut InputGrads<'_, f64>) -> Result<(), Array<f64>>;

/// x³, with a fused rule that a test chooses.
struct Cube(FusedRule);

impl Op<f64> for Cube {
    type Arity = Fixed<1>;
    const NAME: &'static str = "cube";
    const FORMULA: &'static str = "x³";
    const DERIVATIVE: &'static str = "grad * 3x²";
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
        x.map(|x| x * x * x)
    }

    fn backward(&self, grad: Tensor<f64>, saved: &Saved<'_, f64>) -> [Option<Tensor<f64>>; 1] {
        [Some(grad * 3 * saved.input(0).square())]
    }

    fn backward_fused(
        &self,
        grad: Array<f64>,
        saved: &Saved<'_, f64>,
        into: &mut InputGrads<'_, f64>,
    ) -> Result<(), Array<f64>> {
        (self.0)(grad, saved, into)
    }
}

#[test]
fn the_fused_rule_is_used_only_when_no_graph_is_recorded() {
    let x = leaf([2.0]);
    // Wrong on purpose, so that one can see when it is used.
    let negative: FusedRule = |grad, saved, into| {
        into.add_zip(0, grad, saved.input_values(0), |grad, x| -grad * 3.0 * x * x);
        Ok(())
    };
    let y = Cube(negative).apply([&x]).sum();
    let [general] = Backward::of(&y).create_graph().grads([&x]);
    let [fused] = Backward::of(&y).grads([&x]);
    assert_eq!(general.unwrap().to_vec(), [12.0]);
    assert_eq!(fused.unwrap().to_vec(), [-12.0]);
}

/// The ways to write a fused rule, each with its result: the gradient at x = 2 of large tensors, whose sums are added
/// to in place, or the message of the panic.
#[test]
fn a_fused_rule_is_neither_ignored_nor_able_to_lose_a_gradient() {
    let rows: [(&str, FusedRule, Result<f64, &str>); 9] = [
        ("it has no fast way", |grad, _, _| Err(grad), Ok(12.0)),
        (
            "pairs",
            |grad, saved, into| {
                into.add_zip(0, grad, saved.input_values(0), |grad, x| grad * 3.0 * x * x);
                Ok(())
            },
            Ok(12.0),
        ),
        (
            "elements",
            |grad, _, into| {
                into.add_map(0, grad, |grad| grad * 12.0);
                Ok(())
            },
            Ok(12.0),
        ),
        (
            "two parts",
            |grad, _, into| {
                into.add_map(0, grad.clone(), |grad| grad * 5.0);
                into.add_map(0, grad, |grad| grad * 7.0);
                Ok(())
            },
            Ok(12.0),
        ),
        ("it adds nothing", |_, _, _| Ok(()), Ok(0.0)),
        (
            "an error after something was added",
            |grad, _, into| {
                into.add(0, grad.clone());
                Err(grad)
            },
            Err("cube: backward_fused returned Err after it had added to a gradient"),
        ),
        (
            "a wrong shape",
            |_, _, into| {
                into.add(0, Array::full([3], 1.0));
                Ok(())
            },
            Err("cube: the gradient has shape [3], but the tensor it belongs to has shape [2000]"),
        ),
        (
            "an operand that does not broadcast",
            |grad, _, into| {
                into.add_zip(0, grad, Array::full([3], 1.0), |grad, _| grad);
                Ok(())
            },
            Err("cube: cannot broadcast [2000] with [3]"),
        ),
        (
            "a panic that it catches while the sum is added to",
            |grad, _, into| {
                let add = || into.add_map(0, grad, |_| panic!("in the middle"));
                assert!(catch_unwind(AssertUnwindSafe(add)).is_err());
                Ok(())
            },
            Err("the gradient of `leaf` was lost"),
        ),
    ];
    for (case, rule, expected) in rows {
        let x = leaf([2.0; 2000]);
        // The other use of x comes first in the backward pass, so the rule finds a sum to add to.
        let cube = Cube(rule).apply([&x]);
        let loss = (cube + &x * 10.0).sum();
        let result = catch_unwind(AssertUnwindSafe(|| loss.backward()));
        match (result, expected) {
            (Ok(()), Ok(expected)) => assert_eq!(grad_of(&x), [10.0 + expected; 2000], "{case}"),
            (Err(panic), Err(expected)) => {
                let said = panic.downcast_ref::<String>().expect("a panic with a text");
                assert!(said.contains(expected), "{case}: {said}");
            }
            (result, _) => panic!("{case}: {:?}", result.map_err(|panic| panic.downcast_ref::<String>().cloned())),
        }
    }
}

/// Σ weight * input over any number of inputs of one shape.
struct WeightedSum(Vec<f64>);

impl Op<f64> for WeightedSum {
    type Arity = Variadic;
    const NAME: &'static str = "weighted_sum";
    const FORMULA: &'static str = "Σ wᵢ xᵢ";
    const DERIVATIVE: &'static str = "wᵢ grad";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, inputs: Vec<Array<f64>>) -> Array<f64> {
        let terms = inputs.into_iter().zip(&self.0).map(|(x, &weight)| x.map(|x| weight * x));
        terms.reduce(|sum, term| sum.zip("weighted_sum", term, |a, b| a + b)).expect("one input at least")
    }

    fn backward(&self, grad: Tensor<f64>, saved: &Saved<'_, f64>) -> Vec<Option<Tensor<f64>>> {
        self.0.iter().enumerate().map(|(input, &weight)| saved.wants(input).then(|| &grad * weight)).collect()
    }
}

#[test]
fn an_operation_of_any_number_of_inputs() {
    let (a, b, c) = (leaf([1.0, 2.0]), Tensor::<f64>::new([3.0, 4.0]), leaf([5.0, 6.0]));
    let sum = WeightedSum(vec![1.0, 10.0, 100.0]).apply(vec![&a, &b, &c]);
    assert_eq!(sum.to_vec(), [531.0, 642.0]);
    assert_eq!(sum.grad_fn(), Some("weighted_sum"));
    sum.square().sum().backward();
    assert_eq!(grad_of(&a), [1062.0, 1284.0]);
    assert_eq!(grad_of(&c), [106_200.0, 128_400.0]);
    assert!(b.grad().is_none());
    gradgradcheck(|[a, c]| WeightedSum(vec![2.0, -1.0]).apply(vec![a, c]).square(), [&a, &c]).unwrap();
}
