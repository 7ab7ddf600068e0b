//! `softmax`: exponentials, normalised to sum to 1 along a dimension.

use crate::base::shape::normalize;
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::reduce::{self, AxisLanes};
use downhill_kernels::{each, softmax};

pub(crate) struct Softmax {
    axis: usize,
}

impl<T: Float> Op<T> for Softmax {
    type Arity = Fixed<1>;
    const NAME: &'static str = "softmax";
    const FORMULA: &'static str = "y = eˣ / Σ eˣ";
    const DERIVATIVE: &'static str = "y * (grad - Σ grad * y)";
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
            softmax::scaled_exp(x, max, T::one(), y);
            let sum = reduce::sum(y);
            each::map_assign(y, |y| y / sum);
        });
        Array::own(x.shape_owned(), y)
    }

    // ∂yᵢ/∂xⱼ = yᵢ (1[i = j] - yⱼ)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let y = saved.output();
        let mean = (&grad * &y).sum_keepdim(self.axis as isize);
        [Some((grad - mean) * y)]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let y = saved.output_values();
        let lanes = AxisLanes::of(y.shape(), self.axis);
        let mut grad = grad.contiguous();
        lanes.for_each(grad.slice_mut(), y.slice(), |grad, y| {
            let mean = reduce::dot(grad, y);
            each::zip_assign(grad, y, |grad, y| (grad - mean) * y);
        });
        into.add(0, grad);
        Ok(())
    }
}

/// The remedy for a row without a largest element.
pub(crate) fn masked_row(at: &Anomaly<'_>) -> Option<&'static str> {
    (at.became.is_nan() && !at.is_backward)
        .then_some("a row whose elements are all -inf (masked) has no softmax: leave at least one of them open")
}

impl<T: Float> Tensor<T> {
    /// eˣ divided by the sum of the exponentials along a dimension: positive numbers that sum to 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[5.0, 5.0]]).softmax(1).to_vec(), [0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn softmax(&self, dim: isize) -> Tensor<T> {
        if self.ndim() == 0 {
            Axes::new("softmax", &[dim], 0).or_raise();
            return self.unsqueeze(0).softmax(dim).squeeze();
        }
        let axis = normalize("softmax", dim, self.ndim()).or_raise();
        // The backward rule sums over this dimension, so `Axes` must be able to hold it.
        Axes::one(axis);
        Softmax { axis }.apply([self])
    }
}
