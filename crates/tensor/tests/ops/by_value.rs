//! Operators give the same result whether an operand is moved or borrowed, and never write to a shared buffer.

use downhill_tensor::prelude::*;

use crate::torch::Numbers;

type Two = fn(Tensor<f64>, Tensor<f64>) -> Tensor<f64>;
type One = fn(Tensor<f64>) -> Tensor<f64>;

/// One operator in all four forms, the first with both operands borrowed.
macro_rules! ways {
    ($operator:tt) => {
        [|a, b| &a $operator &b, |a, b| a $operator b, |a, b| a $operator &b, |a, b| &a $operator b]
    };
}

const BETWEEN_TENSORS: [[Two; 4]; 4] = [ways!(+), ways!(-), ways!(*), ways!(/)];

/// An operator with a number, or none, on a borrowed tensor and on a moved one.
const WITH_A_NUMBER: [[One; 2]; 11] = [
    [|x| -&x, |x| -x],
    [|x| &x + 1.5, |x| x + 1.5],
    [|x| 1.5 + &x, |x| 1.5 + x],
    [|x| &x - 1.5, |x| x - 1.5],
    [|x| 1.5 - &x, |x| 1.5 - x],
    [|x| &x * 2, |x| x * 2],
    [|x| 2 * &x, |x| 2 * x],
    [|x| &x / 3, |x| x / 3],
    [|x| 3 / &x, |x| 3 / x],
    [|x| &x - 4, |x| x - 4],
    [|x| 4 - &x, |x| 4 - x],
];

const SHAPES: [[&[usize]; 2]; 9] = [
    [&[2, 3], &[2, 3]],
    [&[2, 3], &[3]],
    [&[3], &[2, 3]],
    [&[2, 1], &[1, 3]],
    [&[2, 3], &[]],
    [&[], &[2, 3]],
    [&[], &[]],
    [&[5, 2, 3], &[2, 1]],
    [&[1], &[1, 1]],
];

fn leaf(shape: &[usize], start: f64) -> Tensor<f64> {
    let count: usize = shape.iter().product();
    let data = (0..count).map(|i| start + 0.25 * i as f64).collect();
    Tensor::from_vec(data, shape).unwrap().requires_grad_(true)
}

#[test]
fn between_tensors() {
    for (operator, ways) in BETWEEN_TENSORS.iter().enumerate() {
        for [left, right] in SHAPES {
            // The output of `exp` is saved for its own derivative, so its buffer is held by the graph.
            let outcome = |way: &Two| {
                let leaves = [leaf(left, 0.5), leaf(right, -1.0)];
                let output = way(leaves[0].exp(), leaves[1].exp());
                let value = Numbers::of(&output);
                let [a, b] = Backward::of(&output.square().sum()).grads(leaves.each_ref());
                [value, Numbers::of(&a.unwrap()), Numbers::of(&b.unwrap())]
            };
            let kept = outcome(&ways[0]);
            for (way, operation) in ways.iter().enumerate().skip(1) {
                for (got, want) in outcome(operation).iter().zip(&kept) {
                    let what = format!("operator {operator}, way {way}, {left:?} with {right:?}");
                    got.check(&what, want, 1e-15, 0.0).unwrap();
                }
                // Without a graph the buffers are free, but not those with another handle.
                let (a, b) = no_grad(|| (leaf(left, 0.5).exp(), leaf(right, -1.0).exp()));
                let before = [Numbers::of(&a), Numbers::of(&b)];
                let shared = Numbers::of(&operation(a.clone(), b.clone()));
                shared.check("shared", &kept[0], 0.0, 0.0).unwrap();
                [&a, &b]
                    .iter()
                    .zip(before)
                    .for_each(|(x, before)| Numbers::of(x).check("held", &before, 0.0, 0.0).unwrap());
                Numbers::of(&operation(a, b)).check("free", &kept[0], 0.0, 0.0).unwrap();
            }
        }
    }
}

#[test]
fn with_a_number() {
    for (operator, [kept, given]) in WITH_A_NUMBER.iter().enumerate() {
        for shape in [&[2, 3][..], &[], &[0]] {
            let outcome = |way: &One| {
                let x = leaf(shape, 0.5);
                let output = way(x.exp());
                let [grad] = Backward::of(&output.square().sum()).grads([&x]);
                [Numbers::of(&output), Numbers::of(&grad.unwrap())]
            };
            for (got, want) in outcome(given).iter().zip(&outcome(kept)) {
                got.check(&format!("operator {operator} on {shape:?}"), want, 1e-15, 0.0).unwrap();
            }
            let free = no_grad(|| leaf(shape, 0.5).exp());
            let held = free.clone();
            let before = Numbers::of(&held);
            given(free);
            Numbers::of(&held).check("held", &before, 0.0, 0.0).unwrap();
        }
    }
}

#[test]
fn one_tensor_on_both_sides() {
    let x = leaf(&[3], 1.0);
    let cases: [(Two, [f64; 3]); 4] = [
        (|a, b| a + b, [2.0, 2.0, 2.0]),
        (|a, b| a - b, [0.0, 0.0, 0.0]),
        (|a, b| a * b, [2.0, 2.5, 3.0]),
        (|a, b| a / b, [0.0, 0.0, 0.0]),
    ];
    for (operation, want) in cases {
        let [grad] = Backward::of(&operation(x.clone(), x.clone()).sum()).grads([&x]);
        assert_eq!(grad.unwrap().to_vec(), want);
    }
}

#[test]
fn an_empty_part_of_an_empty_part() {
    // Both ranges begin at the end, so that the view begins beyond the buffer.
    let empty = leaf(&[3, 4], 1.0).slice(0, 3..3).slice(1, 4..4);
    assert_eq!(empty.to_array().shape(), [0, 0]);
    assert_eq!((&empty * 2).sum().item(), 0.0);
    assert_eq!(empty.detach().to_string(), "tensor([], size=(0, 0), dtype=f64)");
}
