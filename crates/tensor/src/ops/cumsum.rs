//! `cumsum`: cumulative sums along a dimension.

use crate::base::shape::normalize;
use crate::ops::prelude::*;
use crate::ops::sum::terms;
use downhill_kernels::element::KernelElement;
use downhill_kernels::reduce::AxisLanes;

pub(crate) struct CumSum {
    axis: usize,
}

impl<T: Element> Op<T> for CumSum {
    type Arity = Fixed<1>;
    const NAME: &'static str = "cumsum";
    const FORMULA: &'static str = "yᵢ = x₁ + ... + xᵢ";
    const DERIVATIVE: &'static str = "gradᵢ + ... + gradₙ";
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("dim={}", self.axis)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let lanes = AxisLanes::of(x.shape(), self.axis);
        let mut y = x.contiguous();
        let data = y.slice_mut();
        for start in lanes.starts() {
            // Accumulate in a wider type: an `f32` sum of ones would stop growing at 2²⁴.
            let mut sum = T::Wide::default();
            lanes.update(data, start, |_, x| {
                sum = sum.plus(x.widen());
                T::narrow(sum)
            });
        }
        y
    }

    // ∂yⱼ/∂xᵢ = 1 for j ≥ i: the sums from the end
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let from_end = grad.flip(self.axis as isize);
        [Some(CumSum { axis: self.axis }.apply([&from_end]).flip(self.axis as isize))]
    }
}

impl<T: Element> Tensor<T> {
    /// The cumulative sum along a dimension: each result includes its own element. Integers and truth values give
    /// integers.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumsum(0).to_vec(), [1.0, 3.0, 6.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn cumsum(&self, dim: isize) -> Tensor<T::Sum> {
        if self.ndim() == 0 {
            Axes::new("cumsum", &[dim], 0).or_raise();
            return terms(self).copy();
        }
        let axis = normalize("cumsum", dim, self.ndim()).or_raise();
        // The backward rule flips this dimension, so `Axes` must be able to hold it.
        Axes::one(axis);
        CumSum { axis }.apply([&terms(self)])
    }
}
