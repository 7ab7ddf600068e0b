//! `leaky_relu`: `relu` with a small slope for negative elements.

use crate::base::scalar::IntoScalar;
use crate::ops::prelude::*;

pub(crate) struct LeakyRelu {
    slope: f64,
}

impl LeakyRelu {
    /// 1 for positive elements, else the slope.
    fn slopes<T: Float>(&self, x: Array<T>) -> Array<T> {
        let slope = T::of(self.slope);
        x.map(|x| if x > T::zero() { T::one() } else { slope })
    }
}

impl<T: Float> Op<T> for LeakyRelu {
    type Arity = Fixed<1>;
    const NAME: &'static str = "leaky_relu";
    const FORMULA: &'static str = "x where x > 0, else slope x";
    const DERIVATIVE: &'static str = "grad where x > 0, else slope * grad";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("slope={}", self.slope)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let slope = T::of(self.slope);
        x.map(|x| if x > T::zero() { x } else { slope * x })
    }

    // 1 above 0, and the slope below and at the kink
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * Tensor::from_array(self.slopes(saved.input_values(0))))]
    }
}

impl<T: Float> Tensor<T> {
    /// Each element, multiplied by `negative_slope` if it is not positive; PyTorch's default slope is 0.01.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 3.0]).leaky_relu(0.5).to_vec(), [-1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn leaky_relu(&self, negative_slope: impl IntoScalar) -> Tensor<T> {
        LeakyRelu { slope: negative_slope.into_scalar() }.apply([self])
    }
}
