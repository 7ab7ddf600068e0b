//! `cat`: tensors concatenated along a dimension; also `stack` and `pad`.

use crate::autograd::op::Variadic;
use crate::base::shape::{normalize, normalize_new};
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::reduce::AxisLanes;

pub(crate) struct Cat {
    axis: usize,
    /// The size of each input along the dimension.
    sizes: Vec<usize>,
    /// The shape of the output.
    shape: Shape,
}

impl<T: Element> Op<T> for Cat {
    type Arity = Variadic;
    const NAME: &'static str = "cat";
    const FORMULA: &'static str = "[a; b; ...]";
    const DERIVATIVE: &'static str = "the part of grad that each input became";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, inputs: Vec<Array<T>>) -> Array<T> {
        let Cat { axis, sizes, shape } = self;
        let AxisLanes { outer, inner, .. } = AxisLanes::of(shape.slice(), *axis);
        let mut data = buffer::of_shape("cat", shape.slice());
        // Not a closure: if allocation fails, the panic must name the user's line.
        let mut parts = Vec::with_capacity(inputs.len());
        for (input, size) in inputs.into_iter().zip(sizes) {
            parts.push((input.contiguous(), size * inner));
        }
        // Without elements, skip the loop: there may be a huge number of empty rows.
        let outer = if data.is_empty() { 0 } else { outer };
        let mut rest = &mut data[..];
        for o in 0..outer {
            for (input, run) in &parts {
                let part = &input.slice()[o * run..(o + 1) * run];
                let (place, behind) = rest.split_at_mut(part.len());
                place.copy_from_slice(part);
                rest = behind;
            }
        }
        Array::own(shape.clone(), data)
    }

    // each input is a slice of the output
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> Vec<Option<Tensor<T>>> {
        let mut start = 0;
        let part = |(input, &size): (usize, &usize)| {
            start += size;
            saved.wants(input).then(|| grad.narrow(self.axis as isize, (start - size) as isize, size))
        };
        self.sizes.iter().enumerate().map(part).collect()
    }
}

impl<T: Element> Tensor<T> {
    /// Tensors concatenated along an existing dimension. All other sizes must be equal; a tensor of shape `[0]` fits
    /// every shape and adds nothing.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0]), Tensor::from([2.0, 3.0]));
    /// assert_eq!(Tensor::cat(&[&a, &b], 0).to_vec(), [1.0, 2.0, 3.0]);
    /// assert_eq!(Tensor::cat(&[&Tensor::zeros([0]), &Tensor::zeros([2, 3])], 0).shape(), [2, 3]);
    /// ```
    ///
    /// # Panics
    /// When there are no tensors, the dimension does not exist, or the other sizes differ.
    #[track_caller]
    pub fn cat(tensors: &[&Tensor<T>], dim: isize) -> Tensor<T> {
        let Some(first) = tensors.first() else {
            let (expected, given) = ("at least one tensor", "none");
            Error::expected("cat", expected, given).raise()
        };
        // As in PyTorch, shape `[0]` fits every shape, so that a loop can start from an empty tensor.
        let first = tensors.iter().find(|tensor| tensor.shape() != [0]).unwrap_or(first);
        let axis = normalize("cat", dim, first.ndim()).or_raise();
        let mut empty: Shape = first.shape().into_shape();
        empty[axis] = 0;
        let fitted = |tensor: &&Tensor<T>| match tensor.shape() {
            [0] => (*tensor).clone().reshaped(empty.clone()),
            _ => (*tensor).clone(),
        };
        let tensors: Vec<Tensor<T>> = tensors.iter().map(fitted).collect();
        let joined = Axes::one(axis);
        let rest = |tensor: &Tensor<T>| (tensor.ndim() > axis).then(|| joined.kept(tensor.shape()));
        if let Some(other) = tensors.iter().find(|tensor| rest(tensor) != rest(first)) {
            let expected = format!("shapes that differ from {:?} in dimension {axis} at most", first.shape());
            Error::expected("cat", expected, format!("{:?}", other.shape())).raise();
        }
        let sizes: Vec<usize> = tensors.iter().map(|tensor| tensor.shape()[axis]).collect();
        let mut shape: Shape = first.shape().into_shape();
        // Saturate: a sum that wrapped around would pass as a valid size.
        shape[axis] = sizes.iter().fold(0, |sum: usize, &size| sum.saturating_add(size));
        let shape = Shape::checked("cat", shape).or_raise();
        Cat { axis, sizes, shape }.apply(tensors.iter().collect::<Vec<_>>())
    }

    /// Tensors of one shape joined along a new dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::zeros([3]), Tensor::ones([3]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 0).shape(), [2, 3]);
    /// ```
    ///
    /// # Panics
    /// When there are no tensors, shapes differ, or the position is out of range.
    #[track_caller]
    pub fn stack(tensors: &[&Tensor<T>], dim: isize) -> Tensor<T> {
        let Some(first) = tensors.first() else {
            let (expected, given) = ("at least one tensor", "none");
            Error::expected("stack", expected, given).raise()
        };
        if let Some(other) = tensors.iter().find(|tensor| tensor.shape() != first.shape()) {
            let expected = format!("tensors of one shape, {:?}", first.shape());
            Error::expected("stack", expected, format!("{:?}", other.shape())).raise();
        }
        let axis = normalize_new("stack", dim, first.ndim()).or_raise();
        // Not a closure: `#[track_caller]` must reach the user's line.
        let mut rows = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            rows.push(tensor.unsqueeze(axis as isize));
        }
        Tensor::cat(&rows.iter().collect::<Vec<_>>(), axis as isize)
    }

    /// Pads with a constant: `[before, after]` of the last dimension, then of the second to last, and so on; a
    /// negative number crops. PyTorch's `F.pad` with `mode="constant"`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// assert_eq!(x.pad([1, -1], 0.0).to_vec(), [0.0, 1.0]);
    /// assert_eq!(x.pad([0, 0, 0, 1], 7.0).to_vec(), [1.0, 2.0, 7.0, 7.0]);
    /// ```
    ///
    /// # Panics
    /// When the numbers are not pairs, there are more pairs than dimensions, or more is cropped than there is.
    #[track_caller]
    pub fn pad(&self, pad: impl IntoDims, value: T::Scalar) -> Tensor<T> {
        let pad = pad.into_dims();
        let ends = |axis: usize| {
            let first = 2 * (self.ndim() - 1 - axis);
            (pad[first], pad[first + 1])
        };
        let wrong = |expected: &str| {
            let (expected, given) = (format!("{expected} (shape {:?})", self.shape()), format!("{pad:?}"));
            Error::expected("pad", expected, given)
        };
        if !pad.len().is_multiple_of(2) || pad.len() > 2 * self.ndim() {
            wrong("two numbers for each dimension that is padded, the last first").raise();
        }
        let first = self.ndim() - pad.len() / 2;
        let mut shape: Shape = self.shape().into_shape();
        for axis in first..self.ndim() {
            let (before, after) = ends(axis);
            let removed = |end: isize| if end < 0 { end.unsigned_abs() } else { 0 };
            let added = |end: isize| if end > 0 { end as usize } else { 0 };
            let left = shape[axis].checked_sub(removed(before)).and_then(|size| size.checked_sub(removed(after)));
            let Some(left) = left else { wrong("no more to remove than there is").raise() };
            // Cannot overflow: the total to crop is at most the size of the dimension.
            shape[axis] = left.saturating_add(added(before) + added(after));
        }
        let shape = Shape::checked("pad", shape).or_raise();
        let mut padded = self.clone();
        for axis in first..self.ndim() {
            let ((before, after), dim) = (ends(axis), axis as isize);
            let length = shape[axis] - before.max(0) as usize - after.max(0) as usize;
            padded = padded.narrow(dim, if before < 0 { -before } else { 0 }, length);
            if before > 0 || after > 0 {
                let filling = Tensor::from_array(Array::full([], T::from_scalar(value)));
                let filled = |size: isize| {
                    let mut shape: Shape = padded.shape().into_shape();
                    shape[axis] = size.max(0) as usize;
                    filling.array().expanded(shape.slice())
                };
                let (above, below) = (Tensor::from_array(filled(before)), Tensor::from_array(filled(after)));
                padded = Tensor::cat(&[&above, &padded, &below], dim);
            }
        }
        padded
    }
}
