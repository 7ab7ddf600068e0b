//! `pow`: elementwise powers; the exponent is a plain number or another tensor.

use crate::ops::prelude::*;

pub(crate) struct Pow {
    exponent: f64,
}

impl<T: Float> Op<T> for Pow {
    type Arity = Fixed<1>;
    const NAME: &'static str = "pow";
    const FORMULA: &'static str = "xⁿ";
    const DERIVATIVE: &'static str = "grad * n xⁿ⁻¹";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("n={}", self.exponent)
    }

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        base_out_of_range(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let exponent = T::of(self.exponent);
        // Integer exponents by multiplication: exact for small ones, and correct for negative bases.
        if self.exponent.fract() == 0.0 && self.exponent.abs() <= 4.0 {
            let exponent = self.exponent as i32;
            return x.map(|x| {
                let power = x.powi(exponent);
                // 1/xⁿ would be 0 as soon as xⁿ overflows; (1/x)ⁿ is 0 only if the result underflows.
                if exponent < -1 && power == T::zero() { x.recip().powi(-exponent) } else { power }
            });
        }
        // As √x, so that -∞ gives NaN like every negative number.
        match self.exponent {
            0.5 => x.map(T::sqrt),
            -0.5 => x.map(|x| x.sqrt().recip()),
            _ => x.map(|x| x.powf(exponent)),
        }
    }

    // d xⁿ/dx = n xⁿ⁻¹, and 0 for n = 0, even where 0⁻¹ is infinite
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        if self.exponent == 0.0 {
            return [Some(grad.zeros_like())];
        }
        [Some(grad * (saved.input(0).pow(self.exponent - 1.0) * self.exponent))]
    }
}

/// The remedy when the power or its slope is not finite.
fn base_out_of_range(at: &Anomaly<'_>) -> Option<&'static str> {
    Some(match at.input(0)? {
        0.0 if at.is_backward => "the slope of a power below 1 is infinite at 0: keep the base above 0 with `clamp`",
        0.0 => "0 to a negative power is a division by 0: keep the base above 0 with `clamp`",
        x if x < 0.0 && at.became.is_nan() && !at.is_backward => {
            "a negative number has whole powers only: take `abs()` or `square()` first, or a whole exponent"
        }
        _ => return None,
    })
}

pub(crate) struct PowTensor;

impl<T: Float> Op<T> for PowTensor {
    type Arity = Fixed<2>;
    const NAME: &'static str = "pow";
    const FORMULA: &'static str = "aᵇ";
    const DERIVATIVE: &'static str = "grad * b aᵇ⁻¹; grad * aᵇ ln a";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::InputsAndOutput;
    const BROADCASTS: bool = true;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        base_out_of_range(at)
    }

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("pow", b, T::powf)
    }

    // ∂aᵇ/∂a = b aᵇ⁻¹, and 0 for b = 0; ∂aᵇ/∂b = aᵇ ln a, and 0 for a = 0 where the power is finite. Where 0 would be
    // multiplied by an infinite factor, evaluate that factor at 1: masking only the product would still multiply the
    // two in the second derivative.
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        let (a, b) = (saved.input(0), saved.input(1));
        let by_a = |grad: &Tensor<T>| {
            let finite = (grad / &a).detach().abs().lt(f64::INFINITY);
            let flat = b.eq(0).and(&finite.not());
            (grad * (&b * a.masked_fill(&flat, 1).pow(&(&b - 1)))).masked_fill(&flat, 0)
        };
        let by_b = |grad: &Tensor<T>| {
            let flat = a.eq(0).and(&b.ge(0));
            (grad * (saved.output().masked_fill(&flat, 0) * a.masked_fill(&flat, 1).log())).masked_fill(&flat, 0)
        };
        [saved.wants(0).then(|| by_a(&grad)), saved.wants(1).then(|| by_b(&grad))]
    }
}

/// An exponent: a plain number or a tensor.
pub trait Exponent<T: Float> {
    /// The base to this power.
    #[track_caller]
    fn power_of(self, base: &Tensor<T>) -> Tensor<T>;
}

impl<T: Float> Exponent<T> for f64 {
    fn power_of(self, base: &Tensor<T>) -> Tensor<T> {
        Pow { exponent: self }.apply([base])
    }
}

impl<T: Float> Exponent<T> for i64 {
    fn power_of(self, base: &Tensor<T>) -> Tensor<T> {
        Pow { exponent: self as f64 }.apply([base])
    }
}

impl<T: Float> Exponent<T> for &Tensor<T> {
    #[track_caller]
    fn power_of(self, base: &Tensor<T>) -> Tensor<T> {
        PowTensor.apply([base, self])
    }
}

impl<T: Float> Tensor<T> {
    /// Each element raised to a power: a plain number, or a tensor of exponents, with broadcasting.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([-2.0, 3.0]);
    /// assert_eq!(x.pow(3).to_vec(), [-8.0, 27.0]);
    /// assert_eq!(x.pow(&Tensor::from([2.0, 1.0])).to_vec(), [4.0, 3.0]);
    /// // What PyTorch writes as `2 ** x`:
    /// assert_eq!(Tensor::from(2.0).pow(&x).to_vec(), [0.25, 8.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes of two tensors cannot be broadcast.
    #[track_caller]
    pub fn pow(&self, exponent: impl Exponent<T>) -> Tensor<T> {
        exponent.power_of(self)
    }
}
