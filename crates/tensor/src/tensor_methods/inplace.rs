//! In-place operations: as in PyTorch, methods that end with an underscore change the tensor.
//!
//! All handles of the tensor see the change. Values saved by a graph are snapshots and stay as they were: if a graph
//! still holds them, the values are copied first, otherwise the change is made in place.

use crate::array::Array;
use crate::autograd::observe::{Note, note};
use crate::autograd::tensor::Tensor;
use crate::autograd::tensor::check_keeps_gradient;
use crate::base::element::{Element, Float};
use crate::base::scalar::IntoScalar;
use crate::tensor_methods::compare::Comparand;

impl<T: Element> Tensor<T> {
    /// Copies the values of another tensor, which broadcasts to this shape.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::zeros([2]), Tensor::ones([2]));
    /// let same = a.clone();
    /// a.copy_(&b);
    /// assert_eq!(same.to_vec(), [1.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast, when either tensor requires a gradient and grad mode is on, or when this
    /// one is a view.
    #[track_caller]
    pub fn copy_(&self, source: &Tensor<T>) -> Tensor<T> {
        self.zip_in_place("copy_", source, |_, new| new)
    }

    /// Sets every element to a number.
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn fill_(&self, value: T::Scalar) -> Tensor<T> {
        let value = T::from_scalar(value);
        self.change("fill_", |values| values.slice_mut().fill(value));
        self.clone()
    }

    /// Sets every element to 0.
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn zero_(&self) -> Tensor<T> {
        self.change("zero_", |values| values.slice_mut().fill(T::default()));
        self.clone()
    }

    /// Lets `f` change the elements in place, as a slice in row-major order: one pass over memory where operations
    /// would take several.
    ///
    /// No lock is held while `f` runs; the tensor cannot be read until it returns.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from([1.0, 2.0, 3.0]);
    /// w.update_(|values| values.reverse());
    /// assert_eq!(w.to_vec(), [3.0, 2.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::copy_`], and when `f` uses this tensor.
    #[track_caller]
    pub fn update_(&self, f: impl FnOnce(&mut [T])) -> Self {
        /// Puts the elements back, even if `f` panics.
        struct Lent<'a, T: Element>(&'a Tensor<T>, Option<Array<T>>);
        impl<T: Element> Drop for Lent<'_, T> {
            fn drop(&mut self) {
                if let Some(values) = self.1.take() {
                    self.0.give_back(values);
                }
            }
        }
        let mut lent = Lent(self, Some(self.lend("update_")));
        if let Some(values) = &mut lent.1 {
            f(values.slice_mut());
        }
        drop(lent);
        note(|| Note::Changed { id: self.id(), op: "update_" });
        self.clone()
    }

    #[track_caller]
    #[inline(never)]
    fn zip_in_place(&self, op: &'static str, other: impl Comparand<T>, f: impl Fn(T, T) -> T) -> Tensor<T> {
        check_keeps_gradient(op, other.requires_grad());
        // Read the other tensor before locking this one: `w.copy_(&w)` must not deadlock.
        let other: Array<T> = other.into_values();
        self.check_fits(op, other.shape());
        self.change(op, |values| values.zip_assign(&other, f));
        self.clone()
    }
}

impl<T: Float> Tensor<T> {
    /// Adds a tensor or a number to this tensor.
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn add_(&self, other: impl Comparand<T>) -> Tensor<T> {
        self.zip_in_place("add_", other, |a, b| a + b)
    }

    /// Subtracts a tensor or a number from this tensor.
    ///
    /// ```
    /// use downhill_tensor::{Tensor, no_grad};
    /// let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    /// w.square().sum().backward();
    /// no_grad(|| w.sub_(&(0.1 * w.grad().unwrap())));
    /// assert_eq!(w.to_vec(), [0.8, 1.6]);
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn sub_(&self, other: impl Comparand<T>) -> Tensor<T> {
        self.zip_in_place("sub_", other, |a, b| a - b)
    }

    /// Multiplies this tensor by a tensor or a number.
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn mul_(&self, other: impl Comparand<T>) -> Tensor<T> {
        self.zip_in_place("mul_", other, |a, b| a * b)
    }

    /// Divides this tensor by a tensor or a number.
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn div_(&self, other: impl Comparand<T>) -> Tensor<T> {
        self.zip_in_place("div_", other, |a, b| a / b)
    }

    /// Adds `alpha` times another tensor in one pass: what PyTorch writes as `add_(other, alpha=alpha)`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let w = Tensor::from([1.0, 2.0]);
    /// w.add_scaled_(&Tensor::from([10.0, 20.0]), -0.1);
    /// assert_eq!(w.to_vec(), [0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::copy_`].
    #[track_caller]
    pub fn add_scaled_(&self, other: &Tensor<T>, alpha: impl IntoScalar) -> Tensor<T> {
        let alpha = T::of(alpha.into_scalar());
        self.zip_in_place("add_scaled_", other, |a, b| a + alpha * b)
    }
}
