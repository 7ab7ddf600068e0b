//! `sqrt`: the square root of each element; also `rsqrt`.

use crate::ops::prelude::*;

pub(crate) struct Sqrt;

impl<T: Float> Op<T> for Sqrt {
    type Arity = Fixed<1>;
    const NAME: &'static str = "sqrt";
    const FORMULA: &'static str = "√x";
    const DERIVATIVE: &'static str = "grad / (2√x)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        Some(match at.input(0)? {
            0.0 if at.is_backward => {
                "the slope of √x at 0 is infinite: add a small number inside, as in `(x + 1e-12).sqrt()`; a length \
                 is `norm`, whose gradient at 0 is 0"
            }
            x if x < 0.0 && !at.is_backward => {
                "a negative number has no square root: keep it at 0 or above, as in `x.clamp(0.0, f64::INFINITY)`"
            }
            _ => return None,
        })
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(T::sqrt)
    }

    // d√x/dx = 1/(2√x)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad / (saved.output() * 2))]
    }
}

impl<T: Float> Tensor<T> {
    /// The square root of each element: NaN below 0, and an infinite gradient at 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([9.0]).sqrt().to_vec(), [3.0]);
    /// ```
    #[track_caller]
    pub fn sqrt(&self) -> Tensor<T> {
        Sqrt.apply([self])
    }

    /// 1 / √x for each element: infinite at 0, NaN below.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([4.0]).rsqrt().to_vec(), [0.5]);
    /// ```
    #[track_caller]
    pub fn rsqrt(&self) -> Tensor<T> {
        self.sqrt().reciprocal()
    }
}
