//! The tensors that a module owns: parameters, which are trained, and buffers, which are not.

use std::ops::Deref;

use downhill_tensor::{AnyTensor, CreateFloat, Element, Float, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::module::Visitor;
use crate::part::Part;

/// A trained tensor. It dereferences to its tensor, and is still a parameter when it is frozen by
/// `requires_grad_(false)`.
///
/// ```
/// use downhill_nn::Parameter;
/// use downhill_tensor::Tensor;
/// let weight = Parameter::new(Tensor::ones([2]));
/// (&*weight * 3).sum().backward();
/// assert_eq!(weight.grad().unwrap().to_vec(), [3.0, 3.0]);
/// ```
#[derive(Debug)]
pub struct Parameter<T: Float = f32>(Tensor<T>);

impl<T: Float> Parameter<T> {
    /// A leaf with these values that requires a gradient.
    #[track_caller]
    pub fn new(initial: Tensor<T>) -> Self {
        Parameter(initial.detach().copy().requires_grad_(true))
    }

    /// Numbers drawn evenly between -`bound` and `bound`.
    #[track_caller]
    pub(crate) fn uniform(shape: &[usize], bound: f64) -> Self
    where
        Tensor<T>: CreateFloat,
    {
        Parameter::new((Tensor::<T>::rand(shape) * 2 - 1) * bound)
    }
}

/// A clone is the same tensor, which is how layers share a weight. [`Module::copy`](crate::Module::copy) makes a new
/// one.
impl<T: Float> Clone for Parameter<T> {
    fn clone(&self) -> Self {
        Parameter(self.0.clone())
    }
}

impl<T: Float> DeepCopy for Parameter<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Parameter(copies.of(&self.0, |tensor| tensor.detach().copy().requires_grad_(tensor.requires_grad())))
    }
}

impl<T: Float> Deref for Parameter<T> {
    type Target = Tensor<T>;

    fn deref(&self) -> &Tensor<T> {
        &self.0
    }
}

impl<T: Float> Part for Parameter<T> {
    const LIST: Option<&'static str> = Some("ParameterList");

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.parameter(name, AnyTensor::from(&self.0));
    }
}

/// A tensor that belongs to a module but is not trained, such as a running mean. It dereferences to its tensor.
#[derive(Debug)]
pub struct Buffer<T: Element = f32>(Tensor<T>);

impl<T: Element> Buffer<T> {
    /// A buffer with these values.
    pub fn new(initial: Tensor<T>) -> Self {
        Buffer(initial.detach().copy())
    }
}

/// A clone is the same tensor. [`Module::copy`](crate::Module::copy) makes a new one.
impl<T: Element> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Buffer(self.0.clone())
    }
}

impl<T: Element> DeepCopy for Buffer<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Buffer(copies.of(&self.0, |tensor| tensor.detach().copy()))
    }
}

impl<T: Element> Deref for Buffer<T> {
    type Target = Tensor<T>;

    fn deref(&self) -> &Tensor<T> {
        &self.0
    }
}

impl<T: Element> Part for Buffer<T> {
    const LIST: Option<&'static str> = Some("BufferList");

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.buffer(name, AnyTensor::from(&self.0));
    }
}
