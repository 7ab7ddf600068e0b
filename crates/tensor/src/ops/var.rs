//! `var`, `std`: how far elements lie from their mean.

use crate::array::reduce::sum_axes;
use crate::ops::prelude::*;
use crate::ops::sum::Sum;

#[derive(Clone, Copy)]
pub(crate) struct Var {
    pub(crate) axes: Axes,
    /// What is subtracted from the number of elements: 1 for a sample, 0 for the whole population.
    pub(crate) correction: f64,
    pub(crate) keepdim: bool,
}

impl Var {
    /// The number that the sum of squares is divided by.
    fn divisor(&self, shape: &[usize]) -> f64 {
        (self.axes.count(shape) as f64 - self.correction).max(0.0)
    }

    fn variance<T: Float>(&self, x: Array<T>) -> Array<T> {
        let n = T::of(self.axes.count(x.shape()) as f64);
        let divisor = T::of(self.divisor(x.shape()));
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        let mean = Array::own(self.axes.kept(x.shape()), sum_axes(x.clone(), self.axes)).map(|sum| sum / n);
        let squares = x.zip("var", mean, |x, mean| (x - mean) * (x - mean));
        Array::own(shape, sum_axes(squares, self.axes)).map(|sum| sum / divisor)
    }

    // ∂var/∂xᵢ = 2/(n - c) (xᵢ - mean); the mean moves as well, but the deviations from it sum to 0.
    // Where c > n, the variance is infinite or NaN and this is PyTorch's choice.
    fn rule<T: Float>(&self, grad: Tensor<T>, x: Tensor<T>) -> Tensor<T> {
        let shape: Shape = x.shape().into_shape();
        let n = self.axes.count(shape.slice()) as f64;
        let mean = Sum { axes: self.axes, keepdim: true }.apply([&x]) / n;
        let factor = 2.0 / (n - self.correction);
        grad.reshaped(self.axes.kept(shape.slice())) * ((x - mean) * factor)
    }
}

impl<T: Float> Op<T> for Var {
    type Arity = Fixed<1>;
    const NAME: &'static str = "var";
    const FORMULA: &'static str = "1/(n - c) Σ (x - mean)²";
    const DERIVATIVE: &'static str = "grad * 2/(n - c) (x - mean)";
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        self.variance(x)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.rule(grad, saved.input(0)))]
    }
}

/// The square root of the variance, whose gradient is 0 where all elements are equal.
pub(crate) struct Std(Var);

impl<T: Float> Op<T> for Std {
    type Arity = Fixed<1>;
    const NAME: &'static str = "std";
    const FORMULA: &'static str = "√(1/(n - c) Σ (x - mean)²)";
    const DERIVATIVE: &'static str = "grad / (2 std) * 2/(n - c) (x - mean), and 0 where std is 0";
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        self.0.variance(x).map(T::sqrt)
    }

    // d√v/dv = 1/(2√v)
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let std = saved.output();
        let grad = (grad / (&std * 2)).masked_fill(&std.eq(0), 0);
        [Some(self.0.rule(grad, saved.input(0)))]
    }
}

impl<T: Float> Tensor<T> {
    /// The variance of all elements as of a sample: divided by n - 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0]).var().item(), 2.0);
    /// ```
    #[track_caller]
    pub fn var(&self) -> Tensor<T> {
        Var { axes: Axes::all(self.ndim()), correction: 1.0, keepdim: false }.apply([self])
    }

    /// The variance over some dimensions, which disappear; the sum of squares is divided by n - `correction`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [2.0, 2.0]]).var_dim(1, 0).to_vec(), [1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn var_dim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("var_dim", &dims.into_dims(), self.ndim()).or_raise();
        Var { axes, correction: correction as f64, keepdim: false }.apply([self])
    }

    /// As [`Tensor::var_dim`], with the dimensions remaining at size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn var_keepdim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("var_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Var { axes, correction: correction as f64, keepdim: true }.apply([self])
    }

    /// The standard deviation of all elements as of a sample: the square root of [`Tensor::var`].
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 5.0, 9.0]).std().item(), 4.0);
    /// ```
    #[track_caller]
    pub fn std(&self) -> Tensor<T> {
        Std(Var { axes: Axes::all(self.ndim()), correction: 1.0, keepdim: false }).apply([self])
    }

    /// The standard deviation over some dimensions, which disappear; see [`Tensor::var_dim`].
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn std_dim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("std_dim", &dims.into_dims(), self.ndim()).or_raise();
        Std(Var { axes, correction: correction as f64, keepdim: false }).apply([self])
    }

    /// As [`Tensor::std_dim`], with the dimensions remaining at size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn std_keepdim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("std_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Std(Var { axes, correction: correction as f64, keepdim: true }).apply([self])
    }
}
