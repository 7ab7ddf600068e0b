//! `norm`: the length of a vector, over all or some dimensions; `norm_p`: other ways to measure it.
//!
//! Only the Euclidean norm has a rule of its own; the others are composed of operations that have one.

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

impl<T: Float> Op<T> for Norm {
    type Arity = Fixed<1>;
    const NAME: &'static str = "norm";
    const FORMULA: &'static str = "‖x‖ = √(Σ x²)";
    const DERIVATIVE: &'static str = "grad * x / ‖x‖, and 0 where the norm is 0";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (axes, shape, kept) = (self.axes, self.axes.reduced(x.shape(), self.keepdim), self.axes.kept(x.shape()));
        let squares = |x: Array<T>| sum_axes(x.map(|x| x * x), axes);
        let sums = squares(x.clone());
        let norm = match units(&x, axes, &sums, least_sum(axes.count(x.shape()))) {
            None => Array::own(kept, sums).map(T::sqrt),
            // ‖x‖ = u ‖x/u‖, so that no square over- or underflows
            Some(unit) => {
                let scaled = x.zip("norm", unit.clone(), |x, unit| x / unit);
                Array::own(kept, squares(scaled)).zip("norm", unit, |sum, unit| sum.sqrt() * unit)
            }
        };
        norm.reshaped(shape)
    }

    // ∂‖x‖/∂xᵢ = xᵢ/‖x‖; at 0 all slopes from -1 to 1 are possible, and 0 is chosen
    fn backward(&self, grad: Tensor<T>, saved: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        let (mut x, kept) = (saved.input(0), self.axes.kept(saved.input_shape(0).slice()));
        let mut norm = saved.output().reshaped(kept.clone());
        // The direction is the same at any length, also where the norm is no number, or one with few digits.
        let least = T::min_positive_value() / T::epsilon();
        if let Some(unit) = units(&x.array(), self.axes, saved.output_values().contiguous().slice(), least) {
            x = x / Tensor::from_array(unit);
            norm = Norm { axes: self.axes, keepdim: true }.apply([&x]);
        }
        [Some(along(grad.reshaped(kept), x, &norm, &saved.output()))]
    }
}

/// grad v/‖v‖, the gradient of a length ‖v‖ by its vector, and 0 where the length is 0; `output` is the length as
/// others use it.
///
/// A length is not smooth at 0, but its products with itself are: ‖v‖² has the second derivatives 2. What arrives
/// there is 0 as well as the length, and the limit of their quotient is ∂grad/∂‖v‖ (L'Hôpital): v times it is 0, and
/// has the right derivative.
#[track_caller]
pub(crate) fn along<T: Float>(grad: Tensor<T>, v: Tensor<T>, length: &Tensor<T>, output: &Tensor<T>) -> Tensor<T> {
    let zero = length.eq(0);
    // Nothing is divided by 0 that a later derivative could multiply by 0.
    let slope = |length: &Tensor<T>| &grad * (&v / length).masked_fill(&zero, 0);
    let smooth = zero.and(&grad.eq(0));
    // Both have a history only while a graph of the gradient is recorded.
    if !grad.requires_grad() || !output.requires_grad() || !smooth.to_vec().contains(&true) {
        return slope(&length.masked_fill(&zero, 1));
    }
    let [limit] = Backward::with(&grad, &grad.detach().ones_like()).create_graph().grads([output]);
    match limit {
        Some(limit) => {
            let limit = limit.reshaped(length.shape().into_shape()).masked_fill(&smooth.not(), 0);
            slope(&length.masked_fill(&zero, 1)) + &v * limit
        }
        // What made it 0 is not this length, and the next derivative is not known: NaN.
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

    /// The Euclidean norms over some dimensions, which disappear.
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

    /// The Euclidean norms over some dimensions, which remain with size 1.
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
    /// The limits are what is expected: p = ∞ gives the largest magnitude, -∞ the smallest, and 0 counts what is not
    /// 0. Where elements tie they share the gradient of ±∞ equally; the gradient of an element that is 0, and at 0,
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

    /// The p-norms over some dimensions, which disappear: see [`norm_p`](Tensor::norm_p).
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

    /// The p-norms over some dimensions, which remain with size 1: see [`norm_p`](Tensor::norm_p).
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
            // The magnitude of a single element, whatever p is.
            _ if p != 0.0 && axes.count(self.shape()) == 1 => self.abs(),
            f64::INFINITY => self.abs().amax_keepdim(dims),
            f64::NEG_INFINITY => self.abs().amin_keepdim(dims),
            // NaN is not 0, though it has no sign.
            0.0 => self.sign().abs().masked_fill(&self.ne(self), 1).sum_keepdim(dims),
            1.0 => self.abs().sum_keepdim(dims),
            _ => {
                let sum = self.sum_of_powers(p, &dims);
                let least = least_sum(axes.count(self.shape()));
                // The element that has the largest power.
                let pick = |a: T, b: T| if (if p > 0.0 { b > a } else { b < a }) || b.is_nan() { b } else { a };
                match magnitudes(&self.array(), axes, sum.array().contiguous().slice(), least, pick) {
                    None => root(sum, p),
                    // ‖x‖ = u ‖x/u‖, so that no power over- or underflows
                    Some(unit) => {
                        let unit = Tensor::from_array(unit);
                        root((self / &unit).sum_of_powers(p, &dims), p) * unit
                    }
                }
            }
        };
        Ok(norm.reshaped(shape))
    }

    /// Σ |x|ᵖ. At 0 the slope of |x|ᵖ is infinite or unknown, so a 0 takes another way, which has none.
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

/// The root of a sum of powers; 0 takes another way, as in [`Tensor::sum_of_powers`].
#[track_caller]
fn root<T: Float>(sum: Tensor<T>, p: f64) -> Tensor<T> {
    let zero = sum.eq(0);
    // Negative powers of infinities only add up to 0, too.
    sum.masked_fill(&zero, 1).pow(1.0 / p).masked_fill(&zero, if p > 0.0 { 0.0 } else { f64::INFINITY })
}
