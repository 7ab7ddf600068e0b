//! `mean`: the average of elements, over all or some dimensions.

use crate::array::magnitude::units;
use crate::array::reduce::sum_axes;
use crate::ops::prelude::*;
use crate::ops::sum::spread;

pub(crate) struct Mean {
    pub(crate) axes: Axes,
    pub(crate) keepdim: bool,
}

impl<T: Float> Op<T> for Mean {
    type Arity = Fixed<1>;
    const NAME: &'static str = "mean";
    const FORMULA: &'static str = "1/n Σ x";
    const DERIVATIVE: &'static str = "grad / n, repeated for each element";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::Nothing;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        (at.elements == 0 && !at.is_backward).then_some("there is nothing to average: check for `numel() == 0` first")
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let n = T::of(self.axes.count(x.shape()) as f64);
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        let sums = sum_axes(x.clone(), self.axes);
        let sizes = if sums.iter().all(|sum| sum.is_finite()) {
            Vec::new()
        } else {
            sums.iter().map(|sum| sum.abs()).collect()
        };
        match units(&x, self.axes, &sizes, T::zero()) {
            None => Array::own(shape, sums).map(|sum| sum / n),
            // u mean(x/u) if the sum overflows although the mean does not
            Some(unit) => {
                let scaled = x.zip("mean", unit.clone(), |x, unit| x / unit);
                let means = Array::own(unit.shape_owned(), sum_axes(scaled, self.axes)).map(|sum| sum / n);
                means.zip("mean", unit, |mean, unit| mean * unit).reshaped(shape)
            }
        }
    }

    // ∂(1/n Σ x)/∂xᵢ = 1/n
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let shape = saved.input_shape(0);
        let n = self.axes.count(shape.slice()) as f64;
        [Some((grad / n).spread(self.axes, &shape))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let shape = saved.input_shape(0);
        let n = T::of(self.axes.count(shape.slice()) as f64);
        into.add(0, spread(grad.map(|grad| grad / n), self.axes, &shape));
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The average of all elements, as a 0-d tensor; NaN if there are none.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).mean().item(), 1.5);
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Tensor<T> {
        Mean { axes: Axes::all(self.ndim()), keepdim: false }.apply([self])
    }

    /// The averages over some dimensions, which are removed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).mean_dim(0).to_vec(), [2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn mean_dim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("mean_dim", &dims.into_dims(), self.ndim()).or_raise();
        Mean { axes, keepdim: false }.apply([self])
    }

    /// The averages over some dimensions, which are kept with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn mean_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("mean_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Mean { axes, keepdim: true }.apply([self])
    }
}
