//! `tanh`: the hyperbolic tangent of each element.

use crate::ops::prelude::*;

pub(crate) struct Tanh;

impl<T: Float> Op<T> for Tanh {
    type Arity = Fixed<1>;
    const NAME: &'static str = "tanh";
    const FORMULA: &'static str = "tanh x";
    const DERIVATIVE: &'static str = "grad * (1 - tanh² x)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_tanh)
    }

    // d tanh x/dx = 1 - tanh² x
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * (1 - saved.output().square()))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add_zip(0, grad, saved.output_values(), |grad, y| grad * (T::one() - y * y));
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The hyperbolic tangent of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).tanh().to_vec(), [0.0]);
    /// ```
    #[track_caller]
    pub fn tanh(&self) -> Tensor<T> {
        Tanh.apply([self])
    }
}
