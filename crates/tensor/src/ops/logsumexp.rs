//! `logsumexp`: the logarithm of a sum of exponentials, without overflow.

use crate::array::reduce::{fold_axes, sum_axes};
use crate::ops::prelude::*;
use crate::ops::softmax::masked_row;

pub(crate) struct LogSumExp {
    axes: Axes,
    keepdim: bool,
}

impl<T: Float> Op<T> for LogSumExp {
    type Arity = Fixed<1>;
    const NAME: &'static str = "logsumexp";
    const FORMULA: &'static str = "ln Σ eˣ";
    const DERIVATIVE: &'static str = "grad * eˣ / Σ eˣ";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::InputsAndOutput;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        masked_row(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        if self.axes.count(x.shape()) == 0 {
            return Array::full(shape, T::neg_infinity());
        }
        // ln Σ eˣ = m + ln Σ eˣ⁻ᵐ with m = max x; an infinite m would make x - m NaN.
        let finite = |m: T| if m.is_infinite() { T::zero() } else { m };
        let max = fold_axes(x.clone(), self.axes, |a: T, b: T| if b > a || b.is_nan() { b } else { a });
        let max = Array::own(self.axes.kept(x.shape()), max).map(finite);
        let terms = x.zip("logsumexp", max.clone(), |x, m| x - m).map_math(T::fast_exp);
        let sums = Array::own(max.shape_owned(), sum_axes(terms, self.axes));
        sums.zip("logsumexp", max, |sum, m| sum.ln() + m).reshaped(shape)
    }

    // ∂ ln Σ eˣ/∂xᵢ = e^(xᵢ - ln Σ eˣ), the softmax of x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let (x, y) = (saved.input(0), saved.output());
        let kept = self.axes.kept(x.shape());
        let softmax = (x - y.reshaped(kept.clone())).exp();
        [Some(grad.reshaped(kept) * softmax)]
    }
}

impl<T: Float> Tensor<T> {
    /// The logarithm of the sum of the exponentials over some dimensions, which are removed; finite for large
    /// elements.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let y = Tensor::<f64>::new([1000.0, 1000.0]).logsumexp(0);
    /// assert_eq!(y.item(), 1000.0 + 2f64.ln());
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn logsumexp(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("logsumexp", &dims.into_dims(), self.ndim()).or_raise();
        LogSumExp { axes, keepdim: false }.apply([self])
    }

    /// As [`Tensor::logsumexp`], but keeps the dimensions with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn logsumexp_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("logsumexp_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        LogSumExp { axes, keepdim: true }.apply([self])
    }
}
