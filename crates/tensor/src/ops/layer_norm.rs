//! `layer_norm`: each example with mean 0 and variance 1, then a scale and an offset.
//!
//! The normalisation itself is one operation, which [`batch_norm`](super::batch_norm) shares.

use crate::array::reduce::sum_axes;
use crate::ops::mean::Mean;
use crate::ops::prelude::*;
use crate::ops::var::Var;

/// The mean and the variance (divided by n) over some dimensions, which remain with size 1.
pub(crate) struct Moments<T: Element> {
    axes: Axes,
    pub(crate) mean: Array<T>,
    pub(crate) variance: Array<T>,
}

impl<T: Float> Moments<T> {
    pub(crate) fn new(x: Array<T>, axes: Axes) -> Self {
        let mean = mean(x.clone(), axes);
        let squares = x.zip("normalize", mean.clone(), |x, mean| (x - mean) * (x - mean));
        Moments { axes, mean, variance: self::mean(squares, axes) }
    }

    /// The tensor that these are the moments of, with mean 0 and variance 1.
    #[track_caller]
    pub(crate) fn normalize(&self, x: &Tensor<T>, eps: f64) -> Tensor<T> {
        self.operation(eps).apply([x])
    }

    fn operation(&self, eps: f64) -> Normalize<T> {
        let (mean, add) = (self.mean.clone(), T::of(eps));
        let scale = self.variance.clone().map(|variance| (variance + add).sqrt().recip());
        Normalize { axes: self.axes, eps, mean, scale }
    }
}

/// The mean over some dimensions, which remain with size 1.
fn mean<T: Float>(x: Array<T>, axes: Axes) -> Array<T> {
    let (shape, n) = (axes.kept(x.shape()), T::of(axes.count(x.shape()) as f64));
    Array::own(shape, sum_axes(x, axes)).map(|sum| sum / n)
}

struct Normalize<T: Element> {
    axes: Axes,
    eps: f64,
    mean: Array<T>,
    /// 1 / √(variance + ε)
    scale: Array<T>,
}

impl<T: Float> Op<T> for Normalize<T> {
    type Arity = Fixed<1>;
    const NAME: &'static str = "normalize";
    const FORMULA: &'static str = "y = (x - mean) / √(variance + ε)";
    const DERIVATIVE: &'static str = "(grad - mean(grad) - y mean(grad * y)) / √(variance + ε)";
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let deviation = x.zip("normalize", self.mean.clone(), |x, mean| x - mean);
        deviation.zip("normalize", self.scale.clone(), |x, scale| x * scale)
    }

    fn recompute(&self, [x]: [Array<T>; 1]) -> Array<T> {
        Moments::new(x.clone(), self.axes).operation(self.eps).forward([x])
    }

    // With s = √(variance + ε):  ∂yᵢ/∂xⱼ = (1[i = j] - 1/n - yᵢ yⱼ / n) / s
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let (x, y) = (saved.input(0), saved.output());
        let mean = |x: &Tensor<T>| Mean { axes: self.axes, keepdim: true }.apply([x]);
        let variance = Var { axes: self.axes, correction: 0.0, keepdim: true }.apply([&x]);
        [Some((&grad - mean(&grad) - &y * mean(&(&grad * &y))) / (variance + self.eps).sqrt())]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let y = saved.output_values();
        let mean_grad = mean(grad.clone(), self.axes);
        let mean_grad_y = mean(grad.clone().zip("normalize", y.clone(), |grad, y| grad * y), self.axes);
        let along_y = y.zip("normalize", mean_grad_y, |y, mean| y * mean);
        let grad = grad.zip("normalize", along_y, |grad, along_y| grad - along_y);
        let grad = grad.zip("normalize", mean_grad, |grad, mean| grad - mean);
        into.add(0, grad.zip("normalize", self.scale.clone(), |grad, scale| grad * scale));
        Ok(())
    }
}

/// A weight or bias that may be missing, in words.
pub(crate) fn describe<T: Element>(name: &str, tensor: Option<&Tensor<T>>) -> String {
    tensor.map_or(format!("no {name}"), |tensor| format!("a {name} {:?}", tensor.shape()))
}

impl<T: Float> Tensor<T> {
    /// `(x - mean) / √(variance + eps) * weight + bias` with mean and variance over the last dimensions, which have the
    /// sizes `normalized_shape`: each example by itself. The variance is divided by n.
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
    /// When `normalized_shape` is empty, the shape of the tensor does not end in it, or weight or bias have another shape.
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
            Error::Expected { op: "layer_norm", expected, given }.raise();
        }
        let last: Vec<isize> = (1..=sizes.len() as isize).map(|dim| -dim).collect();
        let axes = Axes::new("layer_norm", &last, self.ndim()).or_raise();
        Moments::new(self.array(), axes).normalize(self, eps).scaled(weight, bias)
    }

    /// Times the weight plus the bias, as far as there are any.
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
