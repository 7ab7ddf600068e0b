//! Functions of each element, and of pairs of elements.

use downhill::nn::{Approximate, functional};
use downhill::tensor::{Float, Tensor};

use crate::json::{Fields, FromJson, Outcome, refused, schema};
use crate::single::Output;
use crate::value::{Value, one, two};

impl FromJson for Approximate {
    fn from_json(json: &serde_json::Value) -> Outcome<Self> {
        match json.as_str() {
            Some("none") => Ok(Approximate::None),
            Some("tanh") => Ok(Approximate::Tanh),
            _ => refused(format!("gelu: approximate {json}")),
        }
    }
}

pub fn unary<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let x = || one(op, inputs)?.float();
    let output = match op {
        "neg" => -x()?,
        "exp" => x()?.exp(),
        "log" => x()?.log(),
        "log1p" => x()?.log1p(),
        "expm1" => x()?.expm1(),
        "rsqrt" => x()?.rsqrt(),
        "reciprocal" => x()?.reciprocal(),
        "silu" => x()?.silu(),
        "leaky_relu" => x()?.leaky_relu(args.or("negative_slope", 0.01)?),
        "elu" => x()?.elu(args.or("alpha", 1.0)?),
        "softplus" => x()?.softplus(args.or("beta", 1.0)?, args.or("threshold", 20.0)?),
        "gelu" => functional::gelu(x()?, args.or("approximate", Approximate::None)?),
        "sqrt" => x()?.sqrt(),
        "abs" => x()?.abs(),
        "sin" => x()?.sin(),
        "cos" => x()?.cos(),
        "tanh" => x()?.tanh(),
        "sigmoid" => x()?.sigmoid(),
        "relu" => x()?.relu(),
        "square" => x()?.square(),
        "sign" => x()?.sign(),
        "clone" => x()?.copy(),
        "detach" => x()?.detach(),
        "clamp" => x()?.clamp(args.option::<f64>("min")?, args.option::<f64>("max")?),
        "pow_scalar" => x()?.pow(args.get::<f64>("exponent")?),
        "add_scalar" => x()? + args.get::<f64>("value")?,
        "sub_scalar" => x()? - args.get::<f64>("value")?,
        "rsub_scalar" => args.get::<f64>("value")? - x()?,
        "mul_scalar" => x()? * args.get::<f64>("value")?,
        "div_scalar" => x()? / args.get::<f64>("value")?,
        "rdiv_scalar" => args.get::<f64>("value")? / x()?,
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}

pub fn binary<T: Float>(op: &str, _: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let both = || two(op, inputs);
    let output = match op {
        "add" => both().map(|(x, y)| x + y)?,
        "sub" => both().map(|(x, y)| x - y)?,
        "mul" => both().map(|(x, y)| x * y)?,
        "div" => both().map(|(x, y)| x / y)?,
        "maximum" => both().map(|(x, y)| x.maximum(y))?,
        "minimum" => both().map(|(x, y)| x.minimum(y))?,
        "pow" => both().map(|(x, y)| x.pow(y))?,
        "matmul" => both().map(|(x, y)| x.matmul(y))?,
        "where" => match inputs {
            [condition, x, y] => Tensor::where_(condition.bool()?, x.float()?, y.float()?),
            _ => return schema(format!("where: 3 inputs were expected, not {}", inputs.len())),
        },
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}
