//! A tensor whose element type is known only when running: what visitors of modules and files deal with.

use std::any::Any;
use std::fmt;

use crate::autograd::hook::Name;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Kind, Number};
use crate::base::error::Error;

/// A tensor of any element type; the same tensor as the one it was made from.
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

impl AnyTensor {
    /// The type of the elements.
    pub fn kind(&self) -> Kind {
        match self {
            AnyTensor::F32(_) => Kind::F32,
            AnyTensor::F64(_) => Kind::F64,
            AnyTensor::I64(_) => Kind::I64,
            AnyTensor::Bool(_) => Kind::Bool,
        }
    }

    /// The tensor, if its elements are of this type.
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// let any = AnyTensor::from(&Tensor::ones([2]));
    /// assert!(any.get::<f32>().is_some() && any.get::<i64>().is_none());
    /// ```
    pub fn get<T: Element>(&self) -> Option<&Tensor<T>> {
        let tensor: &dyn Any = match self {
            AnyTensor::F32(tensor) => tensor,
            AnyTensor::F64(tensor) => tensor,
            AnyTensor::I64(tensor) => tensor,
            AnyTensor::Bool(tensor) => tensor,
        };
        tensor.downcast_ref()
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        match self {
            AnyTensor::F32(tensor) => tensor.shape(),
            AnyTensor::F64(tensor) => tensor.shape(),
            AnyTensor::I64(tensor) => tensor.shape(),
            AnyTensor::Bool(tensor) => tensor.shape(),
        }
    }

    /// A snapshot: the same numbers without history, which later changes do not reach.
    pub fn detach(&self) -> AnyTensor {
        match self {
            AnyTensor::F32(tensor) => AnyTensor::F32(tensor.detach()),
            AnyTensor::F64(tensor) => AnyTensor::F64(tensor.detach()),
            AnyTensor::I64(tensor) => AnyTensor::I64(tensor.detach()),
            AnyTensor::Bool(tensor) => AnyTensor::Bool(tensor.detach()),
        }
    }

    /// A snapshot of the numbers as another element type.
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
    /// Unlike [`AnyTensor::cast`] it is compiled once, not again in each crate that asks.
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
        match self {
            AnyTensor::F32(tensor) => of(tensor),
            AnyTensor::F64(tensor) => of(tensor),
            AnyTensor::I64(tensor) => of(tensor),
            AnyTensor::Bool(tensor) => of(tensor),
        }
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        match self {
            AnyTensor::F32(tensor) => tensor.numel(),
            AnyTensor::F64(tensor) => tensor.numel(),
            AnyTensor::I64(tensor) => tensor.numel(),
            AnyTensor::Bool(tensor) => tensor.numel(),
        }
    }

    pub(crate) fn id(&self) -> u64 {
        match self {
            AnyTensor::F32(tensor) => tensor.id(),
            AnyTensor::F64(tensor) => tensor.id(),
            AnyTensor::I64(tensor) => tensor.id(),
            AnyTensor::Bool(tensor) => tensor.id(),
        }
    }

    pub(crate) fn name(&self) -> Option<Name> {
        match self {
            AnyTensor::F32(tensor) => tensor.name(),
            AnyTensor::F64(tensor) => tensor.name(),
            AnyTensor::I64(tensor) => tensor.name(),
            AnyTensor::Bool(tensor) => tensor.name(),
        }
    }

    /// Whether an operation on this tensor is recorded when grad mode is on.
    pub fn requires_grad(&self) -> bool {
        match self {
            AnyTensor::F32(tensor) => tensor.requires_grad(),
            AnyTensor::F64(tensor) => tensor.requires_grad(),
            AnyTensor::I64(_) | AnyTensor::Bool(_) => false,
        }
    }

    /// Whether this tensor is not the output of a recorded operation.
    pub fn is_leaf(&self) -> bool {
        match self {
            AnyTensor::F32(tensor) => tensor.is_leaf(),
            AnyTensor::F64(tensor) => tensor.is_leaf(),
            AnyTensor::I64(_) | AnyTensor::Bool(_) => true,
        }
    }

    /// Whether both hold one array, not only equal ones.
    pub(crate) fn is_same_value(&self, other: &AnyTensor) -> bool {
        match (self, other) {
            (AnyTensor::F32(a), AnyTensor::F32(b)) => a.array().is(&b.array()),
            (AnyTensor::F64(a), AnyTensor::F64(b)) => a.array().is(&b.array()),
            (AnyTensor::I64(a), AnyTensor::I64(b)) => a.array().is(&b.array()),
            (AnyTensor::Bool(a), AnyTensor::Bool(b)) => a.array().is(&b.array()),
            _ => false,
        }
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
        match (self, other) {
            (AnyTensor::F32(a), AnyTensor::F32(b)) => a.is(b),
            (AnyTensor::F64(a), AnyTensor::F64(b)) => a.is(b),
            (AnyTensor::I64(a), AnyTensor::I64(b)) => a.is(b),
            (AnyTensor::Bool(a), AnyTensor::Bool(b)) => a.is(b),
            _ => false,
        }
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

    /// Takes over the numbers of another tensor of the same type.
    ///
    /// # Panics
    /// When the types differ, and as [`Tensor::copy_`].
    #[track_caller]
    pub fn copy_(&self, source: &AnyTensor) {
        match (self, source) {
            (AnyTensor::F32(tensor), AnyTensor::F32(source)) => drop(tensor.copy_(source)),
            (AnyTensor::F64(tensor), AnyTensor::F64(source)) => drop(tensor.copy_(source)),
            (AnyTensor::I64(tensor), AnyTensor::I64(source)) => drop(tensor.copy_(source)),
            (AnyTensor::Bool(tensor), AnyTensor::Bool(source)) => drop(tensor.copy_(source)),
            _ => {
                let expected = format!("a tensor of {}", self.kind());
                Error::Expected { op: "copy_", expected, given: format!("one of {}", source.kind()) }.raise()
            }
        }
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
        match self {
            AnyTensor::F32(tensor) => tensor.fmt(f),
            AnyTensor::F64(tensor) => tensor.fmt(f),
            AnyTensor::I64(tensor) => tensor.fmt(f),
            AnyTensor::Bool(tensor) => tensor.fmt(f),
        }
    }
}
