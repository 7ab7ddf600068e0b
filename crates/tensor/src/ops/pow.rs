//! `pow`: each element to a power that is a plain number.

use crate::ops::prelude::*;
use crate::scalar::IntoScalar;

pub(crate) struct Pow {
    exponent: f64,
}

impl<T: Float> Op<T> for Pow {
    type Arity = Fixed<1>;
    const NAME: &'static str = "pow";
    const FORMULA: &'static str = "xⁿ";
    const DERIVATIVE: &'static str = "grad * n xⁿ⁻¹";
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let exponent = T::of(self.exponent);
        // Whole exponents by multiplication: exact for small ones and right for negative bases.
        if self.exponent.fract() == 0.0 && self.exponent.abs() <= 4.0 {
            let exponent = self.exponent as i32;
            return x.map(|x| x.powi(exponent));
        }
        // As √x, so that a power of -∞ is NaN like that of every negative number.
        match self.exponent {
            0.5 => x.map(T::sqrt),
            -0.5 => x.map(|x| x.sqrt().recip()),
            _ => x.map(|x| x.powf(exponent)),
        }
    }

    // d xⁿ/dx = n xⁿ⁻¹, and 0 for n = 0 also where 0⁻¹ is infinite
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        if self.exponent == 0.0 {
            return [Some(grad.zeros_like())];
        }
        [Some(grad * (saved.input(0).pow(self.exponent - 1.0) * self.exponent))]
    }
}

impl<T: Float> Tensor<T> {
    /// Each element to a power.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 3.0]).pow(3).to_vec(), [-8.0, 27.0]);
    /// ```
    pub fn pow(&self, exponent: impl IntoScalar) -> Tensor<T> {
        Pow { exponent: exponent.into_scalar() }.apply([self])
    }
}
