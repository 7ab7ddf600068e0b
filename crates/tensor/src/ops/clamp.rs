//! `clamp`: limits elements to a range.

use crate::base::scalar::IntoLimit;
use crate::ops::prelude::*;

pub(crate) struct Clamp {
    min: Option<f64>,
    max: Option<f64>,
}

impl<T: Float> Op<T> for Clamp {
    type Arity = Fixed<1>;
    const NAME: &'static str = "clamp";
    const FORMULA: &'static str = "min(max(x, low), high)";
    const DERIVATIVE: &'static str = "grad where low < x < high, else 0";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("low={}, high={}", self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY))
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let min = T::of(self.min.unwrap_or(f64::NEG_INFINITY));
        let max = T::of(self.max.unwrap_or(f64::INFINITY));
        // The maximum is applied last, so that it wins if the limits cross, as in PyTorch. A NaN element stays NaN,
        // and a NaN limit makes every element NaN.
        x.map(|x| {
            let x = if x < min || min.is_nan() { min } else { x };
            if x > max || max.is_nan() { max } else { x }
        })
    }

    // 1 inside the range, 0 at its ends and outside
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let x = saved.input(0);
        let inside = match (self.min, self.max) {
            (Some(min), Some(max)) => x.gt(min).and(&x.lt(max)),
            (Some(min), None) => x.gt(min),
            (None, Some(max)) => x.lt(max),
            (None, None) => return [Some(grad)],
        };
        [Some(grad.masked_fill(&inside.not(), 0))]
    }
}

impl<T: Float> Tensor<T> {
    /// Each element limited to the range from `min` to `max`; `None` leaves an end open. The gradient is 0 outside
    /// the range and at its ends, as at the kink of `relu`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([-2.0, 0.5, 2.0]);
    /// assert_eq!(x.clamp(-1, 1).to_vec(), [-1.0, 0.5, 1.0]);
    /// assert_eq!(x.clamp(0.0, None).to_vec(), [0.0, 0.5, 2.0]);
    /// ```
    ///
    /// # Panics
    /// When both ends are open.
    #[track_caller]
    pub fn clamp(&self, min: impl IntoLimit, max: impl IntoLimit) -> Tensor<T> {
        let (min, max) = (min.into_limit(), max.into_limit());
        if min.is_none() && max.is_none() {
            let (given, expected) = ("two open ends".to_owned(), "a number at one end at least");
            Error::Argument { op: "clamp", name: "the range", given, expected }.raise();
        }
        Clamp { min, max }.apply([self])
    }
}
