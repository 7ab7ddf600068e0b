//! `log`: the natural logarithm of each element.

use crate::ops::prelude::*;

pub(crate) struct Log;

impl<T: Float> Op<T> for Log {
    type Arity = Fixed<1>;
    const NAME: &'static str = "log";
    const FORMULA: &'static str = "ln x";
    const DERIVATIVE: &'static str = "grad / x";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        Some(match at.input(0)? {
            _ if at.is_backward => "the slope 1/x is infinite near 0: keep the argument away from 0 with `clamp`",
            0.0 => {
                "ln 0 is minus infinity: keep the argument above 0, as in `x.clamp(1e-7, 1.0).log()`; the logarithm \
                 of a softmax is `log_softmax`"
            }
            x if x < 0.0 => {
                "a negative number has no logarithm: look for what made it negative, or keep it above 0 with `clamp`"
            }
            _ => return None,
        })
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_ln)
    }

    // d ln x/dx = 1/x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad / saved.input(0))]
    }
}

impl<T: Float> Tensor<T> {
    /// The natural logarithm of each element: -inf at 0, NaN below.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 0.0]).log().to_vec(), [0.0, f32::NEG_INFINITY]);
    /// ```
    #[track_caller]
    pub fn log(&self) -> Tensor<T> {
        Log.apply([self])
    }
}
