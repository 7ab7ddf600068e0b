//! Comparisons, which give masks, and the logic of masks. Truth values have no gradient.

use crate::array::Array;
use crate::autograd::observe;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Number};

/// What a tensor can be compared with: a tensor or a plain number.
pub trait Comparand<T: Element> {
    /// As values, without dimensions for a number.
    fn into_values(self) -> Array<T>;

    /// Whether gradients flow back to it; never to a number.
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

impl<T: Element> Comparand<T> for f64 {
    fn into_values(self) -> Array<T> {
        Array::full([], T::from_number(Number::Float(self)))
    }
}

impl<T: Element> Comparand<T> for i64 {
    fn into_values(self) -> Array<T> {
        Array::full([], T::from_number(Number::Int(self)))
    }
}

impl<T: Element> Tensor<T> {
    #[track_caller]
    fn compare(&self, op: &'static str, other: impl Comparand<T>, f: impl Fn(&T, &T) -> bool) -> Tensor<bool> {
        let other = other.into_values();
        let mask = Tensor::from_array(self.array().zip_to(op, &other, |a, b| f(&a, &b)));
        observe::without_gradient(op, &[self], mask)
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
        self.compare("eq", other, T::eq)
    }

    /// True where the elements differ.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn ne(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("ne", other, T::ne)
    }

    /// True where the element is smaller than the other.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 2.0]).lt(0).to_vec(), [true, false]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn lt(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("lt", other, T::lt)
    }

    /// True where the element is smaller than or equal to the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn le(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("le", other, T::le)
    }

    /// True where the element is larger than the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn gt(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("gt", other, T::gt)
    }

    /// True where the element is larger than or equal to the other.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn ge(&self, other: impl Comparand<T>) -> Tensor<bool> {
        self.compare("ge", other, T::ge)
    }
}

impl Tensor<bool> {
    /// True where both masks are.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn and(&self, other: &Tensor<bool>) -> Tensor<bool> {
        self.compare("and", other, |a, b| *a && *b)
    }

    /// True where at least one mask is.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn or(&self, other: &Tensor<bool>) -> Tensor<bool> {
        self.compare("or", other, |a, b| *a || *b)
    }

    /// True where the mask is false; also written `!mask`.
    #[track_caller]
    pub fn not(&self) -> Tensor<bool> {
        observe::without_gradient("not", &[self], Tensor::from_array(self.array().map(|x| !x)))
    }
}

impl std::ops::Not for &Tensor<bool> {
    type Output = Tensor<bool>;

    fn not(self) -> Tensor<bool> {
        Tensor::not(self)
    }
}
