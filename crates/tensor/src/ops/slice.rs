//! `slice`: a range along one dimension; also `narrow` and `select`.

use std::ops::RangeBounds;

use crate::kernels::reduce::Lanes;
use crate::ops::prelude::*;
use crate::shape::{broadcast, clamp_range, normalize, position};

#[derive(Clone)]
pub(crate) struct Slice {
    axis: usize,
    start: usize,
    end: usize,
}

impl<T: Element> Op<T> for Slice {
    type Arity = Fixed<1>;
    const NAME: &'static str = "slice";
    const FORMULA: &'static str = "x in a range";
    const DERIVATIVE: &'static str = "grad in the range, 0 outside";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let strided = x.strided();
        let (offset, strides) = (strided.offset + self.start * strided.strides[self.axis], strided.strides);
        let mut shape = x.shape_owned();
        shape[self.axis] = self.end - self.start;
        x.viewed(shape, offset, strides)
    }

    // the elements outside the range have no influence
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let size = saved.input_shape(0)[self.axis];
        [Some(SliceBackward { range: self.clone(), size }.apply([&grad]))]
    }
}

/// Puts a tensor into a range of a larger one of zeros: the transpose of [`Slice`].
pub(crate) struct SliceBackward {
    range: Slice,
    size: usize,
}

impl<T: Element> Op<T> for SliceBackward {
    type Arity = Fixed<1>;
    const NAME: &'static str = "slice_backward";
    const FORMULA: &'static str = "x in a range, 0 outside";
    const DERIVATIVE: &'static str = "grad in the range";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let mut shape = x.shape_owned();
        shape[self.range.axis] = self.size;
        let mut out = Array::full(shape, T::default());
        assign(&mut out, &self.range, &x.contiguous());
        out
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.range.clone().apply([&grad]))]
    }
}

/// Writes `value`, which is contiguous and has the shape of the range, into the range of `target`.
fn assign<T: Element>(target: &mut Array<T>, range: &Slice, value: &Array<T>) {
    let Lanes { outer, n, inner } = Lanes::of(target.shape(), range.axis);
    let (row, run) = (n * inner, (range.end - range.start) * inner);
    let (target, value) = (target.slice_mut(), value.slice());
    for o in 0..outer {
        let place = o * row + range.start * inner;
        target[place..place + run].copy_from_slice(&value[o * run..(o + 1) * run]);
    }
}

impl<T: Element> Tensor<T> {
    /// A view of a range along one dimension; negative ends count from the end, and a range is cut to what exists.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!(x.slice(0, 1..-1).to_vec(), [2.0, 3.0]);
    /// assert_eq!(x.slice(0, 2..).to_vec(), [3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn slice(&self, dim: isize, range: impl RangeBounds<isize>) -> Tensor<T> {
        let axis = normalize("slice", dim, self.ndim()).or_raise();
        let (start, end) = clamp_range(range, self.shape()[axis]);
        Slice { axis, start, end }.apply([self])
    }

    /// A view of `length` elements from `start` along one dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).narrow(0, 1, 2).to_vec(), [2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or the range leaves it.
    #[track_caller]
    pub fn narrow(&self, dim: isize, start: isize, length: usize) -> Tensor<T> {
        let axis = normalize("narrow", dim, self.ndim()).or_raise();
        let size = self.shape()[axis];
        let first = if start < 0 { start + size as isize } else { start };
        if first < 0 || first as usize + length > size {
            let given = format!("{length} elements from {start}");
            let expected = format!("a range inside dimension {axis} of size {size} (shape {:?})", self.shape());
            Error::Expected { op: "narrow", expected, given }.raise();
        }
        Slice { axis, start: first as usize, end: first as usize + length }.apply([self])
    }

    /// A view of one position along one dimension, which disappears.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).select(0, -1).to_vec(), [3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension or the position does not exist.
    #[track_caller]
    pub fn select(&self, dim: isize, index: isize) -> Tensor<T> {
        let axis = normalize("select", dim, self.ndim()).or_raise();
        let start = position("select", index, axis, self.shape()).or_raise();
        let shape = Axes::one(axis).removed(self.shape());
        Slice { axis, start, end: start + 1 }.apply([self]).reshaped(shape)
    }

    /// Writes `value`, which broadcasts to the range, into a range along one dimension of this tensor.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::zeros([4]);
    /// x.slice_assign_(0, 1..3, &Tensor::from([5.0, 6.0]));
    /// assert_eq!(x.to_vec(), [0.0, 5.0, 6.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist, the value does not fit, or the tensor must not change (as [`Tensor::copy_`]).
    #[track_caller]
    pub fn slice_assign_(&self, dim: isize, range: impl RangeBounds<isize>, value: &Tensor<T>) -> Tensor<T> {
        let axis = normalize("slice_assign_", dim, self.ndim()).or_raise();
        let (start, end) = clamp_range(range, self.shape()[axis]);
        let mut shape = self.shape().to_vec();
        shape[axis] = end - start;
        match broadcast("slice_assign_", &shape, value.shape()) {
            Ok(joint) if joint.slice() == shape => {}
            _ => Error::Expand { op: "slice_assign_", from: value.shape().to_vec(), to: shape }.raise(),
        }
        let value = value.array().expanded(&shape).contiguous();
        self.change("slice_assign_", |target| assign(target, &Slice { axis, start, end }, &value));
        self.clone()
    }
}
