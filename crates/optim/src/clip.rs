//! Gradient clipping: scales or limits gradients before the step.

use std::borrow::Borrow;

use downhill_tensor::{Error, Float, Tensor};

/// Scales all gradients by one factor so that their joint 2-norm is at most `max_norm`. Returns the norm before.
/// Parameters without a gradient are skipped.
///
/// As in PyTorch the factor is `min(1, max_norm / (norm + 1e-6))`. An infinite or NaN norm is not an error: an
/// infinite one turns finite gradients into 0, and a NaN makes all gradients NaN.
///
/// ```
/// use downhill_optim::clip_grad_norm_;
/// use downhill_tensor::Tensor;
/// let w = Tensor::from([0.0, 0.0]).requires_grad_(true);
/// w.set_grad(Some(Tensor::from([3.0, 4.0])));
/// assert_eq!(clip_grad_norm_([&w], 1.0), 5.0);
/// assert!((w.grad().unwrap().square().sum().item() - 1.0).abs() < 1e-5);
/// ```
///
/// # Panics
/// When `max_norm` is negative or NaN.
#[track_caller]
pub fn clip_grad_norm_<T: Float>(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, max_norm: f64) -> f64 {
    clip("clip_grad_norm_", parameters, max_norm, 2.0)
}

/// Like [`clip_grad_norm_`] with the p-norm for p = `norm_type`: 1 for the sum of absolute values, `f64::INFINITY`
/// for the largest.
///
/// ```
/// use downhill_optim::clip_grad_p_norm_;
/// use downhill_tensor::Tensor;
/// let w = Tensor::from([0.0, 0.0]).requires_grad_(true);
/// w.set_grad(Some(Tensor::from([3.0, -4.0])));
/// assert_eq!(clip_grad_p_norm_([&w], 10.0, f64::INFINITY), 4.0);
/// ```
///
/// # Panics
/// When `max_norm` is negative or NaN, or `norm_type` is NaN.
#[track_caller]
pub fn clip_grad_p_norm_<T: Float>(
    parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>,
    max_norm: f64,
    norm_type: f64,
) -> f64 {
    clip("clip_grad_p_norm_", parameters, max_norm, norm_type)
}

#[track_caller]
fn clip<T: Float>(
    op: &'static str,
    parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>,
    max_norm: f64,
    norm_type: f64,
) -> f64 {
    check_at_least_0(op, "max_norm", max_norm);
    if norm_type.is_nan() {
        let (name, given) = ("norm_type", norm_type.to_string());
        Error::Argument { op, name, given, expected: "a number" }.raise();
    }
    let parameters = with_gradients(parameters);
    let norms = parameters.iter().map(|(_, grad)| {
        let grad = grad.array();
        let magnitudes = grad.view().iter().map(|x| x.to_scalar().abs()).collect::<Vec<_>>();
        T::of(norm(&magnitudes, norm_type)).to_scalar()
    });
    let total = T::of(norm(&norms.collect::<Vec<_>>(), norm_type));

    let (most, length) = (T::of(max_norm), total + T::of(1e-6));
    let factor = if most / length > T::one() { T::one() } else { most / length };
    // A factor below the normal numbers has few digits: the gradient is divided first.
    let clipped = |g: T| if factor < T::min_positive_value() { g / length * most } else { g * factor };
    for (parameter, grad) in parameters {
        parameter.set_grad(Some(Tensor::from_array(grad.array().map_to(clipped))));
    }
    total.to_scalar()
}

/// Clamps every element of every gradient to the range from `-clip_value` to `clip_value`.
///
/// ```
/// use downhill_optim::clip_grad_value_;
/// use downhill_tensor::Tensor;
/// let w = Tensor::from([0.0, 0.0]).requires_grad_(true);
/// w.set_grad(Some(Tensor::from([3.0, -0.5])));
/// clip_grad_value_([&w], 1.0);
/// assert_eq!(w.grad().unwrap().to_vec(), [1.0, -0.5]);
/// ```
///
/// # Panics
/// When `clip_value` is negative or NaN.
#[track_caller]
pub fn clip_grad_value_<T: Float>(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, clip_value: f64) {
    check_at_least_0("clip_grad_value_", "clip_value", clip_value);
    for (parameter, grad) in with_gradients(parameters) {
        parameter.set_grad(Some(grad.detach().clamp(-clip_value, clip_value)));
    }
}

#[track_caller]
fn check_at_least_0(op: &'static str, name: &'static str, value: f64) {
    if value.is_nan() || value < 0.0 {
        Error::Argument { op, name, given: value.to_string(), expected: "at least 0" }.raise();
    }
}

fn with_gradients<T: Float>(
    parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>,
) -> Vec<(Tensor<T>, Tensor<T>)> {
    let with_gradient = |parameter: &Tensor<T>| Some((parameter.clone(), parameter.grad()?));
    parameters.into_iter().filter_map(|parameter| with_gradient(parameter.borrow())).collect()
}

/// The p-norm of magnitudes: (sum x^p)^(1/p), their maximum or minimum for p = ±∞, how many are not 0 for p = 0.
/// What is not a number makes the norm not a number.
fn norm(magnitudes: &[f64], p: f64) -> f64 {
    let or_nan = |pick: fn(f64, f64) -> f64| {
        move |a: f64, b: f64| if a.is_nan() || b.is_nan() { f64::NAN } else { pick(a, b) }
    };
    let (all, n) = (|| magnitudes.iter().copied(), magnitudes.len() as f64);
    let (largest, smallest) =
        (|| all().fold(0.0, or_nan(f64::max)), || all().reduce(or_nan(f64::min)).unwrap_or(0.0));
    let sum_powers = |unit: f64| match p {
        2.0 => all().map(|x| x / unit * (x / unit)).sum::<f64>(),
        _ => all().map(|x| (x / unit).powf(p)).sum(),
    };
    let root = |sum: f64| if p == 2.0 { sum.sqrt() } else { sum.powf(1.0 / p) };
    match p {
        f64::INFINITY => largest(),
        f64::NEG_INFINITY => smallest(),
        0.0 => all().filter(|&x| x != 0.0).count() as f64,
        1.0 => all().sum(),
        _ => {
            let sum = sum_powers(1.0);
            if n * f64::MIN_POSITIVE <= sum && sum < f64::INFINITY {
                return root(sum);
            }
            // Powers that over- or underflow: ‖x‖ = u ‖x/u‖ with the element u of the largest power.
            let unit = if p > 0.0 { largest() } else { smallest() };
            if unit > 0.0 && unit < f64::INFINITY { unit * root(sum_powers(unit)) } else { root(sum) }
        }
    }
}
