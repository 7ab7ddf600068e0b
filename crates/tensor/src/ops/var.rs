//! `var`, `std`: variance and standard deviation.

use crate::array::magnitude::units;
use crate::array::moments::{Moments, Small};
use crate::ops::norm::along;
use crate::ops::prelude::*;

#[derive(Clone, Copy)]
pub(crate) struct Var {
    pub(crate) axes: Axes,
    /// Subtracted from the number of elements in the divisor: 1 for a sample, 0 for the whole population.
    pub(crate) correction: f64,
    pub(crate) keepdim: bool,
}

impl Var {
    /// The divisor of the sum of squares.
    fn divisor(&self, shape: &[usize]) -> f64 {
        (self.axes.count(shape) as f64 - self.correction).max(0.0)
    }

    fn root(self) -> Std {
        Std { of: self, eps: 0.0 }
    }

    // ∂var/∂xᵢ = 2/(n - c) (xᵢ - mean); the mean depends on xᵢ as well, but that term vanishes because the deviations
    // sum to 0. If c ≥ n the variance is infinite or NaN, and so is the gradient.
    fn rule<T: Float>(&self, grad: Tensor<T>, x: Tensor<T>) -> Tensor<T> {
        let (kept, factor) = (self.axes.kept(x.shape()), 2.0 / self.divisor(x.shape()));
        grad.reshaped(kept) * (Center { axes: self.axes }.apply([&x]) * factor)
    }
}

/// The deviations of the elements from their mean over some dimensions.
pub(crate) struct Center {
    pub(crate) axes: Axes,
}

impl<T: Float> Op<T> for Center {
    type Arity = Fixed<1>;
    const NAME: &'static str = "center";
    const FORMULA: &'static str = "x - mean";
    const DERIVATIVE: &'static str = "grad - mean(grad)";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        Moments::new(x, self.axes, Small::IsNothing).deviations()
    }

    // ∂(xᵢ - mean)/∂xⱼ = 1[i = j] - 1/n
    fn backward(&self, grad: Tensor<T>, _: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        [Some(Center { axes: self.axes }.apply([&grad]))]
    }
}

impl<T: Float> Op<T> for Var {
    type Arity = Fixed<1>;
    const NAME: &'static str = "var";
    const FORMULA: &'static str = "1/(n - c) Σ (x - mean)²";
    const DERIVATIVE: &'static str = "grad * 2/(n - c) (x - mean)";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::Inputs;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        too_few(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (shape, divisor) = (self.axes.reduced(x.shape(), self.keepdim), T::of(self.divisor(x.shape())));
        Moments::new(x, self.axes, Small::IsNothing).variance(divisor).reshaped(shape)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.rule(grad, saved.input(0)))]
    }
}

/// The square root of the variance, whose gradient is 0 where all elements are equal.
pub(crate) struct Std {
    pub(crate) of: Var,
    /// Added to the variance.
    pub(crate) eps: f64,
}

impl<T: Float> Op<T> for Std {
    type Arity = Fixed<1>;
    const NAME: &'static str = "std";
    const FORMULA: &'static str = "√(1/(n - c) Σ (x - mean)²)";
    const DERIVATIVE: &'static str = "grad / (n - c) (x - mean) / std, and 0 where std is 0";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::InputsAndOutput;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        too_few(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (shape, divisor) = (self.of.axes.reduced(x.shape(), self.of.keepdim), T::of(self.of.divisor(x.shape())));
        Moments::new(x, self.of.axes, Small::Matters).deviation(divisor, T::of(self.eps)).reshaped(shape)
    }

    // d√(v + ε)/dv = 1/(2√(v + ε)). Divide the deviations first: the quotient is of order one at any scale.
    fn backward(&self, grad: Tensor<T>, saved: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        let (mut x, axes) = (saved.input(0), self.of.axes);
        let kept = axes.kept(x.shape());
        let mut std = saved.output().reshaped(kept.clone());
        // Rescale lanes whose deviation overflows or loses digits to underflow: the quotient does not depend on the
        // scale.
        let least = T::min_positive_value() / T::epsilon();
        if self.eps == 0.0
            && let Some(unit) = units(&x.array(), axes, saved.output_values().contiguous().slice(), least)
        {
            x = x / Tensor::from_array(unit);
            std = Std { of: Var { keepdim: true, ..self.of }, eps: 0.0 }.apply([&x]);
        }
        let grad = grad.reshaped(kept) / self.of.divisor(saved.input_shape(0).slice());
        [Some(along(grad, Center { axes }.apply([&x]), &std, &saved.output()))]
    }
}

/// The remedy when the variance is 0 / 0.
fn too_few(at: &Anomaly<'_>) -> Option<&'static str> {
    (at.became.is_nan() && !at.is_backward).then_some(
        "a sample of one element has no variance (0 / 0): take more, or that of the population with `var_dim(dims, \
         0)`",
    )
}

impl<T: Float> Tensor<T> {
    /// The sample variance of all elements: the sum of squares is divided by n - 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0]).var().item(), 2.0);
    /// ```
    #[track_caller]
    pub fn var(&self) -> Tensor<T> {
        Var { axes: Axes::all(self.ndim()), correction: 1.0, keepdim: false }.apply([self])
    }

    /// The variance over some dimensions, which are removed; the sum of squares is divided by n - `correction`.
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

    /// As [`Tensor::var_dim`], but keeps the dimensions with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn var_keepdim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("var_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Var { axes, correction: correction as f64, keepdim: true }.apply([self])
    }

    /// The sample standard deviation of all elements: the square root of [`Tensor::var`].
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 5.0, 9.0]).std().item(), 4.0);
    /// ```
    #[track_caller]
    pub fn std(&self) -> Tensor<T> {
        Var { axes: Axes::all(self.ndim()), correction: 1.0, keepdim: false }.root().apply([self])
    }

    /// The standard deviation over some dimensions, which are removed; see [`Tensor::var_dim`].
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn std_dim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("std_dim", &dims.into_dims(), self.ndim()).or_raise();
        Var { axes, correction: correction as f64, keepdim: false }.root().apply([self])
    }

    /// As [`Tensor::std_dim`], but keeps the dimensions with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn std_keepdim(&self, dims: impl IntoDims, correction: usize) -> Tensor<T> {
        let axes = Axes::new("std_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Var { axes, correction: correction as f64, keepdim: true }.root().apply([self])
    }
}
