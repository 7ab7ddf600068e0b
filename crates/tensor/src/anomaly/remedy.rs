//! Advice about infinity and NaN: that of the operation, or general advice.

use super::level::largest;
use crate::autograd::op::Anomaly;

/// `known` is [`Op::remedy`](crate::Op::remedy) of the operation; `grad`, in a backward pass, the element of the
/// gradient that came in.
pub(super) fn remedy(
    anomaly: &Anomaly<'_>,
    known: fn(&Anomaly<'_>) -> Option<&'static str>,
    grad: Option<f64>,
) -> String {
    if anomaly.is_backward && anomaly.became.is_nan() && grad == Some(0.0) {
        return "0 * inf is NaN: the gradient is 0 here (masked, or not chosen), and the slope is infinite. To mask \
         the result comes too late: mask the input, as in `x.masked_fill(&mask, 1.0)` before this operation"
            .to_owned();
    }
    known(anomaly).map_or_else(|| general(anomaly), str::to_owned)
}

/// The advice if the operation has none of its own.
fn general(anomaly: &Anomaly<'_>) -> String {
    if anomaly.became.is_nan() {
        return "NaN comes from 0 * inf, inf - inf, inf / inf and 0 / 0: keep infinities out until after this \
         operation, with `masked_fill` or `clamp`"
            .to_owned();
    }
    format!(
        "a number beyond {}, the largest of {}: find what grows from step to step; a smaller learning rate, inputs \
         on a common scale (mean 0, variance 1) and `clip_grad_norm_` help",
        largest(anomaly.kind),
        anomaly.kind
    )
}
