//! `relu`: sets negative elements to 0.

use crate::ops::prelude::*;

pub(crate) struct Relu;

impl<T: Float> Op<T> for Relu {
    type Arity = Fixed<1>;
    const NAME: &'static str = "relu";
    const FORMULA: &'static str = "max(x, 0)";
    const DERIVATIVE: &'static str = "grad where x > 0, else 0";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_in_parts(|x| if x < T::zero() { T::zero() } else { x })
    }

    // 1 above 0, and 0 below and at the kink
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad.masked_fill(&saved.output().le(0), 0))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add(
            0,
            grad.zip_in_parts(
                "relu",
                saved.output_values(),
                // Written as a sum so that the compiler stores every element unconditionally; a conditional store of
                // zeros takes three times as long.
                |grad, y| (if y <= T::zero() { T::zero() } else { grad }) + T::zero(),
            ),
        );
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// Each element, or 0 where it is negative; the gradient at 0 is 0, and NaN stays NaN.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 2.0]).relu().to_vec(), [0.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn relu(&self) -> Tensor<T> {
        Relu.apply([self])
    }
}
