//! `sigmoid`: the logistic function of each element; also `silu`, which is made of it.

use crate::ops::prelude::*;

pub(crate) struct Sigmoid;

impl<T: Float> Op<T> for Sigmoid {
    type Arity = Fixed<1>;
    const NAME: &'static str = "sigmoid";
    const FORMULA: &'static str = "σ(x) = 1 / (1 + e⁻ˣ)";
    const DERIVATIVE: &'static str = "grad * σ(x)(1 - σ(x))";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_sigmoid)
    }

    // dσ/dx = σ(1 - σ)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let y = saved.output();
        [Some(grad * &y * (1 - &y))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add_zip(0, grad, saved.output_values(), |grad, y| grad * y * (T::one() - y));
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The logistic function 1 / (1 + e⁻ˣ) of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).sigmoid().to_vec(), [0.5]);
    /// ```
    #[track_caller]
    pub fn sigmoid(&self) -> Tensor<T> {
        Sigmoid.apply([self])
    }

    /// x σ(x) for each element, also called swish (Ramachandran, Zoph and Le, "Searching for Activation Functions",
    /// 2017).
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 0.0, 1000.0]).silu().to_vec(), [-0.0, 0.0, 1000.0]);
    /// ```
    #[track_caller]
    pub fn silu(&self) -> Tensor<T> {
        self * self.sigmoid()
    }
}
