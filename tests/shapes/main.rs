//! Shapes, whatever they are: an operation gives the shape that a simple model of it tells, or is refused at the
//! line of the call.
//!
//! The model knows no tensor: each rule is a line or two about lists of sizes, written from the documentation. It
//! also says when a call must be refused, and that no others are, as long as there is memory for the result.

mod arguments;
mod model;
mod operations;

use std::env;

use downhill::Tensor;
use downhill_tests::panic_of;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use arguments::{Arguments, MOST_ELEMENTS, NO_MEMORY};
use model::elements;
use operations::OPERATIONS;

/// What Rust's own panics begin with; those of downhill begin with the name of what was called.
const NOT_OURS: [&str; 7] =
    ["index out of bounds", "range ", "slice index", "attempt to ", "called `", "capacity overflow", "assertion "];

/// A tensor of this shape: a view of one number where memory would be wasted. A shape that is refused has none.
fn tensor(shape: &[usize]) -> Option<Tensor> {
    let sizes: Vec<isize> = shape.iter().map(|&size| size as isize).collect();
    let mut tensor = None;
    panic_of(|| {
        tensor = Some(match elements(shape) {
            0..=MOST_ELEMENTS => Tensor::linspace(0, 1, elements(shape) as usize).reshape(sizes),
            _ => Tensor::from(1.0).expand(sizes),
        });
    });
    tensor
}

/// Whether a call would be computed, and would take long; what no memory holds is refused at once.
fn takes_long(arguments: &Arguments, expected: Option<&[Vec<usize>]>) -> bool {
    let Some(results) = expected else { return false };
    let most = |shapes: &[Vec<usize>]| shapes.iter().map(|shape| elements(shape)).max().unwrap_or(0);
    let inputs = elements(&arguments.x).max(elements(&arguments.y));
    inputs.max(most(results)) > MOST_ELEMENTS && most(results) < NO_MEMORY
}

fn check(arguments: &Arguments) -> Result<(), TestCaseError> {
    let (Some(x), Some(y)) = (tensor(&arguments.x), tensor(&arguments.y)) else {
        // A shape of more elements than can be counted is refused when the tensor is made.
        return Ok(());
    };
    for (name, call, rule) in OPERATIONS {
        let expected = rule(arguments);
        if takes_long(arguments, expected.as_deref()) && !operations::IS_A_VIEW.contains(name) {
            continue;
        }
        let mut shapes = None;
        let panic = panic_of(|| shapes = Some(call(&x, &y, arguments)));
        if let Some(panic) = &panic {
            let ours =
                panic.file.ends_with("operations.rs") && !NOT_OURS.iter().any(|text| panic.text.starts_with(text));
            if !ours {
                let text = format!("{name} panicked at {}:{}: {}", panic.file, panic.line, panic.text);
                return Err(TestCaseError::fail(text));
            }
        }
        // What no memory holds may be refused, though the rule of its shape does not say so.
        let inputs = arguments.x.iter().chain(&arguments.y).chain(arguments.window.iter().flatten());
        let sizes = expected.iter().flatten().flatten().chain(inputs);
        let may_refuse = sizes.into_iter().any(|&size| size as u128 > MOST_ELEMENTS)
            || expected.iter().flatten().any(|shape| elements(shape) > MOST_ELEMENTS);
        if shapes != expected && !(shapes.is_none() && may_refuse) {
            let refusal = panic.map_or_else(String::new, |panic| format!(" ({})", panic.text));
            return Err(TestCaseError::fail(format!("{name}: expected {expected:?}, got {shapes:?}{refusal}")));
        }
    }
    Ok(())
}

#[test]
fn every_operation_gives_the_shape_of_its_model_or_is_refused() {
    // The same cases in every run; `PROPTEST_CASES` makes more of them.
    let cases = env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
    if let Err(failure) = runner.run(&arguments::strategy(), |arguments| check(&arguments)) {
        panic!("{failure}");
    }
}
