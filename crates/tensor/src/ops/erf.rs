//! `erf`: the error function of each element; also `gelu`, which is made of it.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use crate::ops::prelude::*;

pub(crate) struct Erf;

impl<T: Float> Op<T> for Erf {
    type Arity = Fixed<1>;
    const NAME: &'static str = "erf";
    const FORMULA: &'static str = "erf(x) = 2/√π ∫₀ˣ exp(-t²) dt";
    const DERIVATIVE: &'static str = "grad * 2/√π exp(-x²)";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map(T::erf)
    }

    // d erf(x)/dx = 2/√π exp(-x²)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * ((-saved.input(0).square()).exp() * FRAC_2_SQRT_PI))]
    }
}

impl<T: Float> Tensor<T> {
    /// The error function of each element: twice the probability that a normal variable with variance 1/2 is between
    /// 0 and x.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 10.0]).erf().to_vec(), [0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn erf(&self) -> Tensor<T> {
        Erf.apply([self])
    }

    /// x Φ(x) for each element, where Φ is the distribution function of the standard normal distribution
    /// (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016).
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-10.0, 0.0, 10.0]).gelu().to_vec(), [0.0, 0.0, 10.0]);
    /// ```
    #[track_caller]
    pub fn gelu(&self) -> Tensor<T> {
        (self * 0.5) * ((self * FRAC_1_SQRT_2).erf() + 1)
    }

    /// The approximation of [`Tensor::gelu`] by x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): PyTorch's
    /// `approximate="tanh"`.
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor<T> {
        // Beyond ±100 tanh is ±1 in every type, while the derivative of x³ would overflow.
        let inner = (self + self.clamp(-100, 100).pow(3) * 0.044715) * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        (self * 0.5) * (inner.tanh() + 1)
    }
}
