//! `cat`: tensors joined along a dimension; also `stack` and `pad`.

use crate::autograd::op::Variadic;
use crate::base::shape::{normalize, normalize_new};
use crate::kernels::buffer;
use crate::kernels::reduce::Lanes;
use crate::ops::prelude::*;

pub(crate) struct Cat {
    axis: usize,
    /// The size of each input along the dimension.
    sizes: Vec<usize>,
}

impl<T: Element> Op<T> for Cat {
    type Arity = Variadic;
    const NAME: &'static str = "cat";
    const FORMULA: &'static str = "[a; b; ...]";
    const DERIVATIVE: &'static str = "the part of grad that each input became";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, inputs: Vec<Array<T>>) -> Array<T> {
        let mut shape = inputs[0].shape_owned();
        shape[self.axis] = self.sizes.iter().sum();
        let Lanes { outer, inner, .. } = Lanes::of(shape.slice(), self.axis);
        let inputs: Vec<Array<T>> = inputs.into_iter().map(Array::contiguous).collect();
        let mut data = buffer::dirty(shape.size());
        let mut rest = &mut data[..];
        for o in 0..outer {
            for (input, size) in inputs.iter().zip(&self.sizes) {
                let part = &input.slice()[o * size * inner..(o + 1) * size * inner];
                let (place, behind) = rest.split_at_mut(part.len());
                place.copy_from_slice(part);
                rest = behind;
            }
        }
        Array::own(shape, data)
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
    /// Tensors joined along a dimension that exists; all other sizes are equal, and shape `[0]` adds nothing to any.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0]), Tensor::from([2.0, 3.0]));
    /// assert_eq!(Tensor::cat(&[&a, &b], 0).to_vec(), [1.0, 2.0, 3.0]);
    /// assert_eq!(Tensor::cat(&[&Tensor::zeros([0]), &Tensor::zeros([2, 3])], 0).shape(), [2, 3]);
    /// ```
    ///
    /// # Panics
    /// When there are no tensors, the dimension does not exist, or other sizes differ.
    #[track_caller]
    pub fn cat(tensors: &[&Tensor<T>], dim: isize) -> Tensor<T> {
        let Some(first) = tensors.first() else {
            let (expected, given) = ("at least one tensor", "none");
            Error::expected("cat", expected, given).raise()
        };
        // As in PyTorch, `[0]` goes with every shape, so that joining can start with nothing.
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
        let sizes = tensors.iter().map(|tensor| tensor.shape()[axis]).collect();
        Cat { axis, sizes }.apply(tensors.iter().collect::<Vec<_>>())
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
        // Not a closure: the operations name the line of this call.
        let mut rows = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            rows.push(tensor.unsqueeze(axis as isize));
        }
        Tensor::cat(&rows.iter().collect::<Vec<_>>(), axis as isize)
    }

    /// Elements of one value added at the ends: `[before, after]` of the last dimension, then of the one in front of it, and
    /// so on; a negative number removes as many. PyTorch's `F.pad` with `mode="constant"`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// assert_eq!(x.pad([1, -1], 0.0).to_vec(), [0.0, 1.0]);
    /// assert_eq!(x.pad([0, 0, 0, 1], 7.0).to_vec(), [1.0, 2.0, 7.0, 7.0]);
    /// ```
    ///
    /// # Panics
    /// When there is not a pair for each of at most all dimensions, or more is removed than there is.
    #[track_caller]
    pub fn pad(&self, pad: impl IntoDims, value: T::Scalar) -> Tensor<T> {
        let pad = pad.into_dims();
        let ends = |axis: usize| {
            let place = 2 * (self.ndim() - 1 - axis);
            (pad[place], pad[place + 1])
        };
        let wrong = |expected: &str| {
            let (expected, given) = (format!("{expected} (shape {:?})", self.shape()), format!("{pad:?}"));
            Error::expected("pad", expected, given)
        };
        if !pad.len().is_multiple_of(2) || pad.len() > 2 * self.ndim() {
            wrong("two numbers for each dimension that is padded, the last first").raise();
        }
        let mut padded = self.clone();
        for axis in self.ndim() - pad.len() / 2..self.ndim() {
            let ((before, after), dim) = (ends(axis), axis as isize);
            let Some(length) = self.shape()[axis].checked_add_signed(before.min(0) + after.min(0)) else {
                wrong("at most as much to remove as there is").raise()
            };
            let filling = |padded: &Tensor<T>, size: isize| {
                let mut shape = padded.shape().to_vec();
                shape[axis] = size.max(0) as usize;
                Tensor::filled(shape, T::from_scalar(value))
            };
            padded = padded.narrow(dim, (-before).max(0), length);
            if before > 0 || after > 0 {
                padded = Tensor::cat(&[&filling(&padded, before), &padded, &filling(&padded, after)], dim);
            }
        }
        padded
    }
}
