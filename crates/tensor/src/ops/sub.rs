//! `sub`: elementwise differences; written `a - b`.

use crate::array::reduce::sum_to;
use crate::ops::prelude::*;

pub(crate) struct Sub;

impl<T: Float> Op<T> for Sub {
    type Arity = Fixed<2>;
    const NAME: &'static str = "sub";
    const FORMULA: &'static str = "a - b";
    const DERIVATIVE: &'static str = "grad; -grad";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("sub", b, |a, b| a - b)
    }

    // ∂(a - b)/∂a = 1, ∂(a - b)/∂b = -1
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        // If b was broadcast, sum first, so that there is less to negate.
        let by_b = |grad: Tensor<T>| -grad.sum_to(saved.input_shape(1).slice());
        match (saved.wants(0), saved.wants(1)) {
            (true, true) => [Some(grad.snapshot()), Some(by_b(grad))],
            (true, false) => [Some(grad), None],
            _ => [None, Some(by_b(grad))],
        }
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add_with(0, || grad.clone());
        if into.wants(1) {
            into.add_map(1, sum_to(grad, &saved.input_shape(1)), |grad| -grad);
        }
        Ok(())
    }
}
