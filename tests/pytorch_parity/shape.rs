//! Operations that change shapes or move elements, for every element type.

use std::ops::Bound;

use downhill::tensor::{Element, Float, Tensor};
use serde_json::Value as Json;

use crate::json::{Dims, Fields, FromJson, Outcome, schema};
use crate::single::Output;
use crate::value::Value;

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let Some(first) = inputs.first() else { return schema(format!("{op}: no inputs")) };
    match first {
        Value::Float(_) => of_type(op, args, &all(inputs, Value::float)?, f64::from_json, Value::Float),
        Value::Int(_) => of_type(op, args, &all(inputs, Value::int)?, i64::from_json, Value::Int),
        Value::Bool(_) => of_type(op, args, &all(inputs, Value::bool)?, bool::from_json, Value::Bool),
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
    scalar: impl Fn(&Json) -> Outcome<E::Scalar>,
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
        "flip" => x()?.flip(args.get::<Vec<isize>>("dims")?),
        "slice" => slice(x()?, args)?,
        "pad" => {
            let mode = args.or("mode", "constant".to_owned())?;
            if mode != "constant" {
                return schema(format!("pad: mode `{mode}` is not understood"));
            }
            let (pad, fill): (Vec<isize>, Json) = (args.get("pad")?, args.or("value", Json::from(0))?);
            x()?.pad(pad, scalar(&fill)?)
        }
        "split" | "chunk" => {
            let pieces = pieces(op, x()?, args)?;
            return Ok(Some(Output::Many(pieces.into_iter().map(value).collect())));
        }
        _ => return Ok(None),
    };
    Ok(Some(Output::One(value(output))))
}

fn slice<E: Element>(x: &Tensor<E>, args: &mut Fields) -> Outcome<Tensor<E>> {
    let (dim, step) = (args.get("dim")?, args.or("step", 1)?);
    let start = args.option::<isize>("start")?.map_or(Bound::Unbounded, Bound::Included);
    let end = args.option::<isize>("end")?.map_or(Bound::Unbounded, Bound::Excluded);
    Ok(x.slice_step(dim, (start, end), step))
}

fn pieces<E: Element>(op: &str, x: &Tensor<E>, args: &mut Fields) -> Outcome<Vec<Tensor<E>>> {
    let dim = args.or("dim", 0)?;
    if op == "chunk" {
        return Ok(x.chunk(args.get("chunks")?, dim));
    }
    let sizes: Json = args.get("split_size_or_sections")?;
    if sizes.is_array() {
        let sizes = Vec::<usize>::from_json(&sizes)?;
        return Ok(x.split_with_sizes(&sizes, dim));
    }
    Ok(x.split(usize::from_json(&sizes)?, dim))
}
