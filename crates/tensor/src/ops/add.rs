//! `add`: elementwise sums of two tensors, or of a tensor and a plain number; written `a + b`.

use crate::ops::prelude::*;

pub(crate) struct Add;

impl<T: Element> Op<T> for Add {
    type Arity = Fixed<2>;
    const NAME: &'static str = "add";
    const FORMULA: &'static str = "a + b";
    const DERIVATIVE: &'static str = "grad; grad";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("add", b, T::plus)
    }

    // ∂(a + b)/∂a = 1, ∂(a + b)/∂b = 1
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        match (saved.wants(0), saved.wants(1)) {
            (true, true) => [Some(grad.snapshot()), Some(grad)],
            (true, false) => [Some(grad), None],
            _ => [None, Some(grad)],
        }
    }

    fn backward_fused(&self, grad: Array<T>, _: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add_with(0, || grad.clone());
        into.add(1, grad);
        Ok(())
    }
}

pub(crate) struct AddScalar(pub(crate) f64);

impl<T: Float> Op<T> for AddScalar {
    type Arity = Fixed<1>;
    const NAME: &'static str = "add";
    const FORMULA: &'static str = "a + number";
    const DERIVATIVE: &'static str = "grad";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("number={}", self.0)
    }

    fn forward(&self, [a]: [Array<T>; 1]) -> Array<T> {
        let number = T::of(self.0);
        a.map(|a| a + number)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad)]
    }

    fn backward_fused(&self, grad: Array<T>, _: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add(0, grad);
        Ok(())
    }
}
