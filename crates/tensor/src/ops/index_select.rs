//! `index_select`: chosen positions along a dimension, such as the rows of a batch.

use crate::base::shape::normalize;
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::reduce::{AxisLanes, add_rows_at};

#[derive(Clone)]
pub(crate) struct IndexSelect {
    axis: usize,
    /// Checked positions.
    index: Array<i64>,
}

impl<T: Element> Op<T> for IndexSelect {
    type Arity = Fixed<1>;
    const NAME: &'static str = "index_select";
    const FORMULA: &'static str = "x at chosen positions";
    const DERIVATIVE: &'static str = "grad added at the chosen positions";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let x = x.contiguous();
        let mut shape = x.shape_owned();
        shape[self.axis] = self.index.numel();
        let AxisLanes { outer, n, inner } = AxisLanes::of(x.shape(), self.axis);
        let mut data = buffer::of_shape("index_select", shape.slice());
        let chosen = (0..outer).flat_map(|o| self.index.slice().iter().map(move |&i| (o * n + i as usize) * inner));
        for (row, place) in data.chunks_exact_mut(inner.max(1)).zip(chosen) {
            row.copy_from_slice(&x.slice()[place..place + inner]);
        }
        Array::own(shape, data)
    }

    // a position that was selected several times gets the sum
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let size = saved.input_shape(0)[self.axis];
        [Some(IndexAdd { select: self.clone(), size }.apply([&grad]))]
    }
}

/// Adds each row at its position in a tensor of zeros: the transpose of [`IndexSelect`].
pub(crate) struct IndexAdd {
    select: IndexSelect,
    size: usize,
}

impl<T: Element> Op<T> for IndexAdd {
    type Arity = Fixed<1>;
    const NAME: &'static str = "index_add";
    const FORMULA: &'static str = "x added at chosen positions of zeros";
    const DERIVATIVE: &'static str = "grad at the chosen positions";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let x = x.contiguous();
        let IndexSelect { axis, index } = &self.select;
        let mut shape = x.shape_owned();
        shape[*axis] = self.size;
        let AxisLanes { n, inner, .. } = AxisLanes::of(shape.slice(), *axis);
        let mut data = buffer::of_shape::<T>("index_add", shape.slice());
        data.fill(T::default());
        let places = index.slice().iter().map(|&i| i as usize);
        let (block, sums) = ((index.numel() * inner).max(1), (n * inner).max(1));
        for (rows, sums) in x.slice().chunks_exact(block).zip(data.chunks_exact_mut(sums)) {
            add_rows_at(rows, inner, places.clone(), sums);
        }
        Array::own(shape, data)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.select.clone().apply([&grad]))]
    }
}

impl<T: Element> Tensor<T> {
    /// The positions in `index` along a dimension, in that order; `index` has one dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// assert_eq!(x.index_select(0, &Tensor::from([2, 0])).to_vec(), [5.0, 6.0, 1.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension or a position does not exist, or `index` does not have one dimension.
    #[track_caller]
    pub fn index_select(&self, dim: isize, index: &Tensor<i64>) -> Tensor<T> {
        // A 0-d index is one position, and a 0-d tensor is treated as one element.
        if index.ndim() > 1 || (self.ndim() == 0 && index.numel() != 1) {
            let expected = if self.ndim() == 0 { "one position" } else { "an index of one dimension" };
            let (expected, given) = (expected, format!("{:?}", index.shape()));
            Error::expected("index_select", expected, given).raise();
        }
        if self.ndim() == 0 {
            Axes::some("index_select", &[dim], 0).or_raise();
            return self.unsqueeze(0).select_positions("index_select", dim, index).squeeze();
        }
        self.select_positions("index_select", dim, index)
    }

    #[track_caller]
    fn select_positions(&self, op: &'static str, dim: isize, index: &Tensor<i64>) -> Tensor<T> {
        let axis = normalize(op, dim, self.ndim()).or_raise();
        let index = index.array().contiguous();
        check_positions(op, index.slice(), axis, self.shape()).or_raise();
        IndexSelect { axis, index }.apply([self])
    }

    /// The rows of a table at the positions in `index`: an index of shape `[a, b]` into a table `[n, d]` gives `[a,
    /// b, d]`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let table = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(table.rows(&Tensor::from([[0, 1, 1]])).shape(), [1, 3, 2]);
    /// ```
    ///
    /// # Panics
    /// When a row does not exist, or the tensor has no dimension.
    #[track_caller]
    pub fn rows(&self, index: &Tensor<i64>) -> Tensor<T> {
        self.rows_of("rows", index)
    }

    /// As [`Tensor::rows`]; errors name this operation.
    #[track_caller]
    pub(crate) fn rows_of(&self, op: &'static str, index: &Tensor<i64>) -> Tensor<T> {
        let rows = self.select_positions(op, 0, &index.flatten());
        let shape: Vec<usize> = index.shape().iter().chain(&self.shape()[1..]).copied().collect();
        rows.reshaped(Shape::checked(op, shape).or_raise())
    }
}

/// An error if a position is outside dimension `axis` of this shape; positions count from 0.
pub(crate) fn check_positions(op: &'static str, index: &[i64], axis: usize, shape: &[usize]) -> Result<(), Error> {
    let size = shape[axis];
    match index.iter().find(|&&i| i < 0 || i as usize >= size) {
        Some(&index) if index < 0 => {
            let from_the_front = index.checked_add(size as i64).filter(|position| *position >= 0);
            let remedy = from_the_front.map_or_else(String::new, |position| format!(": write {position}"));
            Err(Error::NegativeIndex { op, index, dim: axis, size, shape: shape.to_vec(), remedy })
        }
        Some(&index) => Err(Error::Index { op, index: index as isize, dim: axis, size, shape: shape.to_vec() }),
        None => Ok(()),
    }
}
