//! `Newton`: steps to the minimum of the quadratic model of the loss, with the exact Hessian, for small problems.

use std::borrow::Borrow;

use downhill_tensor::{Backward, Float, Tensor, enable_grad};

use crate::flat_params::{numel, set_moved, values};
use crate::group::Options;
use crate::second_order::SecondOrder;
use crate::setting::Setting;

/// Newton's method with damping:
///
/// ```text
/// p = p - lr * (H + damping * I)⁻¹ g
/// ```
///
/// where g is the gradient with respect to all n parameter elements and H the n by n Hessian. H costs n backward
/// passes and the solution n³/6 multiplications, so n must be small. For a quadratic loss one step with `lr` 1 leads
/// to the minimum.
///
/// ```
/// use downhill_optim::Newton;
/// use downhill_tensor::Tensor;
/// let w = Tensor::from([3.0, -2.0]).requires_grad_(true);
/// let mut optimizer = Newton::new([&w], 1.0);
/// let loss = optimizer.step_with(|| (w.square() * Tensor::from([1.0, 10.0])).sum())?;
/// assert_eq!((loss.item(), w.to_vec()), (49.0, vec![0.0, 0.0]));
/// # Ok::<(), downhill_optim::NewtonError>(())
/// ```
pub type Newton<T = f32> = SecondOrder<T, NewtonOptions>;

/// The options of [`Newton`].
#[derive(Clone, Debug)]
pub struct NewtonOptions {
    damping: f64,
}

/// Why no Newton step can be made. The parameters are unchanged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum NewtonError {
    /// The loss has no curvature in some direction.
    #[error(
        "Newton: the Hessian of the {size} parameter elements is singular (with damping {damping}), so the step has \
         no length; increase `damping`, or remove parameters that the loss does not need"
    )]
    Singular { size: usize, damping: f64 },

    /// The loss has negative curvature in some direction: the step would lead to a saddle point or a maximum.
    #[error(
        "Newton: the Hessian of the {size} parameter elements is not positive definite (with damping {damping}), so \
         the step might lead uphill; increase `damping`, or start nearer to a minimum"
    )]
    NotPositiveDefinite { size: usize, damping: f64 },

    /// A derivative is infinite or not a number.
    #[error("Newton: a derivative of the loss is infinite or not a number; start elsewhere, or check the loss")]
    NotFinite,
}

impl<T: Float> Newton<T> {
    /// An optimiser for these parameters with this learning rate; 1 makes full Newton steps.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        SecondOrder::with_options(parameters, lr, NewtonOptions { damping: 0.0 })
    }

    /// Added to the diagonal of the Hessian, as Levenberg (1944) did for least squares, which makes steps shorter and
    /// turns them towards the negative gradient; 0 by default.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    pub fn damping(self, damping: f64) -> Self {
        self.with("damping", damping)
    }

    /// Makes one step. The closure computes the loss and returns it; it needs no `backward`, and `.grad` stays as it
    /// is. Returns the loss. Parameters that do not require a gradient are not changed.
    ///
    /// # Errors
    /// When the damped Hessian is singular or not positive definite, or a derivative is not finite.
    ///
    /// # Panics
    /// When the closure returns more than one number, or a loss that depends on no tensor that requires a gradient.
    #[track_caller]
    pub fn step_with(&mut self, closure: impl FnOnce() -> Tensor<T>) -> Result<Tensor<T>, NewtonError> {
        let parameters: Vec<Tensor<T>> =
            self.group.parameters.iter().filter(|parameter| parameter.requires_grad()).cloned().collect();
        let damping = self.group.options.damping;
        let loss = enable_grad(closure);
        let (grad, mut hessian) = derivatives(&loss, &parameters);
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] += damping;
        }
        let direction = solve(hessian, grad, T::epsilon().to_scalar(), damping)?;
        let direction: Vec<T> = direction.into_iter().map(T::of).collect();
        set_moved(&parameters, &values(&parameters), &direction, -self.group.lr);
        Ok(loss)
    }
}

/// The gradient of a loss with respect to all elements of some parameters, and the Hessian.
#[track_caller]
fn derivatives<T: Float>(loss: &Tensor<T>, parameters: &[Tensor<T>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let inputs: Vec<&Tensor<T>> = parameters.iter().collect();
    let flattened = |grads: &[Option<Tensor<T>>]| -> Vec<f64> {
        let elements = |(grad, input): (&Option<Tensor<T>>, &&Tensor<T>)| match grad {
            Some(grad) => grad.to_vec().into_iter().map(|g| g.to_scalar()).collect(),
            None => vec![0.0; input.numel()],
        };
        grads.iter().zip(&inputs).flat_map(elements).collect()
    };
    let grads = Backward::of(loss).create_graph().grads_of(&inputs);
    let mut hessian = Vec::new();
    for (grad, input) in grads.iter().zip(&inputs) {
        for k in 0..input.numel() {
            // Row k: the derivatives of element k of the gradient; zeros if it is constant.
            hessian.push(match grad.as_ref().filter(|grad| grad.requires_grad()) {
                Some(grad) => {
                    let one = grad.zeros_like();
                    one.update_(|values| values[k] = T::one());
                    flattened(&Backward::with(grad, &one).retain_graph().grads_of(&inputs))
                }
                None => vec![0.0; numel(parameters)],
            });
        }
    }
    (flattened(&grads), hessian)
}

/// Solves `matrix x = right` for a symmetric, positive definite matrix by the factorisation L D Lᵀ (Golub and Van
/// Loan, Matrix Computations, section 4.1). `epsilon` is the relative precision of the matrix.
fn solve(mut matrix: Vec<Vec<f64>>, right: Vec<f64>, epsilon: f64, damping: f64) -> Result<Vec<f64>, NewtonError> {
    let size = right.len();
    if matrix.iter().flatten().chain(&right).any(|x| !x.is_finite()) {
        return Err(NewtonError::NotFinite);
    }
    let largest = matrix.iter().flatten().fold(0.0, |max: f64, x| max.max(x.abs()));
    let zero = size as f64 * epsilon * largest;
    // D overwrites the diagonal and L the elements below it.
    for j in 0..size {
        let rest = |matrix: &[Vec<f64>], i: usize| {
            matrix[i][j] - (0..j).map(|k| matrix[i][k] * matrix[k][k] * matrix[j][k]).sum::<f64>()
        };
        let pivot = rest(&matrix, j);
        if pivot <= zero {
            // A zero pivot with non-zero elements below it means that the matrix is indefinite.
            let below = (j + 1..size).any(|i| rest(&matrix, i).abs() > (zero * largest).sqrt());
            return Err(match pivot < -zero || below {
                true => NewtonError::NotPositiveDefinite { size, damping },
                false => NewtonError::Singular { size, damping },
            });
        }
        matrix[j][j] = pivot;
        for i in j + 1..size {
            matrix[i][j] = rest(&matrix, i) / pivot;
        }
    }
    // L z = right, then D Lᵀ x = z.
    let mut x = right;
    for i in 0..size {
        x[i] -= (0..i).map(|k| matrix[i][k] * x[k]).sum::<f64>();
    }
    for i in (0..size).rev() {
        x[i] = x[i] / matrix[i][i] - (i + 1..size).map(|k| matrix[k][i] * x[k]).sum::<f64>();
    }
    Ok(x)
}

impl Options for NewtonOptions {
    const NAME: &'static str = "Newton";

    const SETTINGS: &'static [Setting<Self>] =
        &[Setting::at_least_0("damping", |o| o.damping, |o, value| o.damping = value)];
}
