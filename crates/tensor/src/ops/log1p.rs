//! `log1p`: the natural logarithm of 1 + x, accurate for small x.

use crate::ops::prelude::*;

pub(crate) struct Log1p;

impl<T: Float> Op<T> for Log1p {
    type Arity = Fixed<1>;
    const NAME: &'static str = "log1p";
    const FORMULA: &'static str = "ln(1 + x)";
    const DERIVATIVE: &'static str = "grad / (1 + x)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        let x = at.input(0).filter(|_| !at.is_backward)?;
        (x <= -1.0).then_some("ln(1 + x) needs x above -1: keep it there with `clamp`")
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_ln_1p)
    }

    // d ln(1 + x)/dx = 1/(1 + x)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad / (saved.input(0) + 1))]
    }
}

impl<T: Float> Tensor<T> {
    /// The natural logarithm of 1 + x for each element x, accurate also where 1 + x would round to 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 1e-20]).log1p().to_vec(), [0.0, 1e-20]);
    /// ```
    #[track_caller]
    pub fn log1p(&self) -> Tensor<T> {
        Log1p.apply([self])
    }
}
