//! `log_softmax`: the logarithm of `softmax`, accurate where the softmax is almost 0.

use crate::base::shape::normalize;
use crate::ops::prelude::*;
use crate::ops::softmax::masked_row;
use downhill_kernels::buffer;
use downhill_kernels::reduce::{self, AxisLanes};
use downhill_kernels::{each, softmax};

pub(crate) struct LogSoftmax {
    axis: usize,
}

impl<T: Float> Op<T> for LogSoftmax {
    type Arity = Fixed<1>;
    const NAME: &'static str = "log_softmax";
    const FORMULA: &'static str = "y = x - ln Σ eˣ";
    const DERIVATIVE: &'static str = "grad - eʸ Σ grad";
    const SAVES: Saves = Saves::Output;

    fn settings(&self) -> String {
        format!("dim={}", self.axis)
    }

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        masked_row(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let lanes = AxisLanes::of(x.shape(), self.axis);
        let x = x.contiguous();
        let mut y = buffer::dirty(x.numel());
        lanes.for_each(&mut y, x.slice(), |y, x| {
            let max = softmax::max(x);
            let log_sum = softmax::sum_exp(x, max).ln();
            each::map(x, y, |x| x - max - log_sum);
        });
        Array::own(x.shape_owned(), y)
    }

    // ∂yᵢ/∂xⱼ = 1[i = j] - e^yⱼ
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let sum = grad.sum_keepdim(self.axis as isize);
        [Some(grad - saved.output().exp() * sum)]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let y = saved.output_values();
        let lanes = AxisLanes::of(y.shape(), self.axis);
        let mut grad = grad.contiguous();
        lanes.for_each(grad.slice_mut(), y.slice(), |grad, y| softmax::subtract_exp(grad, y, reduce::sum(grad)));
        into.add(0, grad);
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The logarithm of [`Tensor::softmax`] along a dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let y = Tensor::from([[0.0, -1000.0]]).log_softmax(1);
    /// assert_eq!(y.to_vec(), [0.0, -1000.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn log_softmax(&self, dim: isize) -> Tensor<T> {
        if self.ndim() == 0 {
            Axes::new("log_softmax", &[dim], 0).or_raise();
            return self.unsqueeze(0).log_softmax(dim).squeeze();
        }
        let axis = normalize("log_softmax", dim, self.ndim()).or_raise();
        // The backward rule sums over this dimension, so `Axes` must be able to hold it.
        Axes::one(axis);
        LogSoftmax { axis }.apply([self])
    }
}
