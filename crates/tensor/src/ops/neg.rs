//! `neg`: the negative of each element.

use crate::ops::prelude::*;

pub(crate) struct Neg;

impl<T: Float> Op<T> for Neg {
    type Arity = Fixed<1>;
    const NAME: &'static str = "neg";
    const FORMULA: &'static str = "-x";
    const DERIVATIVE: &'static str = "-grad";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(|x| -x)
    }

    // d(-x)/dx = -1
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(-grad)]
    }

    fn backward_fused(&self, grad: Array<T>, _: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add_map(0, grad, |grad| -grad);
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The negative of each element; also written `-x`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, -2.0]).neg().to_vec(), [-1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn neg(&self) -> Tensor<T> {
        Neg.apply([self])
    }
}
