//! `sign`: the sign of each element.

use crate::ops::prelude::*;

pub(crate) struct Sign;

impl<T: Float> Op<T> for Sign {
    type Arity = Fixed<1>;
    const NAME: &'static str = "sign";
    const FORMULA: &'static str = "sign(x)";
    const DERIVATIVE: &'static str = "0";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(|x| {
            if x > T::zero() {
                T::one()
            } else if x < T::zero() {
                -T::one()
            } else {
                T::zero()
            }
        })
    }

    // sign is flat wherever it has a derivative
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad.zeros_like())]
    }
}

impl<T: Float> Tensor<T> {
    /// 1 for positive elements, -1 for negative ones and 0 for 0 and NaN; the gradient is 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-3.0, 0.0, 2.0]).sign().to_vec(), [-1.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sign(&self) -> Tensor<T> {
        Sign.apply([self])
    }
}
