//! `layer_norm`: each example with mean 0 and variance 1, then a scale and an offset.
//!
//! The normalisation itself is one operation, which [`batch_norm`](super::batch_norm) shares.

use crate::array::magnitude::least_sum;
use crate::array::moments::{Moments, Small};
use crate::array::reduce::dot_axes;
use crate::ops::mean::Mean;
use crate::ops::prelude::*;
use crate::ops::var::{Center, Std, Var};

pub(crate) struct Normalize<T: Element> {
    axes: Axes,
    eps: f64,
    /// 1 / √(variance + ε)
    inverse: Array<T>,
    /// The output, which is nearly complete once the variance is known.
    y: Array<T>,
}

impl<T: Float> Normalize<T> {
    /// Mean and variance, in the precision that this ε needs.
    #[track_caller]
    pub(crate) fn moments(x: Array<T>, axes: Axes, eps: f64) -> Moments<T> {
        let hides = least_sum::<T>(1) / T::epsilon();
        Moments::new(x, axes, if T::of(eps) > hides { Small::IsNothing } else { Small::Matters })
    }

    /// The normalisation of an input with these moments.
    #[track_caller]
    pub(crate) fn of(moments: Moments<T>, n: usize, axes: Axes, eps: f64) -> Self {
        let deviation = moments.deviation(T::of(n as f64), T::of(eps));
        let inverse = deviation.clone().map(T::recip);
        Normalize { axes, eps, y: moments.normalized(deviation, inverse.clone()), inverse }
    }
}

impl<T: Float> Op<T> for Normalize<T> {
    type Arity = Fixed<1>;
    const NAME: &'static str = "normalize";
    const FORMULA: &'static str = "y = (x - mean) / √(variance + ε)";
    const DERIVATIVE: &'static str = "(grad - mean(grad) - y mean(grad * y)) / √(variance + ε)";
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, _: [Array<T>; 1]) -> Array<T> {
        self.y.clone()
    }

    fn recompute(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let n = self.axes.count(x.shape());
        Normalize::of(Normalize::moments(x, self.axes, self.eps), n, self.axes, self.eps).y
    }

    // With s = √(variance + ε):  ∂yᵢ/∂xⱼ = (1[i = j] - 1/n - yᵢ yⱼ / n) / s. The sum of y is 0, so mean(grad * y)
    // needs no correction for mean(grad).
    fn backward(&self, grad: Tensor<T>, saved: &Saved<T>) -> [Option<Tensor<T>>; 1] {
        let (x, y, axes) = (saved.input(0), saved.output(), self.axes);
        let grad = Center { axes }.apply([&grad]);
        let along_y = Mean { axes, keepdim: true }.apply([&(&grad * &y)]);
        let deviation = Std { of: Var { axes, correction: 0.0, keepdim: true }, eps: self.eps }.apply([&x]);
        [Some((grad - y * along_y) / deviation)]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let (y, axes) = (saved.output_values(), self.axes);
        let n = T::of(axes.count(y.shape()) as f64);
        let grad = Moments::new(grad, axes, Small::IsNothing).deviations();
        let along_y = Array::own(axes.kept(y.shape()), dot_axes(grad.clone(), y.clone(), axes)).map(|sum| sum / n);
        let along_y = y.zip("normalize", along_y, |y, mean| y * mean);
        let grad = grad.zip("normalize", along_y, |grad, along_y| grad - along_y);
        into.add(0, grad.zip("normalize", self.inverse.clone(), |grad, inverse| grad * inverse));
        Ok(())
    }
}

/// Describes an optional weight or bias for an error message.
pub(crate) fn describe<T: Element>(name: &str, tensor: Option<&Tensor<T>>) -> String {
    tensor.map_or(format!("no {name}"), |tensor| format!("a {name} {:?}", tensor.shape()))
}

impl<T: Float> Tensor<T> {
    /// `(x - mean) / √(variance + eps) * weight + bias` with mean and variance over the last dimensions, whose sizes
    /// are `normalized_shape`: each example by itself. The variance is the biased one, divided by n.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 3.0], [50.0, 10.0]]);
    /// assert_eq!(x.layer_norm(2, None, None, 0.0).to_vec(), [-1.0, 1.0, 1.0, -1.0]);
    /// ```
    ///
    /// Source: Ba, Kiros, Hinton, "Layer Normalization" (2016).
    ///
    /// # Panics
    /// When `normalized_shape` is empty, the shape of the tensor does not end with it, or weight or bias have a
    /// different shape.
    #[track_caller]
    pub fn layer_norm(
        &self,
        normalized_shape: impl IntoShape,
        weight: Option<&Tensor<T>>,
        bias: Option<&Tensor<T>>,
        eps: f64,
    ) -> Tensor<T> {
        let shape = normalized_shape.into_shape();
        let sizes = shape.slice();
        let fits = [weight, bias].iter().flatten().all(|parameter| parameter.shape() == sizes);
        if sizes.is_empty() || !self.shape().ends_with(sizes) || !fits {
            let expected = match sizes {
                [] => "a normalized shape of at least one dimension".to_owned(),
                _ => format!("an input whose shape ends in {sizes:?}, and a weight and a bias {sizes:?}"),
            };
            let (weight, bias) = (describe("weight", weight), describe("bias", bias));
            let given = format!("a normalized shape {sizes:?}, an input {:?}, {weight} and {bias}", self.shape());
            Error::expected("layer_norm", expected, given).raise();
        }
        let last: Vec<isize> = (1..=sizes.len() as isize).map(|dim| -dim).collect();
        let axes = Axes::new("layer_norm", &last, self.ndim()).or_raise();
        let moments = Normalize::moments(self.array(), axes, eps);
        Normalize::of(moments, axes.count(self.shape()), axes, eps).apply([self]).scaled(weight, bias)
    }

    /// Times the weight plus the bias, where given.
    #[track_caller]
    pub(crate) fn scaled(self, weight: Option<&Tensor<T>>, bias: Option<&Tensor<T>>) -> Tensor<T> {
        let scaled = match weight {
            Some(weight) => self * weight,
            None => self,
        };
        match bias {
            Some(bias) => scaled + bias,
            None => scaled,
        }
    }
}
