//! Losses.

use downhill::nn::{
    BCEWithLogitsLoss, ClassTarget, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss, Reduction, SmoothL1Loss,
};
use downhill::tensor::{Float, Tensor};

use crate::json::{Fields, FromJson, Outcome, schema};
use crate::single::Output;
use crate::value::{Value, two};

impl FromJson for Reduction {
    fn from_json(json: &serde_json::Value) -> Outcome<Self> {
        match json.as_str() {
            Some("mean") => Ok(Reduction::Mean),
            Some("sum") => Ok(Reduction::Sum),
            Some("none") => Ok(Reduction::None),
            _ => schema(format!("{json} is not a reduction")),
        }
    }
}

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    if !matches!(op, "cross_entropy" | "nll_loss")
        && !op.ends_with("_loss")
        && !op.starts_with("binary_cross_entropy")
    {
        return Ok(None);
    }
    let reduction = args.or("reduction", Reduction::Mean)?;
    let output = match op {
        "mse_loss" => two(op, inputs).map(|(x, y)| MSELoss::new().reduction(reduction).forward(x, y))?,
        "l1_loss" => two(op, inputs).map(|(x, y)| L1Loss::new().reduction(reduction).forward(x, y))?,
        "smooth_l1_loss" => {
            let ((x, y), beta) = (two(op, inputs)?, args.or("beta", 1.0)?);
            SmoothL1Loss::new().beta(beta).reduction(reduction).forward(x, y)
        }
        "huber_loss" => {
            let ((x, y), delta) = (two(op, inputs)?, args.or("delta", 1.0)?);
            HuberLoss::new().delta(delta).reduction(reduction).forward(x, y)
        }
        "cross_entropy" => cross_entropy(args, reduction, inputs)?,
        "nll_loss" => {
            let (x, target, weight) = with_weight(op, inputs)?;
            let loss = NLLLoss::new().reduction(reduction).ignore_index(args.or("ignore_index", -100)?);
            let loss = weight.iter().fold(loss, |loss, weight| loss.weight(weight));
            loss.forward(x, target.int()?)
        }
        "binary_cross_entropy_with_logits" => bce_with_logits(args, reduction, inputs)?,
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}

/// The outputs, the target, and the weight if there is one.
type Weighted<'a, T> = (&'a Tensor<T>, &'a Value<T>, Option<&'a Tensor<T>>);

fn with_weight<'a, T: Float>(op: &str, inputs: &'a [Value<T>]) -> Outcome<Weighted<'a, T>> {
    match inputs {
        [x, target] => Ok((x.float()?, target, None)),
        [x, target, weight] => Ok((x.float()?, target, Some(weight.float()?))),
        _ => schema(format!("{op}: 2 or 3 inputs were expected, not {}", inputs.len())),
    }
}

fn cross_entropy<T: Float>(args: &mut Fields, reduction: Reduction, inputs: &[Value<T>]) -> Outcome<Tensor<T>> {
    let (x, target, weight) = with_weight("cross_entropy", inputs)?;
    let (ignore_index, smoothing) = (args.option("ignore_index")?, args.or("label_smoothing", 0.0)?);
    let mut loss = CrossEntropyLoss::new().reduction(reduction).label_smoothing(smoothing);
    if let Some(ignore_index) = ignore_index {
        loss = loss.ignore_index(ignore_index);
    }
    if let Some(weight) = weight {
        loss = loss.weight(weight);
    }
    Ok(match target {
        Value::Int(labels) => loss.forward(x, labels),
        _ => loss.forward(x, ClassTarget::Probabilities(target.float()?)),
    })
}

fn bce_with_logits<T: Float>(args: &mut Fields, reduction: Reduction, inputs: &[Value<T>]) -> Outcome<Tensor<T>> {
    let (has_weight, has_pos_weight) = (args.or("has_weight", false)?, args.or("has_pos_weight", false)?);
    let expected = 2 + usize::from(has_weight) + usize::from(has_pos_weight);
    if inputs.len() != expected {
        return schema(format!("{expected} inputs were expected, not {}", inputs.len()));
    }
    let mut loss = BCEWithLogitsLoss::new().reduction(reduction);
    if has_weight {
        loss = loss.weight(inputs[2].float()?);
    }
    if has_pos_weight {
        loss = loss.pos_weight(inputs[expected - 1].float()?);
    }
    Ok(loss.forward(inputs[0].float()?, inputs[1].float()?))
}
