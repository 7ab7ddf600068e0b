//! `cos`: the cosine of each element.

use crate::ops::prelude::*;

pub(crate) struct Cos;

impl<T: Float> Op<T> for Cos {
    type Arity = Fixed<1>;
    const NAME: &'static str = "cos";
    const FORMULA: &'static str = "cos x";
    const DERIVATIVE: &'static str = "-grad * sin x";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(T::cos)
    }

    // d cos x/dx = -sin x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(-(grad * saved.input(0).sin()))]
    }
}

impl<T: Float> Tensor<T> {
    /// The cosine of each element, in radians.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).cos().to_vec(), [1.0]);
    /// ```
    #[track_caller]
    pub fn cos(&self) -> Tensor<T> {
        Cos.apply([self])
    }
}
