//! `LayerNorm`: normalises each example by its own mean and variance.

use downhill_tensor::{Create, Float, IntoShape, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::parameter::Parameter;
use crate::part::Part;
use crate::summary::{display_as_summary, number, truth};

/// `(x - mean) / √(variance + eps) * weight + bias` over the last dimensions; see [`Tensor::layer_norm`].
///
/// The weight starts at 1 and the bias at 0.
///
/// ```
/// use downhill_nn::{Layer, LayerNorm};
/// use downhill_tensor::Tensor;
/// let layer = LayerNorm::new(3);
/// assert_eq!(layer.forward(&Tensor::zeros([5, 3])).shape(), [5, 3]);
/// assert_eq!(layer.to_string(), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)");
/// ```
#[derive(Clone, Debug)]
pub struct LayerNorm<T: Float = f32> {
    /// The scale of each element, `normalized_shape`, if there is one.
    pub weight: Option<Parameter<T>>,
    /// The offset of each element, `normalized_shape`, if there is one.
    pub bias: Option<Parameter<T>>,
    normalized_shape: Vec<usize>,
    eps: f64,
}

impl LayerNorm<f32> {
    /// A layer of `f32` for inputs whose shape ends in `normalized_shape`: one size, or several as an array.
    #[track_caller]
    pub fn new(normalized_shape: impl IntoShape) -> Self {
        LayerNorm::of(normalized_shape)
    }
}

impl<T: Float> LayerNorm<T> {
    /// A layer of any float type.
    #[track_caller]
    pub fn of(normalized_shape: impl IntoShape) -> Self {
        let zeros = Tensor::<T>::zeros(normalized_shape);
        LayerNorm {
            weight: Some(Parameter::new(zeros.ones_like())),
            bias: Some(Parameter::new(zeros.clone())),
            normalized_shape: zeros.shape().to_vec(),
            eps: 1e-5,
        }
    }

    /// Added to the variance, so that nothing is divided by 0; 1e-5 by default.
    pub fn eps(self, eps: f64) -> Self {
        LayerNorm { eps, ..self }
    }

    /// Whether there are a weight and a bias; yes by default.
    pub fn elementwise_affine(self, affine: bool) -> Self {
        if affine { self } else { LayerNorm { weight: None, bias: None, ..self } }
    }

    /// Whether there is a bias.
    pub fn bias(self, bias: bool) -> Self {
        if bias { self } else { LayerNorm { bias: None, ..self } }
    }
}

impl<T: Float> DeepCopy for LayerNorm<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        LayerNorm { weight: self.weight.copy_with(copies), bias: self.bias.copy_with(copies), ..self.clone() }
    }
}

impl<T: Float> Module for LayerNorm<T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.weight.visit_as("weight", visitor);
        self.bias.visit_as("bias", visitor);
    }

    fn name(&self) -> &'static str {
        "LayerNorm"
    }

    fn extra_repr(&self) -> String {
        let shape = match self.normalized_shape.as_slice() {
            [size] => format!("({size},)"),
            sizes => format!("({})", sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
        };
        let (affine, bias) = (truth(self.weight.is_some()), truth(self.bias.is_some()));
        format!("{shape}, eps={}, elementwise_affine={affine}, bias={bias}", number(self.eps))
    }
}

impl<T: Float> Layer<Tensor<T>> for LayerNorm<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.layer_norm(self.normalized_shape.as_slice(), self.weight.as_deref(), self.bias.as_deref(), self.eps)
    }
}

display_as_summary!(LayerNorm<T>, T: Float);
