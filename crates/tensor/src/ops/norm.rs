//! `norm`: the length of a vector, over all or some dimensions.

use crate::kernels::reduce::sum_axes;
use crate::ops::prelude::*;

pub(crate) struct Norm {
    axes: Axes,
    keepdim: bool,
}

impl<T: Float> Op<T> for Norm {
    type Arity = Fixed<1>;
    const NAME: &'static str = "norm";
    const FORMULA: &'static str = "‖x‖ = √(Σ x²)";
    const DERIVATIVE: &'static str = "grad * x / ‖x‖, and 0 where the norm is 0";
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        Array::own(shape, sum_axes(x.map(|x| x * x), self.axes)).map(T::sqrt)
    }

    // ∂‖x‖/∂xᵢ = xᵢ/‖x‖; at 0 all slopes from -1 to 1 are possible, and 0 is chosen
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let x = saved.input(0);
        let kept = self.axes.kept(x.shape());
        let norm = saved.output().reshaped(kept.clone());
        let direction = (x / &norm).masked_fill(&norm.eq(0), 0);
        [Some(grad.reshaped(kept) * direction)]
    }
}

impl<T: Float> Tensor<T> {
    /// The Euclidean norm of all elements: the square root of the sum of their squares. The gradient at 0 is 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([3.0, 4.0]).norm().item(), 5.0);
    /// ```
    pub fn norm(&self) -> Tensor<T> {
        Norm { axes: Axes::all(self.ndim()), keepdim: false }.apply([self])
    }

    /// The Euclidean norms over some dimensions, which disappear.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[3.0, 4.0], [0.0, -1.0]]).norm_dim(1).to_vec(), [5.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn norm_dim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_dim", &dims.into_dims(), self.ndim()).or_raise();
        Norm { axes, keepdim: false }.apply([self])
    }

    /// The Euclidean norms over some dimensions, which remain with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn norm_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::new("norm_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Norm { axes, keepdim: true }.apply([self])
    }
}
