//! `abs`: the absolute value of each element.

use crate::ops::prelude::*;

pub(crate) struct Abs;

impl<T: Float> Op<T> for Abs {
    type Arity = Fixed<1>;
    const NAME: &'static str = "abs";
    const FORMULA: &'static str = "|x|";
    const DERIVATIVE: &'static str = "grad * sign(x)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(|x| x.abs())
    }

    // d|x|/dx = sign(x), and 0 at the kink
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * saved.input(0).sign())]
    }
}

impl<T: Float> Tensor<T> {
    /// The absolute value of each element; the gradient at 0 is 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-3.0]).abs().to_vec(), [3.0]);
    /// ```
    #[track_caller]
    pub fn abs(&self) -> Tensor<T> {
        Abs.apply([self])
    }
}
