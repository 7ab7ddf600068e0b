//! `square`: the square of each element.

use crate::ops::prelude::*;

pub(crate) struct Square;

impl<T: Float> Op<T> for Square {
    type Arity = Fixed<1>;
    const NAME: &'static str = "square";
    const FORMULA: &'static str = "x²";
    const DERIVATIVE: &'static str = "grad * 2x";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(|x| x * x)
    }

    // d x²/dx = 2x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * (saved.input(0) * 2))]
    }
}

impl<T: Float> Tensor<T> {
    /// The square of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-3.0]).square().to_vec(), [9.0]);
    /// ```
    #[track_caller]
    pub fn square(&self) -> Tensor<T> {
        Square.apply([self])
    }
}
