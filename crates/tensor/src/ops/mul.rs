//! `mul`: products of elements, of two tensors or of a tensor and a plain number; written `a * b`.

use crate::ops::prelude::*;

pub(crate) struct Mul;

impl<T: Float> Op<T> for Mul {
    type Arity = Fixed<2>;
    const NAME: &'static str = "mul";
    const FORMULA: &'static str = "a * b";
    const DERIVATIVE: &'static str = "grad * b, grad * a";
    const SAVES: Saves = Saves::OtherInputs;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("mul", b, |a, b| a * b)
    }

    // ∂(ab)/∂a = b, ∂(ab)/∂b = a
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        [saved.wants(0).then(|| &grad * saved.input(1)), saved.wants(1).then(|| grad * saved.input(0))]
    }
}

pub(crate) struct MulScalar(pub(crate) f64);

impl<T: Float> Op<T> for MulScalar {
    type Arity = Fixed<1>;
    const NAME: &'static str = "mul";
    const FORMULA: &'static str = "a * number";
    const DERIVATIVE: &'static str = "grad * number";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [a]: [Array<T>; 1]) -> Array<T> {
        let number = T::of(self.0);
        a.map(|a| a * number)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * self.0)]
    }
}
