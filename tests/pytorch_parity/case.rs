//! One case: its call is run, and every field with an expectation is compared.

use downhill::tensor::{CreateFloat, Float, Tensor};
use serde_json::Value as Json;

use crate::json::{Failure, Fields, Outcome, attempt};
use crate::result::{Results, Tolerance};
use crate::{higher_order, modules, optimizers, program, schedulers, single, training};

/// Fields that describe a case and are not needed to run it.
const REMARKS: [&str; 5] = ["check", "note", "version_dependent", "torch_message", "name"];

/// Runs one line of a file and returns what is wrong, if anything.
pub fn run(line: &str) -> Result<(), String> {
    let json: Json = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let name = json["name"].as_str().unwrap_or("a case without a name").to_owned();
    let result = match json["dtype"].as_str() {
        Some("f32") => run_as::<f32>(json),
        Some("f64") => run_as::<f64>(json),
        other => Err(format!("dtype {other:?} is not understood")),
    };
    result.map_err(|problem| format!("{name}: {problem}"))
}

fn run_as<T: Float>(json: Json) -> Result<(), String>
where
    Tensor<T>: CreateFloat,
{
    let understood = |failure| match failure {
        Failure::Schema(text) => format!("not understood: {text}"),
        Failure::Refused(text) => text,
    };
    let mut case = Fields::of("case", json).map_err(understood)?;
    for remark in REMARKS.into_iter().chain(["dtype"]) {
        case.take(remark);
    }
    let expect_error = case.or("expect_error", false).map_err(understood)?;
    let tolerance = if expect_error { Ok((0.0, 0.0)) } else { tolerance(&mut case) };
    let (rtol, atol) = tolerance.map_err(understood)?;
    if expect_error {
        case.take("rtol");
        case.take("atol");
    }
    let op: String = case.get("op").map_err(understood)?;
    match attempt(|| results::<T>(&op, &mut case)) {
        Err(Failure::Refused(_)) if expect_error => Ok(()),
        Ok(_) if expect_error => Err(format!("{op}: expected an error, got a result")),
        Err(failure) => Err(format!("{op}: expected a result, got: {}", understood(failure))),
        Ok(results) => compare(results, case, Tolerance { rtol, atol }).map_err(|problem| format!("{op}: {problem}")),
    }
}

fn tolerance(case: &mut Fields) -> Outcome<(f64, f64)> {
    Ok((case.get("rtol")?, case.get("atol")?))
}

/// Compares the results with the expectations; every remaining field must be an expectation that holds.
fn compare(results: Results, mut case: Fields, tolerance: Tolerance) -> Result<(), String> {
    let mut compared = 0;
    for (field, got) in results {
        if let Some(want) = case.take(field) {
            tolerance.compare(field, &got, &want)?;
            compared += 1;
        }
    }
    match case.finish() {
        Err(Failure::Schema(text) | Failure::Refused(text)) => Err(text),
        Ok(()) if compared == 0 => Err("the case expects nothing".to_owned()),
        Ok(()) => Ok(()),
    }
}

/// Runs the case, and takes the fields that are needed for that.
fn results<T: Float>(op: &str, case: &mut Fields) -> Outcome<Results>
where
    Tensor<T>: CreateFloat,
{
    let args = case.fields("args")?;
    match op {
        "program" => program::run::<T>(args, case),
        "module" => modules::run::<T>(args, case),
        "double_backward" | "hvp" => higher_order::double_backward::<T>(args, case),
        "optim" => optimizers::run::<T>(args, case),
        "clip_grad_norm_" => optimizers::clip_norm::<T>(args, case),
        "clip_grad_value_" => optimizers::clip_value::<T>(args, case),
        "scheduler" => schedulers::run::<T>(args, case),
        "hessian" => higher_order::hessian::<T>(args, case),
        "train" => training::train::<T>(args, case),
        "nested_grad" => higher_order::nested_grad::<T>(args, case),
        "gradient_penalty" => higher_order::gradient_penalty::<T>(args, case),
        "backward_sequence" => training::backward_sequence::<T>(args, case),
        _ => single::run::<T>(op, args, case),
    }
}
