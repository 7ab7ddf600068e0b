//! Indexing: elements chosen by their positions.

use downhill::nn::functional as F;
use downhill::tensor::Float;

use crate::json::{Fields, Outcome, schema};
use crate::single::Output;
use crate::value::Value;

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let both = || match inputs {
        [x, index] => Ok((x.float()?, index.int()?)),
        _ => schema(format!("{op}: 2 inputs were expected, not {}", inputs.len())),
    };
    let output = match op {
        "index_select" => both().and_then(|(x, index)| Ok(x.index_select(args.get("dim")?, index)))?,
        "embedding" => both()
            .and_then(|(weight, index)| Ok(F::embedding(index, weight, args.option::<isize>("padding_idx")?)))?,
        "gather" => both().and_then(|(x, index)| Ok(x.gather(args.get("dim")?, index)))?,
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}
