//! `exp`: e to the power of each element.

use crate::ops::prelude::*;

pub(crate) struct Exp;

impl<T: Float> Op<T> for Exp {
    type Arity = Fixed<1>;
    const NAME: &'static str = "exp";
    const FORMULA: &'static str = "eˣ";
    const DERIVATIVE: &'static str = "grad * eˣ";
    const SAVES: Saves = Saves::Output;
    const HAS_KERNEL: bool = true;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_wide(T::fast_exp)
    }

    // d eˣ/dx = eˣ
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * saved.output())]
    }

    fn backward_kernel(&self, grad: Array<T>, saved: &Saved<'_, T>) -> [Option<Array<T>>; 1] {
        let y = saved.output_values();
        // `sum` sends back 1 everywhere.
        if grad.uniform() == Some(T::one()) && grad.shape() == y.shape() {
            return [Some(y)];
        }
        [Some(saved.accumulate_zip(0, grad, y, |grad, y| grad * y))]
    }
}

impl<T: Float> Tensor<T> {
    /// e to the power of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).exp().to_vec(), [1.0]);
    /// ```
    #[track_caller]
    pub fn exp(&self) -> Tensor<T> {
        Exp.apply([self])
    }
}
