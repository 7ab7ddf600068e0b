//! Other shapes and other places: the same for elements of every type.

use downhill::tensor::{Element, Float, Tensor};

use crate::json::{Dims, Fields, Outcome, schema};
use crate::single::Output;
use crate::value::Value;

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let Some(first) = inputs.first() else { return schema(format!("{op}: no inputs")) };
    match first {
        Value::Float(_) => of_type(op, args, &all(inputs, Value::float)?, Value::Float),
        Value::Int(_) => of_type(op, args, &all(inputs, Value::int)?, Value::Int),
        Value::Bool(_) => of_type(op, args, &all(inputs, Value::bool)?, Value::Bool),
    }
}

fn all<T: Float, E: Element>(
    inputs: &[Value<T>],
    typed: impl Fn(&Value<T>) -> Outcome<&Tensor<E>>,
) -> Outcome<Vec<&Tensor<E>>> {
    inputs.iter().map(typed).collect()
}

fn of_type<T: Float, E: Element>(
    op: &str,
    args: &mut Fields,
    inputs: &[&Tensor<E>],
    value: impl Fn(Tensor<E>) -> Value<T>,
) -> Outcome<Option<Output<T>>> {
    let x = || match inputs {
        [x] => Ok(*x),
        _ => schema(format!("{op}: 1 input was expected, not {}", inputs.len())),
    };
    let output = match op {
        "reshape" => x()?.reshape(args.get::<Vec<isize>>("shape")?),
        "flatten" => x()?.flatten_dims(args.or("start_dim", 0)?, args.or("end_dim", -1)?),
        "transpose" => x()?.transpose(args.get("dim0")?, args.get("dim1")?),
        "permute" => x()?.permute(args.get::<Vec<isize>>("dims")?),
        "squeeze" => match args.option::<Dims>("dim")? {
            Some(Dims(dims)) => x()?.squeeze_dim(dims),
            None => x()?.squeeze(),
        },
        "unsqueeze" => x()?.unsqueeze(args.get("dim")?),
        "expand" => x()?.expand(args.get::<Vec<isize>>("size")?),
        "cat" => Tensor::cat(inputs, args.or("dim", 0)?),
        "stack" => Tensor::stack(inputs, args.or("dim", 0)?),
        "narrow" => x()?.narrow(args.get("dim")?, args.get("start")?, args.get("length")?),
        _ => return Ok(None),
    };
    Ok(Some(Output::One(value(output))))
}
