//! Checks derivatives against finite differences, of order one and two, in `f64`.

use rand::{RngExt, SeedableRng};

use crate::autograd::backward::Backward;
use crate::autograd::grad_mode::{enable_grad, no_grad};
use crate::autograd::tensor::Tensor;
use crate::base::generator::Generator;
use crate::tensor_methods::create::Create;

/// The relative tolerance: far above the error of a central difference, far below that of a wrong backward rule.
const RELATIVE: f64 = 1e-5;
/// The absolute tolerance, for gradients that are 0.
const ABSOLUTE: f64 = 1e-7;
/// The step to each side at which the function is evaluated.
const STEP: f64 = 1e-5;

/// A gradient that disagrees with its finite difference.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "gradient of order {order} by element {element} of input {input}: the rule gives {analytic}, a finite \
     difference {numeric}"
)]
pub struct GradcheckError {
    /// 1 for the gradient, 2 for the gradient of the gradient.
    pub order: usize,
    /// Which input, from 0.
    pub input: usize,
    /// Which element of the input, in row-major order.
    pub element: usize,
    /// The result of the backward pass.
    pub analytic: f64,
    /// The result of the finite difference.
    pub numeric: f64,
}

/// Compares the gradients of a function with finite differences at these inputs.
///
/// Every element of every input is perturbed in both directions. An output that is not a scalar is summed with random
/// weights, the same in every run. The inputs should be away from kinks.
///
/// ```
/// use downhill_tensor::{Tensor, gradcheck};
/// let x = Tensor::<f64>::new([0.5, -1.5]);
/// gradcheck(|[x]| x.tanh(), [&x]).unwrap();
/// // `detach` hides half of the gradient of x²:
/// assert!(gradcheck(|[x]| x * x.detach(), [&x]).is_err());
/// ```
///
/// # Errors
/// The first element where gradient and finite difference disagree.
pub fn gradcheck<const N: usize>(
    f: impl Fn([&Tensor<f64>; N]) -> Tensor<f64>,
    inputs: [&Tensor<f64>; N],
) -> Result<(), GradcheckError> {
    let mut random = Generator::seed_from_u64(0);
    let leaves = inputs.map(|input| input.detach().copy().requires_grad_(true));
    let output = enable_grad(|| f(leaves.each_ref()));
    let weights = weights(output.shape(), &mut random);
    let grads = gradients(&output, &weights, leaves.each_ref(), false);
    let value = |inputs: [&Tensor<f64>; N]| no_grad(|| (f(inputs) * &weights).sum().item());
    compare(1, &leaves, &grads, value)
}

/// As [`gradcheck`], and the gradients of the gradients as well.
///
/// # Errors
/// The first element where gradient and finite difference disagree.
pub fn gradgradcheck<const N: usize>(
    f: impl Fn([&Tensor<f64>; N]) -> Tensor<f64>,
    inputs: [&Tensor<f64>; N],
) -> Result<(), GradcheckError> {
    gradcheck(&f, inputs)?;
    let mut random = Generator::seed_from_u64(1);
    let leaves = inputs.map(|input| input.detach().copy().requires_grad_(true));
    let directions = inputs.map(|input| weights(input.shape(), &mut random));
    let output = enable_grad(|| f(leaves.each_ref()));
    let weights = weights(output.shape(), &mut random);

    // The sum over all inputs of <gradient, direction>: its own gradient is the second derivative along the
    // directions.
    let along = |grads: [Option<Tensor<f64>>; N]| {
        let parts =
            grads.into_iter().zip(&directions).filter_map(|(grad, direction)| Some((grad? * direction).sum()));
        parts.reduce(|a, b| a + b).unwrap_or_else(|| Tensor::<f64>::zeros([]))
    };
    let sum = enable_grad(|| along(gradients(&output, &weights, leaves.each_ref(), true)));
    let grads = if sum.requires_grad() { Backward::of(&sum).grads(leaves.each_ref()) } else { [const { None }; N] };
    let value = |inputs: [&Tensor<f64>; N]| {
        let leaves = inputs.map(|input| input.detach().requires_grad_(true));
        let output = enable_grad(|| f(leaves.each_ref()));
        no_grad(|| along(gradients(&output, &weights, leaves.each_ref(), false)).item())
    };
    compare(2, &leaves, &grads, value)
}

fn gradients<const N: usize>(
    output: &Tensor<f64>,
    weights: &Tensor<f64>,
    inputs: [&Tensor<f64>; N],
    create_graph: bool,
) -> [Option<Tensor<f64>>; N] {
    if !output.requires_grad() {
        return [const { None }; N];
    }
    let backward = Backward::with(output, weights);
    if create_graph { backward.create_graph() } else { backward }.grads(inputs)
}

/// Weights of both signs that are never small, so that no error hides behind a weight of almost 0.
fn weights(shape: &[usize], random: &mut Generator) -> Tensor<f64> {
    let count = shape.iter().product();
    let weight = |_| random.random_range(0.5..1.5) * if random.random_bool(0.5) { 1.0 } else { -1.0 };
    Tensor::from_vec((0..count).map(weight).collect(), shape).expect("one weight for each element")
}

fn compare<const N: usize>(
    order: usize,
    inputs: &[Tensor<f64>; N],
    grads: &[Option<Tensor<f64>>; N],
    value: impl Fn([&Tensor<f64>; N]) -> f64,
) -> Result<(), GradcheckError> {
    for input in 0..N {
        let numbers = inputs[input].to_vec();
        let grad = grads[input].as_ref().map_or_else(|| vec![0.0; numbers.len()], Tensor::to_vec);
        for element in 0..numbers.len() {
            let step = STEP * numbers[element].abs().max(1.0);
            let at = |x: f64| {
                let mut moved = numbers.clone();
                moved[element] = x;
                let moved = Tensor::from_vec(moved, inputs[input].shape()).expect("the same number of elements");
                let mut all = inputs.each_ref();
                all[input] = &moved;
                value(all)
            };
            let (above, below) = (at(numbers[element] + step), at(numbers[element] - step));
            let (numeric, analytic) = ((above - below) / (2.0 * step), grad[element]);
            // Rounding of the two values limits the accuracy of their difference.
            let rounding = 1e-10 * above.abs().max(below.abs());
            let accepted = ABSOLUTE + rounding + RELATIVE * numeric.abs().max(analytic.abs());
            if (analytic - numeric).abs() > accepted || analytic.is_nan() != numeric.is_nan() {
                return Err(GradcheckError { order, input, element, analytic, numeric });
            }
        }
    }
    Ok(())
}
