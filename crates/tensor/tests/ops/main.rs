//! The table of operations and what is checked for every row: values and gradients against PyTorch, gradients of
//! order one and two against finite differences, views against copies, fast rules against textbook rules, `f32`
//! against `f64`.
//!
//! A new operation needs a row in `table/`, its PyTorch call in `tests/python/op_cases.py`, and nothing here.

mod by_value;
mod edges;
mod integers;
mod kinds;
mod large;
mod mixed;
mod on_tape;
mod table;
mod torch;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};

use downhill_tensor::prelude::*;
use downhill_tensor::{Float, gradgradcheck};

use table::{Row, rows};
use torch::{Case, Numbers, cases, without_spaces};

type Call<T> = fn(&[Tensor<T>]) -> Tensor<T>;

/// Runs a check for every case of every row, and panics with all failures.
fn for_each_case(check: impl Fn(&Row, &Case) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for case in cases() {
        let row = rows().find(|row| without_spaces(row.call) == case.call);
        let row = row.unwrap_or_else(|| panic!("torch.txt has a case for {}, which has no row", case.call));
        // A panic counts as a failure of its case; its message has been printed.
        let outcome = catch_unwind(AssertUnwindSafe(|| check(row, &case)));
        if let Err(difference) = outcome.unwrap_or_else(|_| Err("panicked".to_owned())) {
            wrong.push(format!("{}: {difference}", case.describe()));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn leaves<T: Float>(inputs: &[Numbers]) -> Vec<Tensor<T>> {
    inputs.iter().map(|input| input.tensor().requires_grad_(true)).collect()
}

/// The output and the gradients of the inputs that require one; zeros where the output does not depend on an input.
fn run<T: Float>(
    call: Call<T>,
    inputs: &[Tensor<T>],
    seed: Option<&Tensor<T>>,
    create_graph: bool,
) -> (Numbers, Vec<Numbers>) {
    let output = call(inputs);
    let Some(seed) = seed else { return (Numbers::of(&output), Vec::new()) };
    let wanted: Vec<&Tensor<T>> = inputs.iter().filter(|input| input.requires_grad()).collect();
    let backward = Backward::with(&output, seed);
    let backward = if create_graph { backward.create_graph() } else { backward };
    let grads = backward.grads_of(&wanted).into_iter().zip(&wanted);
    let grads = grads.map(|(grad, input)| Numbers::of(&grad.unwrap_or_else(|| input.zeros_like())));
    (Numbers::of(&output), grads.collect())
}

fn check_all(what: &str, got: &[Numbers], want: &[Numbers], rtol: f64, atol: f64) -> Result<(), String> {
    assert_eq!(got.len(), want.len(), "{what}: the number of gradients");
    got.iter()
        .zip(want)
        .enumerate()
        .try_for_each(|(i, (got, want))| got.check(&format!("{what} {i}"), want, rtol, atol))
}

#[test]
fn every_operation_has_a_row() {
    let contents = include_str!("../../src/ops.rs");
    let files = contents.lines().filter_map(|line| line.strip_prefix("pub(crate) mod ")?.strip_suffix(';'));
    let files: Vec<&str> = files.collect();
    assert!(files.len() > 30, "the `mod` lines of ops.rs were not found");
    for file in &files {
        assert!(rows().any(|row| row.file == *file), "ops/{file}.rs has no row in tests/ops/table/");
    }
    // These two files are outside `ops/`, because their results have no gradient.
    let known = |file: &str| files.contains(&file) || ["argmax", "compare"].contains(&file);
    for row in rows() {
        assert!(known(row.file), "the row {} belongs to ops/{}.rs, which does not exist", row.call, row.file);
    }
}

#[test]
fn every_row_has_cases() {
    let cases = cases();
    for row in rows() {
        let known = cases.iter().any(|case| case.call == without_spaces(row.call));
        assert!(known, "tests/python/op_cases.py has no case for {}", row.call);
    }
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    for_each_case(|row, case| {
        let inputs = leaves(&case.inputs);
        let seed = case.seed.as_ref().map(Numbers::tensor);
        let (output, grads) = run(row.f64, &inputs, seed.as_ref(), false);
        output.check("value", &case.output, 1e-12, 1e-14)?;
        check_all("gradient", &grads, &case.grads, 1e-11, 1e-13)?;
        let unchanged = inputs.iter().map(Numbers::of).collect::<Vec<_>>();
        check_all("input afterwards", &unchanged, &case.inputs, 0.0, 0.0)
    });
}

#[test]
fn zeros_have_the_sign_of_pytorch() {
    for_each_case(|row, case| {
        let got = Numbers::of(&(row.f64)(&leaves(&case.inputs)));
        let differs = |(&got, &want): (&f64, &f64)| got == 0.0 && got.is_sign_negative() != want.is_sign_negative();
        // The loss of an empty tensor is 0 here; PyTorch negates it to -0.
        match got.data.iter().zip(&case.output.data).position(differs) {
            Some(i) if row.file != "cross_entropy" => Err(format!("element {i} is a zero of the other sign")),
            _ => Ok(()),
        }
    });
}

#[test]
fn f32_gives_the_same_to_its_accuracy() {
    for_each_case(|row, case| {
        // Skipped: infinity times a number that only f32 rounds to 0 differs.
        if case.seed.as_ref().is_some_and(|seed| !seed.data.iter().all(|x| x.is_normal())) {
            return Ok(());
        }
        let seed = case.seed.as_ref().map(Numbers::tensor);
        let (output, grads) = run(row.f32, &leaves(&case.inputs), seed.as_ref(), false);
        let rounded = |numbers: &Numbers| Numbers::of(&numbers.tensor::<f32>());
        output.check("value", &rounded(&case.output), 1e-5, 1e-6)?;
        check_all("gradient", &grads, &case.grads.iter().map(rounded).collect::<Vec<_>>(), 1e-4, 1e-5)
    });
}

#[test]
fn finite_differences_agree_in_order_one_and_two() {
    fn check<const N: usize>(call: Call<f64>, inputs: &[Tensor<f64>]) -> Result<(), String> {
        let inputs: [&Tensor<f64>; N] = std::array::from_fn(|i| &inputs[i]);
        gradgradcheck(|inputs| call(&inputs.map(Clone::clone)), inputs).map_err(|error| error.to_string())
    }
    for_each_case(|row, case| {
        if !case.smooth || case.seed.is_none() {
            return Ok(());
        }
        let inputs: Vec<Tensor<f64>> = case.inputs.iter().map(Numbers::tensor).collect();
        match inputs.len() {
            1 => check::<1>(row.f64, &inputs),
            2 => check::<2>(row.f64, &inputs),
            3 => check::<3>(row.f64, &inputs),
            count => Err(format!("no check for {count} inputs")),
        }
    });
}

/// A backward pass that records a graph uses the textbook rule; any other uses the fused rule, if there is one.
#[test]
fn fast_rules_agree_with_textbook_rules() {
    for_each_case(|row, case| {
        let inputs = leaves(&case.inputs);
        let seed = case.seed.as_ref().map(Numbers::tensor);
        let (_, fast) = run(row.f64, &inputs, seed.as_ref(), false);
        let (_, textbook) = run(row.f64, &inputs, seed.as_ref(), true);
        check_all("fast gradient", &fast, &textbook, 1e-12, 1e-14)
    });
}

/// What is saved depends on which gradients are wanted, and must not change them.
#[test]
fn each_gradient_is_the_same_when_only_it_is_wanted() {
    for_each_case(|row, case| {
        let seed = case.seed.as_ref().map(Numbers::tensor);
        (0..case.grads.len()).try_for_each(|wanted| {
            let inputs: Vec<Tensor<f64>> = case.inputs.iter().map(Numbers::tensor).collect();
            inputs[wanted].requires_grad_(true);
            let (_, grads) = run(row.f64, &inputs, seed.as_ref(), false);
            check_all(&format!("only gradient {wanted},"), &grads, &case.grads[wanted..=wanted], 1e-11, 1e-13)
        })
    });
}

type View = fn(&Tensor<f64>) -> Tensor<f64>;

/// The same numbers in memory that is not in row-major order: with dimensions in reverse order, and as every other
/// row and column of something larger.
const VIEWS: [View; 2] = [
    |x| {
        let reversed: Vec<isize> = (0..x.ndim() as isize).rev().collect();
        x.permute(reversed.clone()).copy().permute(reversed)
    },
    |x| {
        (0..x.ndim() as isize).fold(x.clone(), |x, dim| {
            let padding = x.ones_like();
            Tensor::cat(&[&padding, &x, &padding], dim).narrow(
                dim,
                x.shape()[dim as usize] as isize,
                x.shape()[dim as usize],
            )
        })
    },
];

#[test]
fn views_give_the_same_as_copies() {
    for_each_case(|row, case| {
        VIEWS.iter().try_for_each(|view| {
            let view = |numbers: &Numbers| view(&numbers.tensor());
            let inputs: Vec<Tensor<f64>> = case.inputs.iter().map(|input| view(input).requires_grad_(true)).collect();
            let (output, grads) = run(row.f64, &inputs, case.seed.as_ref().map(view).as_ref(), false);
            output.check("value of a view", &case.output, 1e-12, 1e-14)?;
            check_all("gradient of a view", &grads, &case.grads, 1e-11, 1e-13)
        })
    });
}

/// Inputs and a seed that repeat their first row, or one number, without copies of it.
#[test]
fn expanded_tensors_give_the_same_as_copies() {
    fn first(x: &Tensor<f64>, dims: usize) -> Tensor<f64> {
        let shape: Vec<isize> = x.shape().iter().map(|&size| size as isize).collect();
        (0..dims as isize).fold(x.clone(), |x, dim| x.narrow(dim, 0, 1)).expand(shape)
    }
    for_each_case(|row, case| {
        if case.inputs.iter().any(|input| input.data.is_empty()) {
            return Ok(());
        }
        let most = case.inputs.iter().map(|input| input.shape.len()).max().unwrap_or(0);
        (1..=most).try_for_each(|dims| {
            let repeated = |numbers: &Numbers| first(&numbers.tensor(), dims.min(numbers.shape.len()));
            let views: Vec<Tensor<f64>> =
                case.inputs.iter().map(|input| repeated(input).requires_grad_(true)).collect();
            let copies: Vec<Tensor<f64>> =
                views.iter().map(|view| view.detach().copy().requires_grad_(true)).collect();
            let seed = case.seed.as_ref().filter(|seed| !seed.data.is_empty()).map(repeated);
            let (output, grads) = run(row.f64, &views, seed.as_ref(), false);
            let (want, want_grads) = run(row.f64, &copies, seed.map(|seed| seed.copy()).as_ref(), false);
            output.check("value", &want, 1e-12, 1e-14)?;
            check_all("gradient", &grads, &want_grads, 1e-12, 1e-14)
        })
    });
}
