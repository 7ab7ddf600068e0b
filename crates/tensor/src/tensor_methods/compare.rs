//! Comparisons, which give masks, and the logic of masks. Truth values have no gradient.

use std::cmp::Ordering;

use crate::array::Array;
use crate::autograd::observe;
use crate::autograd::op::OpKind;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Number};

/// The right side of a comparison: a tensor of the same type, or a plain number.
///
/// Comparisons with numbers are exact even if the element type cannot represent the number: `0.5` or NaN for
/// integers, `2` for truth values, integers beyond 2⁵³ for floats. Only a fractional number compared with `f32` is
/// rounded to `f32` first, as in PyTorch: `Tensor::from([0.1]).eq(0.1)` is true.
pub trait Comparand<T: Element> {
    /// The values; a 0-d array for a number.
    fn into_values(self) -> Array<T>;

    /// The plain number, if the element type cannot represent it.
    #[doc(hidden)]
    fn beyond_type(&self) -> Option<Number> {
        None
    }

    /// Whether it requires a gradient; a number never does.
    fn requires_grad(&self) -> bool {
        false
    }
}

impl<T: Element> Comparand<T> for &Tensor<T> {
    fn into_values(self) -> Array<T> {
        self.array()
    }

    fn requires_grad(&self) -> bool {
        Tensor::requires_grad(self)
    }
}

/// The number, unless type `T` can represent it.
fn beyond<T: Element>(number: Number) -> Option<Number> {
    (T::from_number(number).to_number().compare(number) != Some(Ordering::Equal)).then_some(number)
}

impl<T: Element> Comparand<T> for f64 {
    fn into_values(self) -> Array<T> {
        Array::full([], T::from_number(Number::Float(self)))
    }

    fn beyond_type(&self) -> Option<Number> {
        // A float is rounded to the float type it is compared with.
        if T::KIND.has_gradients() { None } else { beyond::<T>(Number::Float(*self)) }
    }
}

impl<T: Element> Comparand<T> for i64 {
    fn into_values(self) -> Array<T> {
        Array::full([], T::from_number(Number::Int(self)))
    }

    fn beyond_type(&self) -> Option<Number> {
        beyond::<T>(Number::Int(*self))
    }
}

impl<T: Element> Tensor<T> {
    /// `alike` compares elements of one type; `mixed` decides from the ordering of an element and a number its type
    /// cannot represent.
    #[track_caller]
    fn compare(
        &self,
        op: &'static str,
        other: impl Comparand<T>,
        alike: impl Fn(&T, &T) -> bool,
        mixed: impl Fn(Option<Ordering>) -> bool,
    ) -> Tensor<bool> {
        let mask = match other.beyond_type() {
            None => self.array().zip_to(op, &other.into_values(), |a, b| alike(&a, &b)),
            Some(number) => self.array().map_to(|a| mixed(a.to_number().compare(number))),
        };
        observe::without_gradient(op, OpKind::Elementwise, &[self], Tensor::from_array(mask))
    }

    /// True where the elements are equal; NaN is equal to nothing.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1, 2, 3]).eq(&Tensor::from([1, 0, 3])).to_vec(), [true, false, true]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn eq(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("eq", other, T::eq, |order| order == Some(Ordering::Equal))
    }

    /// True where the elements differ.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn ne(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("ne", other, T::ne, |order| order != Some(Ordering::Equal))
    }

    /// True where the element is smaller than the other.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 2.0]).lt(0).to_vec(), [true, false]);
    /// assert_eq!(Tensor::from([0, 1]).lt(0.5).to_vec(), [true, false]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn lt(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("lt", other, T::lt, |order| order == Some(Ordering::Less))
    }

    /// True where the element is smaller than or equal to the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn le(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("le", other, T::le, |order| order.is_some_and(Ordering::is_le))
    }

    /// True where the element is larger than the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn gt(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("gt", other, T::gt, |order| order == Some(Ordering::Greater))
    }

    /// True where the element is larger than or equal to the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn ge(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("ge", other, T::ge, |order| order.is_some_and(Ordering::is_ge))
    }
}

impl Tensor<bool> {
    #[track_caller]
    fn join(&self, op: &'static str, other: &Tensor<bool>, f: impl Fn(bool, bool) -> bool) -> Tensor<bool> {
        observe::without_gradient(
            op,
            OpKind::Elementwise,
            &[self],
            Tensor::from_array(self.array().zip_to(op, &other.array(), f)),
        )
    }

    /// True where both masks are true.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn and(&self, other: &Tensor<bool>) -> Tensor<bool> {
        self.join("and", other, |a, b| a && b)
    }

    /// True where at least one mask is true.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn or(&self, other: &Tensor<bool>) -> Tensor<bool> {
        self.join("or", other, |a, b| a || b)
    }

    /// True where the mask is false; also written `!mask`.
    #[track_caller]
    pub fn not(&self) -> Tensor<bool> {
        observe::without_gradient("not", OpKind::Elementwise, &[self], Tensor::from_array(self.array().map(|x| !x)))
    }
}

impl std::ops::Not for &Tensor<bool> {
    type Output = Tensor<bool>;

    fn not(self) -> Tensor<bool> {
        Tensor::not(self)
    }
}
