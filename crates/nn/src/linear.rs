//! `Linear`: a matrix product plus a bias.

use downhill_tensor::{CreateFloat, Float, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::parameter::Parameter;
use crate::part::Part;
use crate::summary::{display_as_summary, truth};

/// `y = x Wᵀ + b` for inputs `[..., in]`, a weight `[out, in]` and a bias `[out]`: outputs `[..., out]`.
///
/// Weight and bias are initialised uniformly in ±1/√in, as in PyTorch.
///
/// ```
/// use downhill_nn::{Layer, Linear};
/// use downhill_tensor::Tensor;
/// let layer = Linear::new(2, 1);
/// assert_eq!(layer.weight.shape(), [1, 2]);
/// assert_eq!(layer.forward(&Tensor::zeros([10, 2])).shape(), [10, 1]);
/// println!("{layer}"); // Linear(in_features=2, out_features=1, bias=True)
/// ```
#[derive(Clone, Debug)]
pub struct Linear<T: Float = f32> {
    /// The weight, `[out, in]`.
    pub weight: Parameter<T>,
    /// The bias, `[out]`, if there is one.
    pub bias: Option<Parameter<T>>,
}

impl Linear<f32> {
    /// A layer of `f32` with a bias.
    #[track_caller]
    pub fn new(in_features: usize, out_features: usize) -> Self {
        Linear::of(in_features, out_features)
    }
}

impl<T: Float> Linear<T>
where
    Tensor<T>: CreateFloat,
{
    /// A layer of any float type with a bias: `Linear::<f64>::of(2, 1)`.
    #[track_caller]
    pub fn of(in_features: usize, out_features: usize) -> Self {
        let bound = if in_features > 0 { 1.0 / (in_features as f64).sqrt() } else { 0.0 };
        let weight = Parameter::uniform(&[out_features, in_features], bound);
        Linear { weight, bias: Some(Parameter::uniform(&[out_features], bound)) }
    }
}

impl<T: Float> Linear<T> {
    /// Whether there is a bias: `Linear::new(2, 1).bias(false)`.
    pub fn bias(mut self, bias: bool) -> Self {
        if !bias {
            self.bias = None;
        }
        self
    }
}

impl<T: Float> DeepCopy for Linear<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Linear { weight: self.weight.copy_with(copies), bias: self.bias.copy_with(copies) }
    }
}

impl<T: Float> Module for Linear<T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.weight.visit_as("weight", visitor);
        self.bias.visit_as("bias", visitor);
    }

    fn name(&self) -> &'static str {
        "Linear"
    }

    fn extra_repr(&self) -> String {
        let bias = truth(self.bias.is_some());
        format!("in_features={}, out_features={}, bias={bias}", self.weight.shape()[1], self.weight.shape()[0])
    }
}

impl<T: Float> Layer<Tensor<T>> for Linear<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.linear(&self.weight, self.bias.as_deref())
    }
}

display_as_summary!(Linear<T>, T: Float);
