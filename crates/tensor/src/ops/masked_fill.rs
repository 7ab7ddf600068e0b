//! `masked_fill`: replaces elements by a number where a mask is true.

use crate::base::scalar::IntoScalar;
use crate::base::shape::broadcast;
use crate::ops::prelude::*;

pub(crate) struct MaskedFill {
    mask: Array<bool>,
    value: f64,
}

impl<T: Float> Op<T> for MaskedFill {
    type Arity = Fixed<1>;
    const NAME: &'static str = "masked_fill";
    const FORMULA: &'static str = "number where the mask is true, else x";
    const DERIVATIVE: &'static str = "0 where the mask is true, else grad";
    const KIND: OpKind = OpKind::Masked;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("number={}", self.value)
    }

    fn forward(&self, [mut x]: [Array<T>; 1]) -> Array<T> {
        let value = T::of(self.value);
        x.zip_assign(&self.mask, |x, masked| if masked { value } else { x });
        x
    }

    // filled elements do not depend on x
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(MaskedFill { mask: self.mask.clone(), value: 0.0 }.apply([&grad]))]
    }
}

impl<T: Float> Tensor<T> {
    /// The elements of this tensor, replaced by `value` where the mask is true. Tensor and mask broadcast.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, -2.0]);
    /// assert_eq!(x.masked_fill(&x.lt(0), 0).to_vec(), [1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn masked_fill(&self, mask: &Tensor<bool>, value: impl IntoScalar) -> Tensor<T> {
        let shape = broadcast("masked_fill", self.shape(), mask.shape()).or_raise();
        MaskedFill { mask: mask.array(), value: value.into_scalar() }.apply([&self.clone().expanded(shape)])
    }
}
