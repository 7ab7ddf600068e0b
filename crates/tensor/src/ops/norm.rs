//! `norm`: the Euclidean norm over all or some dimensions; `norm_p`: the other p-norms.
//!
//! Only the Euclidean norm has its own backward rule; the others are composed of other operations.

use downhill_kernels::buffer::Buffer;

use crate::array::magnitude::{least_sum, magnitudes, units};
use crate::array::reduce::sum_axes;
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::backward::Backward;
use crate::base::scalar::IntoScalar;
use crate::base::shape;
use crate::ops::prelude::*;

pub(crate) struct Norm {
    axes: Axes,
    keepdim: bool,
}

/// The sums of the squares; no closure, so that an error names the user's line.
#[track_caller]
fn squares<T: Float>(x: Array<T>, axes: Axes) -> Buffer<T> {
    sum_axes(x.map(|x| x * x), axes)
}

impl<T: Float> Op<T> for Norm {
    type Arity = Fixed<1>;
    const NAME: &'static str = "norm";
    const FORMULA: &'static str = "‖x‖ = √(Σ x²)";
    const DERIVATIVE: &'static str = "grad * x / ‖x‖, and 0 where the norm is 0";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (axes, shape, kept) = (self.axes, self.axes.reduced(x.shape(), self.keepdim), self.axes.kept(x.shape()));
        let sums = squares(x.clone(), axes);
        let norm = match units(&x, axes, &sums, least_sum(axes.count(x.shape()))) {
            None => Array::own(kept, sums).map(T::sqrt),
            // ‖x‖ = u ‖x/u‖, so that no square overflows or underflows
            Some(unit) => {
                let scaled = x.zip("norm", unit.clone(), |x, unit| x / unit);
                Array::own(kept, squares(scaled, axes)).zip("norm", unit, |sum, unit| sum.sqrt() * unit)
            }
        };
        norm.reshaped(shape)
    }

    // ∂‖x‖/∂xᵢ = xᵢ/‖x‖; at 0 every vector of length at most 1 is a subgradient, and 0 is chosen
    fn backward(&self, grad: Tensor<T>, saved: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        let (mut x, kept) = (saved.input(0), self.axes.kept(saved.input_shape(0).slice()));
        let mut norm = saved.output().reshaped(kept.clone());
        // Rescale lanes whose norm overflows or loses digits to underflow: the direction x/‖x‖ does not depend on the
        // scale.
        let least = T::min_positive_value() / T::epsilon();
        if let Some(unit) = units(&x.array(), self.axes, saved.output_values().contiguous().slice(), least) {
            x = x / Tensor::from_array(unit);
            norm = Norm { axes: self.axes, keepdim: true }.apply([&x]);
        }
        [Some(along(grad.reshaped(kept), x, &norm, &saved.output()))]
    }
}

/// grad v/‖v‖, the gradient of the length ‖v‖ with respect to v, and 0 where the length is 0. `output` is the node of
/// the length in the recorded graph.
///
/// ‖v‖ is not smooth at 0, but functions of ‖v‖² are: the second derivative of ‖v‖² itself is 2. For them the
/// upstream gradient is 0 wherever the length is 0, and grad/‖v‖ tends to ∂grad/∂‖v‖ (L'Hôpital's rule). v times that
/// limit is 0 and has the right derivative.
#[track_caller]
pub(crate) fn along<T: Float>(grad: Tensor<T>, v: Tensor<T>, length: &Tensor<T>, output: &Tensor<T>) -> Tensor<T> {
    let zero = length.eq(0);
    // With a zero length replaced by 1, nothing is divided by 0, and no later derivative multiplies infinity by 0.
    let slope = |length: &Tensor<T>| &grad * (&v / length).masked_fill(&zero, 0);
    let smooth = zero.and(&grad.eq(0));
    // Both require a gradient only with `create_graph`.
    if !grad.requires_grad() || !output.requires_grad() || !smooth.to_vec().contains(&true) {
        return slope(&length.masked_fill(&zero, 1));
    }
    let [limit] = Backward::with(&grad, &grad.detach().ones_like()).create_graph().grads([output]);
    match limit {
        Some(limit) => {
            let limit = limit.reshaped(length.shape().into_shape()).masked_fill(&smooth.not(), 0);
            slope(&length.masked_fill(&zero, 1)) + &v * limit
        }
        // The gradient does not depend on this length, so the limit is unknown: NaN marks the second derivative as
        // undefined.
        None => slope(length),
    }
}

impl<T: Float> Tensor<T> {
    /// The Euclidean norm of all elements: the square root of the sum of their squares. The gradient at 0 is 0, and
    /// products of the norm with itself have their second derivatives there: the Hessian of `x.norm().square()` is
    /// twice the identity.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([3.0, 4.0]).norm().item(), 5.0);
    /// ```
    #[track_caller]
    pub fn norm(&self) -> Tensor<T> {
        Norm { axes: Axes::all(self.ndim()), keepdim: false }.apply([self])
    }

    /// The Euclidean norms over some dimensions, which are removed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[3.0, 4.0], [0.0, -1.0]]).norm_dim(1).to_vec(), [5.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn norm_dim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_dim", &dims.into_dims(), self.ndim()).or_raise();
        Norm { axes, keepdim: false }.apply([self])
    }

    /// The Euclidean norms over some dimensions, which are kept with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn norm_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Norm { axes, keepdim: true }.apply([self])
    }

    /// The p-norm of all elements: (Σ |x|ᵖ)^(1/p).
    ///
    /// p = ∞ gives the largest magnitude, -∞ the smallest, and p = 0 counts the nonzero elements. For p = ±∞, tied
    /// elements share the gradient equally. Zero elements get the gradient 0, and so do all elements where the norm
    /// is 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([3.0, -4.0]);
    /// assert_eq!([1.0, 2.0, f64::INFINITY].map(|p| x.norm_p(p).item()), [7.0, 5.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When p is not a number, or there are no elements and p is infinite or negative.
    #[track_caller]
    pub fn norm_p(&self, p: impl IntoScalar) -> Tensor<T> {
        self.p_norm("norm_p", p.into_scalar(), Axes::all(self.ndim()), false).or_raise()
    }

    /// The p-norms over some dimensions, which are removed: see [`norm_p`](Tensor::norm_p).
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[3.0, 4.0], [0.0, -1.0]]).norm_p_dim(1, 1).to_vec(), [7.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice, and as [`norm_p`](Tensor::norm_p).
    #[track_caller]
    pub fn norm_p_dim(&self, p: impl IntoScalar, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_p_dim", &dims.into_dims(), self.ndim()).or_raise();
        self.p_norm("norm_p_dim", p.into_scalar(), axes, false).or_raise()
    }

    /// The p-norms over some dimensions, which are kept with size 1: see [`norm_p`](Tensor::norm_p).
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice, and as [`norm_p`](Tensor::norm_p).
    #[track_caller]
    pub fn norm_p_keepdim(&self, p: impl IntoScalar, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_p_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        self.p_norm("norm_p_keepdim", p.into_scalar(), axes, true).or_raise()
    }

    #[track_caller]
    fn p_norm(&self, op: &'static str, p: f64, axes: Axes, keepdim: bool) -> Result<Tensor<T>, Error> {
        if p.is_nan() {
            return Err(Error::Argument { op, name: "p", given: "NaN".to_owned(), expected: "a number" });
        }
        if p == 2.0 {
            return Ok(Norm { axes, keepdim }.apply([self]));
        }
        let shape = axes.reduced(self.shape(), keepdim);
        if (p.is_infinite() || p < 0.0) && axes.count(self.shape()) == 0 && shape::numel(shape.slice()) > 0 {
            return Err(Error::Empty { op, shape: self.shape().to_vec() });
        }
        let dims: Vec<isize> =
            (0..self.ndim()).filter(|&axis| axes.contains(axis)).map(|axis| axis as isize).collect();
        let norm = match p {
            // The p-norm of a single element is its magnitude, for every p but 0.
            _ if p != 0.0 && axes.count(self.shape()) == 1 => self.abs(),
            f64::INFINITY => self.abs().amax_keepdim(dims),
            f64::NEG_INFINITY => self.abs().amin_keepdim(dims),
            // sign(NaN) is 0, but NaN counts as nonzero.
            0.0 => self.sign().abs().masked_fill(&self.ne(self), 1).sum_keepdim(dims),
            1.0 => self.abs().sum_keepdim(dims),
            _ => {
                let sum = self.sum_of_powers(p, &dims);
                let least = least_sum(axes.count(self.shape()));
                // The element with the largest |x|ᵖ: the largest magnitude for p > 0, else the smallest; NaN wins.
                let pick = |a: T, b: T| if (if p > 0.0 { b > a } else { b < a }) || b.is_nan() { b } else { a };
                match magnitudes(&self.array(), axes, sum.array().contiguous().slice(), least, pick) {
                    None => root(sum, p),
                    // ‖x‖ = u ‖x/u‖, so that no power overflows or underflows
                    Some(unit) => {
                        let unit = Tensor::from_array(unit);
                        root((self / &unit).sum_of_powers(p, &dims), p) * unit
                    }
                }
            }
        };
        Ok(norm.reshaped(shape))
    }

    /// Σ |x|ᵖ. At 0 the slope of |x|ᵖ may be infinite or undefined, so zeros are masked out and get no gradient.
    #[track_caller]
    fn sum_of_powers(&self, p: f64, dims: &[isize]) -> Tensor<T> {
        let zero = self.eq(0);
        let power = if p > 0.0 { 0.0 } else { f64::INFINITY };
        self.masked_fill(&zero, 1).abs().pow(p).masked_fill(&zero, power).sum_keepdim(dims)
    }
}

impl AnyTensor {
    /// The Euclidean norm of all elements as plain numbers: see [`Tensor::norm`].
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// assert_eq!(AnyTensor::from(&Tensor::from([3, 4])).norm(), 5.0);
    /// ```
    pub fn norm(&self) -> f64 {
        let numbers = self.numbers();
        let numbers = Array::own([numbers.len()].into_shape(), downhill_kernels::buffer::of_vec(numbers));
        Norm { axes: Axes::all(1), keepdim: false }.forward([numbers]).slice()[0]
    }
}

/// The p-th root of a sum of powers; zeros are masked, as in [`Tensor::sum_of_powers`].
#[track_caller]
fn root<T: Float>(sum: Tensor<T>, p: f64) -> Tensor<T> {
    let zero = sum.eq(0);
    // A sum of negative powers of infinities is 0, too.
    sum.masked_fill(&zero, 1).pow(1.0 / p).masked_fill(&zero, if p > 0.0 { 0.0 } else { f64::INFINITY })
}
