//! `gather`: picks elements along one dimension, by an index for each output element.

use crate::base::shape::normalize;
use crate::ops::index_select::check_positions;
use crate::ops::prelude::*;
use downhill_kernels::reduce::add_rows_at;
use downhill_kernels::{buffer, memory};

#[derive(Clone)]
pub(crate) struct Gather {
    axis: usize,
    /// Checked positions, contiguous.
    index: Array<i64>,
}

impl Gather {
    /// For each element of the index in row-major order, the offset it selects in a contiguous tensor of this shape.
    #[track_caller]
    fn offsets(&self, shape: &[usize]) -> Vec<usize> {
        let strides = crate::base::shape::row_major(shape);
        let view = self.index.view();
        memory::listed(view.indexed_iter().map(|(at, &i)| {
            let axes = ndarray::Dimension::slice(&at).iter().zip(strides.slice()).enumerate();
            axes.map(|(axis, (&at, &stride))| if axis == self.axis { i as usize } else { at } * stride).sum()
        }))
    }
}

impl<T: Element> Op<T> for Gather {
    type Arity = Fixed<1>;
    const NAME: &'static str = "gather";
    const FORMULA: &'static str = "x at an index in each lane";
    const DERIVATIVE: &'static str = "grad added at the index in each lane";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let x = x.contiguous();
        let offsets = self.offsets(x.shape());
        let data = buffer::collect(offsets.len(), offsets.iter().map(|&offset| x.slice()[offset]));
        Array::own(self.index.shape_owned(), data)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let shape = saved.input_shape(0);
        [Some(ScatterAdd { gather: self.clone(), shape }.apply([&grad]))]
    }
}

/// Adds each element at its offset in a tensor of zeros: the transpose of [`Gather`].
pub(crate) struct ScatterAdd {
    gather: Gather,
    shape: Shape,
}

impl<T: Element> Op<T> for ScatterAdd {
    type Arity = Fixed<1>;
    const NAME: &'static str = "scatter_add";
    const FORMULA: &'static str = "x added at an index in each lane of zeros";
    const DERIVATIVE: &'static str = "grad at the index in each lane";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let mut out = Array::filled("scatter_add", self.shape.clone(), T::default());
        let x = x.contiguous();
        let offsets = self.gather.offsets(self.shape.slice());
        add_rows_at(x.slice(), 1, offsets.into_iter(), out.slice_mut());
        out
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.gather.clone().apply([&grad]))]
    }
}

impl<T: Element> Tensor<T> {
    /// `out[i, j] = self[index[i, j], j]` for dimension 0, `self[i, index[i, j]]` for dimension 1, and so on.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.gather(1, &Tensor::from([[1], [0]])).to_vec(), [2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When the index has a different rank, is larger than this tensor in another dimension, or holds a position that
    /// does not exist.
    #[track_caller]
    pub fn gather(&self, dim: isize, index: &Tensor<i64>) -> Tensor<T> {
        // A 0-d tensor or index is treated as one element.
        if (self.ndim() == 0 && index.ndim() <= 1) || (index.ndim() == 0 && self.ndim() == 1) {
            Axes::some("gather", &[dim], self.ndim()).or_raise();
            return self.flatten().gather(0, &index.flatten()).reshaped(index.shape().into_shape());
        }
        let axis = normalize("gather", dim, self.ndim()).or_raise();
        let fits = |other: usize| other == axis || index.shape()[other] <= self.shape()[other];
        if index.ndim() != self.ndim() || !(0..self.ndim()).all(fits) {
            let expected = format!("an index that fits {:?} in every dimension but {axis}", self.shape());
            Error::expected("gather", expected, format!("{:?}", index.shape())).raise();
        }
        let index = index.array().contiguous();
        check_positions("gather", index.slice(), axis, self.shape()).or_raise();
        Gather { axis, index }.apply([self])
    }
}
