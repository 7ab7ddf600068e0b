//! A tensor whose element type is known only at run time, for visitors of modules and for files.

use std::any::Any;
use std::fmt;

use crate::autograd::hook::Name;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Kind, Number};
use downhill_kernels::error::Error;

/// A tensor of any element type: another handle to the tensor it was made from.
#[derive(Clone, Debug)]
pub enum AnyTensor {
    /// 32-bit floating point.
    F32(Tensor<f32>),
    /// 64-bit floating point.
    F64(Tensor<f64>),
    /// 64-bit integers.
    I64(Tensor<i64>),
    /// Truth values.
    Bool(Tensor<bool>),
}

/// Runs the same code on the tensor inside, for each element type; or on two of the same type, with a fallback if the
/// types differ.
macro_rules! dispatch {
    ($any:expr, $tensor:ident => $body:expr) => {
        match $any {
            AnyTensor::F32($tensor) => $body,
            AnyTensor::F64($tensor) => $body,
            AnyTensor::I64($tensor) => $body,
            AnyTensor::Bool($tensor) => $body,
        }
    };
    ($left:expr, $right:expr, ($a:ident, $b:ident) => $body:expr, else $other:expr) => {
        match ($left, $right) {
            (AnyTensor::F32($a), AnyTensor::F32($b)) => $body,
            (AnyTensor::F64($a), AnyTensor::F64($b)) => $body,
            (AnyTensor::I64($a), AnyTensor::I64($b)) => $body,
            (AnyTensor::Bool($a), AnyTensor::Bool($b)) => $body,
            _ => $other,
        }
    };
}
pub(crate) use dispatch;

impl AnyTensor {
    /// The type of the elements.
    pub fn kind(&self) -> Kind {
        dispatch!(self, tensor => tensor.kind())
    }

    /// The tensor, if its elements are of this type.
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// let any = AnyTensor::from(&Tensor::ones([2]));
    /// assert!(any.get::<f32>().is_some() && any.get::<i64>().is_none());
    /// ```
    pub fn get<T: Element>(&self) -> Option<&Tensor<T>> {
        let tensor: &dyn Any = dispatch!(self, tensor => tensor);
        tensor.downcast_ref()
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        dispatch!(self, tensor => tensor.shape())
    }

    /// A snapshot: the same values, detached and unaffected by later changes.
    pub fn detach(&self) -> AnyTensor {
        dispatch!(self, tensor => AnyTensor::from(tensor.detach()))
    }

    /// A snapshot of the values in another element type.
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// let any = AnyTensor::from(&Tensor::from([1, 0]));
    /// assert_eq!(any.cast::<f64>().to_vec(), [1.0, 0.0]);
    /// ```
    pub fn cast<T: Element>(&self) -> Tensor<T> {
        match self {
            AnyTensor::F32(tensor) => tensor.detach().cast(),
            AnyTensor::F64(tensor) => tensor.detach().cast(),
            AnyTensor::I64(tensor) => tensor.cast(),
            AnyTensor::Bool(tensor) => tensor.cast(),
        }
    }

    /// The elements in row-major order as numbers, true as 1.
    ///
    /// Unlike [`AnyTensor::cast`], this is compiled once, not again in each crate that uses it.
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// assert_eq!(AnyTensor::from(&Tensor::from([2, 3])).numbers(), [2.0, 3.0]);
    /// ```
    pub fn numbers(&self) -> Vec<f64> {
        self.elements().into_iter().map(f64::from_number).collect()
    }

    /// The elements in row-major order.
    pub(crate) fn elements(&self) -> Vec<Number> {
        fn of<T: Element>(tensor: &Tensor<T>) -> Vec<Number> {
            tensor.array().to_vec().into_iter().map(T::to_number).collect()
        }
        dispatch!(self, tensor => of(tensor))
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        dispatch!(self, tensor => tensor.numel())
    }

    pub(crate) fn id(&self) -> u64 {
        dispatch!(self, tensor => tensor.id())
    }

    pub(crate) fn name(&self) -> Option<Name> {
        dispatch!(self, tensor => tensor.name())
    }

    /// Whether an operation on this tensor is recorded when grad mode is on.
    pub fn requires_grad(&self) -> bool {
        dispatch!(self, tensor => tensor.requires_grad())
    }

    /// Whether this tensor is not the output of a recorded operation.
    pub fn is_leaf(&self) -> bool {
        dispatch!(self, tensor => tensor.is_leaf())
    }

    /// Whether both hold the same array.
    pub(crate) fn is_same_value(&self, other: &AnyTensor) -> bool {
        dispatch!(self, other, (a, b) => a.array().is(&b.array()), else false)
    }

    /// The sum of two gradients.
    pub(crate) fn plus(&self, other: &AnyTensor) -> AnyTensor {
        fn sum<T: Element>(a: &Tensor<T>, b: &Tensor<T>) -> AnyTensor {
            AnyTensor::from(&Tensor::from_array(a.array().zip("add", b.array(), T::plus)))
        }
        match (self, other) {
            (AnyTensor::F32(a), AnyTensor::F32(b)) => sum(a, b),
            (AnyTensor::F64(a), AnyTensor::F64(b)) => sum(a, b),
            _ => unreachable!("the gradients of one tensor have its element type, which is a float"),
        }
    }

    /// Whether both are the same tensor.
    pub fn is(&self, other: &AnyTensor) -> bool {
        dispatch!(self, other, (a, b) => a.is(b), else false)
    }

    /// As [`Tensor::address`].
    pub fn address(&self) -> usize {
        match self {
            AnyTensor::F32(tensor) => tensor.address(),
            AnyTensor::F64(tensor) => tensor.address(),
            AnyTensor::I64(tensor) => tensor.address(),
            AnyTensor::Bool(tensor) => tensor.address(),
        }
    }

    /// Copies the values of another tensor of the same type.
    ///
    /// # Panics
    /// When the types differ, and as [`Tensor::copy_`].
    #[track_caller]
    pub fn copy_(&self, source: &AnyTensor) {
        dispatch!(self, source, (tensor, source) => drop(tensor.copy_(source)), else {
            let expected = format!("a tensor of {}", self.kind());
            Error::expected("copy_", expected, format!("one of {}", source.kind())).raise()
        })
    }

    /// Sets the gradient to none.
    pub fn zero_grad(&self) {
        match self {
            AnyTensor::F32(tensor) => tensor.zero_grad(),
            AnyTensor::F64(tensor) => tensor.zero_grad(),
            AnyTensor::I64(_) | AnyTensor::Bool(_) => {}
        }
    }
}

impl<T: Element> From<&Tensor<T>> for AnyTensor {
    fn from(tensor: &Tensor<T>) -> Self {
        let any: &dyn Any = tensor;
        let f32 = || any.downcast_ref().cloned().map(AnyTensor::F32);
        let f64 = || any.downcast_ref().cloned().map(AnyTensor::F64);
        let i64 = || any.downcast_ref().cloned().map(AnyTensor::I64);
        let bool = || any.downcast_ref().cloned().map(AnyTensor::Bool);
        f32().or_else(f64).or_else(i64).or_else(bool).expect("one of the four element types")
    }
}

impl<T: Element> From<Tensor<T>> for AnyTensor {
    fn from(tensor: Tensor<T>) -> Self {
        AnyTensor::from(&tensor)
    }
}

impl fmt::Display for AnyTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        dispatch!(self, tensor => tensor.fmt(f))
    }
}
