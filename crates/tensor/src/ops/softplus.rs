//! `softplus`: a smooth `relu`.

use crate::base::scalar::IntoScalar;
use crate::ops::prelude::*;

/// Above this, 1 + eᶻ rounds to eᶻ in both float types.
const LARGE: f64 = 40.0;

pub(crate) struct Softplus {
    beta: f64,
    threshold: f64,
}

impl<T: Float> Op<T> for Softplus {
    type Arity = Fixed<1>;
    const NAME: &'static str = "softplus";
    const FORMULA: &'static str = "ln(1 + e^(βx)) / β, and x where βx is above the threshold";
    const DERIVATIVE: &'static str = "grad * σ(βx), and grad where βx is above the threshold";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("β={}, threshold={}", self.beta, self.threshold)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (beta, threshold) = (T::of(self.beta), T::of(self.threshold));
        x.map_math(|x, m| {
            let z = x * beta;
            // ln(1 + eᶻ) = z + ln(1 + e⁻ᶻ): e⁻ᶻ cannot overflow for large z.
            let large = z > T::of(LARGE);
            let log = (if large { -z } else { z }).fast_exp(m).fast_ln_1p(m) / beta;
            if z > threshold {
                x
            } else if large {
                x + log
            } else {
                log
            }
        })
    }

    // d ln(1 + e^(βx))/β dx = e^(βx) / (1 + e^(βx)) = σ(βx)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let z = saved.input(0) * self.beta;
        [Some(grad * z.sigmoid().masked_fill(&z.gt(self.threshold), 1))]
    }
}

impl<T: Float> Tensor<T> {
    /// ln(1 + e^(βx)) / β for each element x, and x itself where βx is larger than `threshold`; PyTorch's defaults
    /// are 1 and 20.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let y = Tensor::<f64>::new([0.0, 50.0]).softplus(1, 20);
    /// assert_eq!(y.to_vec(), [2f64.ln(), 50.0]);
    /// ```
    #[track_caller]
    pub fn softplus(&self, beta: impl IntoScalar, threshold: impl IntoScalar) -> Tensor<T> {
        Softplus { beta: beta.into_scalar(), threshold: threshold.into_scalar() }.apply([self])
    }
}
