//! `mse_loss`: the mean of squared differences, fused.

use crate::array::magnitude::units;
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::reduce::{dot, sum_pairs};

pub(crate) struct MseLoss;

impl<T: Float> Op<T> for MseLoss {
    type Arity = Fixed<2>;
    const NAME: &'static str = "mse_loss";
    const FORMULA: &'static str = "1/n Σ (x - y)²";
    const DERIVATIVE: &'static str = "grad * 2/n (x - y); grad * 2/n (y - x)";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x, y]: [Array<T>; 2]) -> Array<T> {
        let n = T::of(x.numel() as f64);
        let (x, y) = (x.contiguous(), y.contiguous());
        let sum = sum_pairs(x.slice(), y.slice(), |x, y| (x - y) * (x - y));
        let mut mean = sum / n;
        if !sum.is_finite() {
            // u² mean(((x - y)/u)²) if a square overflows although the mean does not
            let difference = x.zip("mse_loss", y, |x, y| x - y);
            if let Some(unit) = units(&difference, Axes::all(difference.shape().len()), &[sum], T::zero()) {
                let unit = unit.slice()[0];
                let scaled = difference.map(|difference| difference / unit);
                mean = dot(scaled.slice(), scaled.slice()) / n * unit * unit;
            }
        }
        Array::own([].into_shape(), buffer::of_vec(vec![mean]))
    }

    // ∂(1/n Σ (x - y)²)/∂xᵢ = 2/n (xᵢ - yᵢ)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        let (x, y) = (saved.input(0), saved.input(1));
        let n = x.numel() as f64;
        let grad = (x - y) * (grad * (2.0 / n));
        [saved.wants(0).then(|| grad.snapshot()), saved.wants(1).then(|| -&grad)]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let (x, y) = (saved.input_values(0), saved.input_values(1));
        let scale = grad.slice()[0] * T::of(2.0 / x.numel() as f64);
        let scaled = |factor: T| x.clone().zip("mse_loss", y.clone(), |x, y| (x - y) * factor);
        into.add_with(0, || scaled(scale));
        into.add_with(1, || scaled(-scale));
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The mean of the squared differences from a tensor of the same shape.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).mse_loss(&Tensor::from([1.0, 4.0])).item(), 2.0);
    /// ```
    ///
    /// # Panics
    /// When the shapes differ: `[n, 1]` against `[n]` would compare every element with every other.
    #[track_caller]
    pub fn mse_loss(&self, target: &Tensor<T>) -> Tensor<T> {
        if self.shape() != target.shape() {
            let (expected, given) =
                (format!("a target of shape {:?}", self.shape()), format!("{:?}", target.shape()));
            Error::expected("mse_loss", expected, given).raise();
        }
        MseLoss.apply([self, target])
    }
}
