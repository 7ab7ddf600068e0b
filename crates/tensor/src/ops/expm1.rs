//! `expm1`: eˣ - 1, accurate for small x.

use crate::ops::exp::overflow;
use crate::ops::prelude::*;

pub(crate) struct Expm1;

impl<T: Float> Op<T> for Expm1 {
    type Arity = Fixed<1>;
    const NAME: &'static str = "expm1";
    const FORMULA: &'static str = "eˣ - 1";
    const DERIVATIVE: &'static str = "grad * eˣ";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        overflow(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_exp_m1)
    }

    // d(eˣ - 1)/dx = eˣ = y + 1
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * (saved.output() + 1))]
    }
}

impl<T: Float> Tensor<T> {
    /// eˣ - 1 for each element x, accurate also where eˣ would round to 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 1e-20]).expm1().to_vec(), [0.0, 1e-20]);
    /// ```
    #[track_caller]
    pub fn expm1(&self) -> Tensor<T> {
        Expm1.apply([self])
    }
}
