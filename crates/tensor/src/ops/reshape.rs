//! `reshape`: the same elements in row-major order under another shape; also `flatten`, `squeeze`, `unsqueeze`.

use crate::autograd::op::{Operand, apply};
use crate::base::shape::{normalize, normalize_new, numel};
use crate::ops::prelude::*;

pub(crate) struct Reshape {
    shape: Shape,
}

impl<T: Element> Op<T> for Reshape {
    type Arity = Fixed<1>;
    const NAME: &'static str = "reshape";
    const FORMULA: &'static str = "x under another shape";
    const DERIVATIVE: &'static str = "grad under the shape of x";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.reshaped(self.shape.clone())
    }

    // every element appears exactly once, at another index
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad.reshaped(saved.input_shape(0)))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add(0, grad.reshaped(saved.input_shape(0)));
        Ok(())
    }
}

impl<T: Element> Tensor<T> {
    /// This tensor in another shape with the same number of elements.
    #[track_caller]
    pub(crate) fn reshaped(self, shape: Shape) -> Tensor<T> {
        if self.shape() == shape.slice() {
            return self;
        }
        apply(Reshape { shape }, [Operand::Owned(self)])
    }

    /// The same elements, in row-major order, under another shape; one size may be -1 and is computed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3, 4]).reshape([2, -1]).shape(), [2, 12]);
    /// ```
    ///
    /// # Panics
    /// When the sizes do not multiply to the number of elements.
    #[track_caller]
    pub fn reshape(&self, sizes: impl IntoDims) -> Tensor<T> {
        let sizes = sizes.into_dims();
        let known: Vec<usize> = sizes.iter().filter(|&&size| size >= 0).map(|&size| size as usize).collect();
        // If the product overflows, no size fits; any value leads to the error.
        let known = numel(&known);
        let unknown = sizes.iter().filter(|&&size| size == -1).count();
        let inferred = self.numel().checked_div(known).unwrap_or(0);
        let shape: Vec<usize> = sizes.iter().map(|&size| if size < 0 { inferred } else { size as usize }).collect();
        let wrong = sizes.iter().any(|&size| size < -1) || unknown > 1 || (unknown == 1 && known == 0);
        let shape = if wrong { None } else { Some(Shape::checked("reshape", shape).or_raise()) };
        match shape.filter(|shape| shape.size() == self.numel()) {
            Some(shape) => Reshape { shape }.apply([self]),
            None => {
                let from = self.shape().to_vec();
                Error::Reshape { from, elements: self.numel(), to: sizes }.raise()
            }
        }
    }

    /// All dimensions merged into one.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3]).flatten().shape(), [6]);
    /// ```
    #[track_caller]
    pub fn flatten(&self) -> Tensor<T> {
        Reshape { shape: [self.numel()].into_shape() }.apply([self])
    }

    /// The dimensions from `start` to `end`, both included, merged into one.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3, 4]).flatten_dims(1, -1).shape(), [2, 12]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist, or `start` comes after `end`.
    #[track_caller]
    pub fn flatten_dims(&self, start: isize, end: isize) -> Tensor<T> {
        if self.ndim() == 0 {
            for dim in [start, end] {
                Axes::some("flatten_dims", &[dim], 0).or_raise();
            }
            return self.flatten();
        }
        let first = normalize("flatten_dims", start, self.ndim()).or_raise();
        let last = normalize("flatten_dims", end, self.ndim()).or_raise();
        if first > last {
            let given = format!("{start} to {end} of {} dimensions", self.ndim());
            Error::Argument { op: "flatten_dims", name: "the range", given, expected: "in rising order" }.raise();
        }
        let mut shape = self.shape()[..first].to_vec();
        shape.push(self.shape()[first..=last].iter().product());
        shape.extend(&self.shape()[last + 1..]);
        Reshape { shape: shape.into_shape() }.apply([self])
    }

    /// Removes the dimensions of size 1.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([1, 3, 1]).squeeze().shape(), [3]);
    /// ```
    #[track_caller]
    pub fn squeeze(&self) -> Tensor<T> {
        let shape: Vec<usize> = self.shape().iter().copied().filter(|&size| size != 1).collect();
        Reshape { shape: shape.into_shape() }.apply([self])
    }

    /// Removes the named dimensions that have size 1; the others stay.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([1, 3, 1]).squeeze_dim(-1).shape(), [1, 3]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn squeeze_dim(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::some("squeeze_dim", &dims.into_dims(), self.ndim()).or_raise();
        let stays = |&axis: &usize| !(axes.contains(axis) && self.shape()[axis] == 1);
        let shape: Vec<usize> = (0..self.ndim()).filter(stays).map(|axis| self.shape()[axis]).collect();
        Reshape { shape: shape.into_shape() }.apply([self])
    }

    /// Inserts a dimension of size 1 at this position; -1 appends it at the end.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([3]).unsqueeze(-1).shape(), [3, 1]);
    /// ```
    ///
    /// # Panics
    /// When the position is out of range.
    #[track_caller]
    pub fn unsqueeze(&self, dim: isize) -> Tensor<T> {
        let axis = normalize_new("unsqueeze", dim, self.ndim()).or_raise();
        let mut shape = self.shape().to_vec();
        shape.insert(axis, 1);
        Reshape { shape: shape.into_shape() }.apply([self])
    }
}
