//! `log_sigmoid`: the logarithm of `sigmoid`, accurate where the sigmoid is almost 0 or almost 1.

use crate::ops::prelude::*;

pub(crate) struct LogSigmoid;

impl<T: Float> Op<T> for LogSigmoid {
    type Arity = Fixed<1>;
    const NAME: &'static str = "log_sigmoid";
    const FORMULA: &'static str = "ln σ(x) = -ln(1 + e⁻ˣ)";
    const DERIVATIVE: &'static str = "grad * σ(-x)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        // The argument is never positive, so the exponential cannot overflow.
        x.map_math(|x, m| if x < T::zero() { x } else { T::zero() } - (-x.abs()).fast_exp(m).fast_ln_1p(m))
    }

    // d ln σ/dx = σ(1 - σ)/σ = σ(-x)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * (-saved.input(0)).sigmoid())]
    }
}

impl<T: Float> Tensor<T> {
    /// The logarithm of [`Tensor::sigmoid`] of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 1000.0]).log_sigmoid().to_vec(), [-1000.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn log_sigmoid(&self) -> Tensor<T> {
        LogSigmoid.apply([self])
    }
}
