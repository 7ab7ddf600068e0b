//! Single operations: each family has its table of names; this file finds the family and runs backward.

use downhill::tensor::{Backward, Float};
use serde_json::Value as Json;

use crate::json::{Fields, Outcome, attempt, schema};
use crate::result::{Results, Tree};
use crate::value::Value;
use crate::{conv_pool, elementwise, functional, index, losses, reduce, shape};

/// The result of an operation: one tensor, or a list where PyTorch returns several.
pub enum Output<T: Float> {
    One(Value<T>),
    Many(Vec<Value<T>>),
}

impl<T: Float> Output<T> {
    pub fn float(tensor: downhill::tensor::Tensor<T>) -> Self {
        Output::One(Value::Float(tensor))
    }

    /// The tensors in order.
    pub fn values(&self) -> Vec<&Value<T>> {
        match self {
            Output::One(value) => vec![value],
            Output::Many(values) => values.iter().collect(),
        }
    }

    pub fn tree(&self) -> Tree {
        match self {
            Output::One(value) => value.into(),
            Output::Many(values) => values.iter().collect(),
        }
    }
}

/// A family of operations: `None` when it does not have the operation.
type Family<T> = fn(&str, &mut Fields, &[Value<T>]) -> Outcome<Option<Output<T>>>;

fn families<T: Float>() -> Vec<Family<T>> {
    vec![
        elementwise::unary,
        elementwise::binary,
        reduce::call,
        index::call,
        functional::call,
        losses::call,
        conv_pool::call,
        shape::call,
    ]
}

/// Calls an operation. Every argument must be known, also when the call is refused.
pub fn call<T: Float>(op: &str, mut args: Fields, inputs: &[Value<T>]) -> Outcome<Output<T>> {
    for family in families::<T>() {
        match attempt(|| Ok(family(op, &mut args, inputs))) {
            Ok(Ok(None)) => continue,
            Ok(Ok(Some(output))) => return args.finish().map(|()| output),
            // An argument that no type can hold; the arguments after it have not been read.
            Ok(Err(failure)) => return Err(failure),
            Err(panic) => return args.finish().and(Err(panic)),
        }
    }
    schema(format!("op `{op}` is not understood"))
}

/// Runs a single operation, and backward from `seed_grad`.
pub fn run<T: Float>(op: &str, args: Fields, case: &mut Fields) -> Outcome<Results> {
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let output = call(op, args, &inputs)?;
    backward_from(&output, case)?;
    Ok(vec![("output", output.tree()), ("grads", grads(&inputs))])
}

/// Backward from all outputs that have a `seed_grad`, together.
pub fn backward_from<T: Float>(output: &Output<T>, case: &mut Fields) -> Outcome<()> {
    let seeds = match (output, case.option::<Json>("seed_grad")?) {
        (_, None) => return Ok(()),
        (Output::One(_), Some(seed)) => vec![Some(Value::read(&seed)?)],
        (Output::Many(_), Some(seeds)) => Value::read_optional(&seeds)?,
    };
    let outputs = output.values();
    if outputs.len() != seeds.len() {
        return schema(format!("{} seeds for {} outputs", seeds.len(), outputs.len()));
    }
    let pairs: Vec<_> =
        outputs.into_iter().zip(&seeds).filter_map(|(output, seed)| Some((output, seed.as_ref()?))).collect();
    let Some(((output, seed), others)) = pairs.split_first() else { return Ok(()) };
    let mut backward = Backward::with(output.float()?, seed.float()?);
    for (output, seed) in others {
        backward = backward.and_with(output.float()?, seed.float()?);
    }
    backward.run();
    Ok(())
}

/// The gradient of each input.
pub fn grads<T: Float>(inputs: &[Value<T>]) -> Tree {
    inputs.iter().map(Value::grad).collect()
}
