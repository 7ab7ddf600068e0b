//! `elu`: the exponential linear unit.

use crate::base::scalar::IntoScalar;
use crate::ops::prelude::*;

pub(crate) struct Elu {
    alpha: f64,
}

impl<T: Float> Op<T> for Elu {
    type Arity = Fixed<1>;
    const NAME: &'static str = "elu";
    const FORMULA: &'static str = "x where x > 0, else α (eˣ - 1)";
    const DERIVATIVE: &'static str = "grad where x > 0, else grad * α eˣ";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("α={}", self.alpha)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let alpha = T::of(self.alpha);
        x.map_math(|x, m| if x > T::zero() { x } else { alpha * x.fast_exp_m1(m) })
    }

    // 1 above 0, and α eˣ below and at the kink
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let x = saved.input(0);
        // Leave out the positive elements: their exponential may be infinite, and 0 times infinity would be NaN in
        // the second derivative.
        let slope = x.masked_fill(&x.gt(0), 0).exp() * self.alpha;
        [Some(grad * Tensor::where_(&x.gt(0), &x.ones_like(), &slope))]
    }
}

impl<T: Float> Tensor<T> {
    /// Each element where it is positive, else α (eˣ - 1); PyTorch's default `alpha` is 1 (Clevert, Unterthiner and
    /// Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015).
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 3.0]).elu(2).to_vec(), [-2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn elu(&self, alpha: impl IntoScalar) -> Tensor<T> {
        Elu { alpha: alpha.into_scalar() }.apply([self])
    }
}
