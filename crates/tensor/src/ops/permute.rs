//! `permute`: reorders the dimensions; also `transpose` and `t`.

use crate::base::shape::normalize;
use crate::ops::prelude::*;

pub(crate) struct Permute {
    /// The dimension of the input that becomes each dimension of the output.
    order: Shape,
}

impl<T: Element> Op<T> for Permute {
    type Arity = Fixed<1>;
    const NAME: &'static str = "permute";
    const FORMULA: &'static str = "x with its dimensions in another order";
    const DERIVATIVE: &'static str = "grad with its dimensions back in order";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("order={:?}", self.order.slice())
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let (mut shape, mut strides, offset) = (x.shape_owned(), self.order.clone(), x.strided().offset);
        let from = x.strided().strides;
        for (axis, &source) in self.order.slice().iter().enumerate() {
            shape[axis] = x.shape()[source];
            strides[axis] = from[source];
        }
        x.viewed(shape, offset, strides)
    }

    // the inverse permutation
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let mut order = self.order.clone();
        for (axis, &source) in self.order.slice().iter().enumerate() {
            order[source] = axis;
        }
        [Some(Permute { order }.apply([&grad]))]
    }
}

impl<T: Element> Tensor<T> {
    /// A view with the dimensions in this order.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3, 4]).permute([2, 0, 1]).shape(), [4, 2, 3]);
    /// ```
    ///
    /// # Panics
    /// When not every dimension is named exactly once.
    #[track_caller]
    pub fn permute(&self, dims: impl IntoDims) -> Tensor<T> {
        let dims = dims.into_dims();
        if dims.len() != self.ndim() {
            let (expected, given) = (format!("all {} dimensions", self.ndim()), format!("{dims:?}"));
            Error::expected("permute", expected, given).raise();
        }
        if !dims.is_empty() {
            Axes::new("permute", &dims, self.ndim()).or_raise();
        }
        let order: Vec<usize> = dims.iter().map(|&dim| normalize("permute", dim, self.ndim()).or_raise()).collect();
        Permute { order: order.into_shape() }.apply([self])
    }

    /// A view with two dimensions swapped.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.transpose(0, 1).to_vec(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist.
    #[track_caller]
    pub fn transpose(&self, dim0: isize, dim1: isize) -> Tensor<T> {
        if self.ndim() == 0 {
            for dim in [dim0, dim1] {
                Axes::some("transpose", &[dim], 0).or_raise();
            }
            return self.clone();
        }
        let first = normalize("transpose", dim0, self.ndim()).or_raise();
        let second = normalize("transpose", dim1, self.ndim()).or_raise();
        let mut order: Vec<usize> = (0..self.ndim()).collect();
        order.swap(first, second);
        Permute { order: order.into_shape() }.apply([self])
    }

    /// The transpose of a matrix; a vector or a 0-d tensor is returned unchanged.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3]).t().shape(), [3, 2]);
    /// ```
    ///
    /// # Panics
    /// When the tensor has more than two dimensions; use `transpose` to swap two of them.
    #[track_caller]
    pub fn t(&self) -> Tensor<T> {
        match self.ndim() {
            0 | 1 => self.clone(),
            2 => Permute { order: [1, 0].into_shape() }.apply([self]),
            _ => {
                let (expected, given) = (
                    "at most 2 dimensions (`transpose` swaps two of them)".to_owned(),
                    format!("{:?}", self.shape()),
                );
                Error::expected("t", expected, given).raise()
            }
        }
    }
}
