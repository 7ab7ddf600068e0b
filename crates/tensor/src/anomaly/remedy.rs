//! What to do about infinity and NaN where they usually come from.

use super::report::largest;
use crate::base::element::Kind;

/// An element that is not finite, and the numbers at its place.
pub(super) struct Case<'a> {
    pub(super) op: &'a str,
    pub(super) formula: &'a str,
    /// The element of each input, where there is one at this place.
    pub(super) inputs: &'a [Option<f64>],
    /// In a backward pass, the element of the incoming gradient.
    pub(super) grad: Option<Option<f64>>,
    pub(super) became: f64,
    pub(super) kind: Kind,
    /// The number of elements of the first input.
    pub(super) elements: usize,
}

pub(super) fn remedy(case: &Case<'_>) -> String {
    let known = if case.grad.is_some() { backward(case) } else { forward(case) };
    known.map_or_else(|| general(case), str::to_owned)
}

fn forward(case: &Case<'_>) -> Option<&'static str> {
    let input = |position: usize| case.inputs.get(position).copied().flatten();
    let last = case.inputs.last().copied().flatten();
    Some(match (case.op, input(0)) {
        ("log", Some(0.0)) => {
            "ln 0 is minus infinity: keep the argument above 0, as in `x.clamp(1e-7, 1.0).log()`; the logarithm of a softmax is `log_softmax`"
        }
        ("log", Some(x)) if x < 0.0 => {
            "a negative number has no logarithm: look for what made it negative, or keep it above 0 with `clamp`"
        }
        ("log1p", Some(x)) if x <= -1.0 => "ln(1 + x) needs x above -1: keep it there with `clamp`",
        ("sqrt", Some(x)) if x < 0.0 => {
            "a negative number has no square root: keep it at 0 or above, as in `x.clamp(0.0, f64::INFINITY)`"
        }
        ("div", _) if case.formula == "a / number" => "a division by 0: the plain number behind `/` is 0, or too small",
        ("div", _) if last == Some(0.0) => {
            "a division by 0: add a small number to the divisor, as in `a / (b + 1e-8)`, or give it a harmless value first with `masked_fill`"
        }
        ("exp" | "expm1", Some(x)) if x > 0.0 => match case.kind {
            Kind::F64 => {
                "eˣ is beyond f64 from x = 709.8: subtract the largest element first, as `softmax` and `logsumexp` do, or work with logarithms"
            }
            _ => {
                "eˣ is beyond f32 from x = 88.7: subtract the largest element first, as `softmax` and `logsumexp` do, or work with logarithms"
            }
        },
        ("pow", Some(0.0)) => "0 to a negative power is a division by 0: keep the base above 0 with `clamp`",
        ("pow", Some(x)) if x < 0.0 && case.became.is_nan() => {
            "a negative number has whole powers only: take `abs()` or `square()` first, or a whole exponent"
        }
        ("softmax" | "log_softmax" | "logsumexp", _) if case.became.is_nan() => {
            "a row whose elements are all -inf (masked) has no softmax: leave at least one of them open"
        }
        ("mean", _) if case.elements == 0 => "there is nothing to average: check for `numel() == 0` first",
        ("var" | "std", _) if case.became.is_nan() => {
            "a sample of one element has no variance (0 / 0): take more, or that of the population with `var_dim(dims, 0)`"
        }
        ("cast", _) => "the number is too large for the new type: scale it first",
        _ => return None,
    })
}

fn backward(case: &Case<'_>) -> Option<&'static str> {
    let input = |position: usize| case.inputs.get(position).copied().flatten();
    if case.became.is_nan() && case.grad == Some(Some(0.0)) {
        return Some(
            "0 * inf is NaN: the gradient is 0 here (masked, or not chosen), and the slope is infinite. To mask the result comes too late: mask the input, as in `x.masked_fill(&mask, 1.0)` before this operation",
        );
    }
    Some(match (case.op, input(0)) {
        ("sqrt", Some(0.0)) => {
            "the slope of √x at 0 is infinite: add a small number inside, as in `(x + 1e-12).sqrt()`; a length is `norm`, whose gradient at 0 is 0"
        }
        ("log", Some(_)) => "the slope 1/x is infinite near 0: keep the argument away from 0 with `clamp`",
        ("pow", Some(0.0)) => "the slope of a power below 1 is infinite at 0: keep the base above 0 with `clamp`",
        ("div", _) => {
            "the slope of a / b is a / b², too large for a divisor this small: add a small number to it, as in `a / (b + 1e-8)`"
        }
        _ => return None,
    })
}

/// Where the operation says nothing particular.
fn general(case: &Case<'_>) -> String {
    if case.became.is_nan() {
        return "NaN comes of 0 * inf, inf - inf, inf / inf and 0 / 0: keep infinities out until after this operation, with `masked_fill` or `clamp`".to_owned();
    }
    format!(
        "a number beyond {}, the largest of {}: find what grows from step to step; a smaller learning rate, inputs on a common scale (mean 0, variance 1) and `clip_grad_norm_` help",
        largest(case.kind),
        case.kind
    )
}
