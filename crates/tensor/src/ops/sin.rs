//! `sin`: the sine of each element.

use crate::ops::prelude::*;

pub(crate) struct Sin;

impl<T: Float> Op<T> for Sin {
    type Arity = Fixed<1>;
    const NAME: &'static str = "sin";
    const FORMULA: &'static str = "sin x";
    const DERIVATIVE: &'static str = "grad * cos x";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(T::sin)
    }

    // d sin x/dx = cos x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * saved.input(0).cos())]
    }
}

impl<T: Float> Tensor<T> {
    /// The sine of each element, in radians.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).sin().to_vec(), [0.0]);
    /// ```
    #[track_caller]
    pub fn sin(&self) -> Tensor<T> {
        Sin.apply([self])
    }
}
