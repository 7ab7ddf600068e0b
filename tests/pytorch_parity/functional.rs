//! Functional layers: the parameters are inputs.

use downhill::nn::functional as F;
use downhill::tensor::{Float, Tensor};

use crate::json::{Dims, Fields, Outcome, refused, schema};
use crate::single::Output;
use crate::value::{Value, one};

/// Between `least` and `N` floats; those that are missing are `None`.
fn floats<'a, T: Float, const N: usize>(
    op: &str,
    inputs: &'a [Value<T>],
    least: usize,
) -> Outcome<[Option<&'a Tensor<T>>; N]> {
    if inputs.len() < least || inputs.len() > N {
        return schema(format!("{op}: {least} to {N} inputs were expected, not {}", inputs.len()));
    }
    let mut floats = [None; N];
    for (place, input) in floats.iter_mut().zip(inputs) {
        *place = Some(input.float()?);
    }
    Ok(floats)
}

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let output = match op {
        "linear" => {
            let [Some(x), Some(weight), bias] = floats(op, inputs, 2)? else { return Ok(None) };
            F::linear(x, weight, bias)
        }
        "softmax" => F::softmax(one(op, inputs)?.float()?, args.get("dim")?),
        "log_softmax" => F::log_softmax(one(op, inputs)?.float()?, args.get("dim")?),
        "dropout" => F::dropout(one(op, inputs)?.float()?, args.or("p", 0.5)?, args.or("training", true)?),
        "layer_norm" => {
            let [Some(x), weight, bias] = floats(op, inputs, 1)? else { return Ok(None) };
            F::layer_norm(x, sizes(args.get("normalized_shape")?)?, weight, bias, args.or("eps", 1e-5)?)
        }
        "batch_norm" => return batch_norm(op, args, inputs).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}

/// One size or a list of them.
pub fn sizes(Dims(sizes): Dims) -> Outcome<Vec<usize>> {
    sizes
        .into_iter()
        .map(|size| usize::try_from(size).or_else(|_| refused(format!("{size} is not a size"))))
        .collect()
}

/// The output, and the running statistics after it.
fn batch_norm<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Output<T>> {
    let [Some(x), Some(mean), Some(var), weight, bias] = floats(op, inputs, 3)? else {
        return schema("batch_norm: the running statistics are missing");
    };
    let (mean, var) = (mean.detach().copy(), var.detach().copy());
    let (training, momentum, eps) = (args.or("training", false)?, args.or("momentum", 0.1)?, args.or("eps", 1e-5)?);
    let y = F::batch_norm(x, Some((&mean, &var)), weight, bias, training, momentum, eps);
    Ok(Output::Many([y, mean, var].map(Value::Float).into()))
}
