//! What a tape says about every row of the table: the user's line, and an explanation of the gradient that adds up.

use downhill_tensor::{Explanation, Role, Tape};

use super::*;

#[test]
fn every_operation_names_the_line_of_its_call() {
    for_each_case(|row, case| {
        let inputs = leaves(&case.inputs);
        let (_, tape) = Tape::record(|| (row.f64)(&inputs));
        let operations = tape.entries().iter().filter(|entry| entry.role() == Role::Operation);
        let mut elsewhere = operations.filter(|entry| !entry.line().file().contains("tests/ops/table"));
        match elsewhere.next() {
            Some(entry) => Err(format!("{} names {}", entry.op(), entry.line())),
            None => Ok(()),
        }
    });
}

/// Upstream gradient times local derivative, summed over all consumers, is the gradient, and agrees with a finite
/// difference.
#[test]
fn explanations_add_up() {
    for_each_case(|row, case| {
        let Some(seed) = case.seed.as_ref().filter(|_| case.smooth).map(Numbers::tensor) else { return Ok(()) };
        let inputs = leaves(&case.inputs);
        let (_, tape) = Tape::record(|| (row.f64)(&inputs).backward_with(&seed));
        for (input, grads) in inputs.iter().zip(&case.grads) {
            let Some(entry) = tape.entry(input).filter(|_| !grads.data.is_empty()) else { continue };
            // The gradient of some element that is not always the first.
            let place = grads.data.len() * 2 / 3;
            let why = tape.explain_entry(entry.number(), place);
            agree("the terms", why.sum(), grads.data[place], 1e-10, &why)?;
            agree("the finite difference", why.finite_difference(), grads.data[place], 1e-5, &why)?;
        }
        Ok(())
    });
}

fn agree(what: &str, got: f64, want: f64, tolerance: f64, why: &Explanation<'_>) -> Result<(), String> {
    if (got - want).abs() <= tolerance * want.abs().max(1.0) || (got.is_nan() && want.is_nan()) {
        return Ok(());
    }
    Err(format!("{what}: {got} instead of {want}\n{why}"))
}
