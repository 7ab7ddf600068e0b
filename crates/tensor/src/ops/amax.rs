//! `amax`, `amin`: the largest or smallest element of each lane; also `max`, `min` and their positions.

use crate::array::reduce::fold_axes;
use crate::ops::prelude::*;
use crate::ops::sum::Sum;

/// Which extreme to find.
#[derive(Clone, Copy)]
pub(crate) enum Extreme {
    Largest,
    Smallest,
}

impl Extreme {
    /// Whether `a` replaces `b`; the first NaN replaces everything and is never replaced.
    #[inline]
    pub(crate) fn prefers<T: Float>(self, a: T, b: T) -> bool {
        let further = match self {
            Extreme::Largest => a > b,
            Extreme::Smallest => a < b,
        };
        further || (a.is_nan() && !b.is_nan())
    }

    #[inline]
    fn of<T: Float>(self, a: T, b: T) -> T {
        if self.prefers(b, a) { b } else { a }
    }
}

pub(crate) struct Amax {
    axes: Axes,
    keepdim: bool,
    extreme: Extreme,
    /// If the extreme is NaN: whether the NaN elements share the gradient, as in PyTorch's `max`, or every element
    /// gets NaN, as in its `amax`.
    nan_is_an_element: bool,
}

impl<T: Float> Op<T> for Amax {
    type Arity = Fixed<1>;
    const NAME: &'static str = "amax";
    const FORMULA: &'static str = "max x or min x";
    const DERIVATIVE: &'static str = "grad at the elements that are the extreme, in equal parts";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::InputsAndOutput;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        Array::own(shape, fold_axes(x, self.axes, |a, b| self.extreme.of(a, b)))
    }

    // 1/k for each of the k elements that are equal to the extreme, 0 for the others
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let shape = saved.input_shape(0);
        let x = saved.input(0).detach();
        let y = saved.output().detach().spread(self.axes, &shape);
        let equal = x.eq(&y);
        let chosen = if self.nan_is_an_element { equal.or(&x.ne(&x).and(&y.ne(&y))) } else { equal };
        let ones = chosen.cast::<T>();
        let count = Sum { axes: self.axes, keepdim: true }.apply([&ones]);
        let share = grad.reshaped(self.axes.kept(shape.slice())) / &count;
        // The others get 0, also of a gradient that is infinite; where nothing is chosen all get NaN, which is 0 / 0.
        let others = chosen.or(&count.eq(0)).not();
        [Some((share * ones).masked_fill(&others, 0))]
    }
}

impl<T: Float> Tensor<T> {
    #[track_caller]
    fn extreme(&self, op: &'static str, dims: Option<&[isize]>, keepdim: bool, extreme: Extreme) -> Tensor<T> {
        let axes = Axes::new(op, dims.unwrap_or(&[]), self.ndim()).or_raise();
        if axes.count(self.shape()) == 0 {
            Error::Empty { op, shape: self.shape().to_vec() }.raise();
        }
        Amax { axes, keepdim, extreme, nan_is_an_element: dims.is_none() }.apply([self])
    }

    /// The largest element, as a 0-d tensor. Elements that are equally large share the gradient.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0, 2.0]).max().item(), 3.0);
    /// ```
    ///
    /// # Panics
    /// When there are no elements.
    #[track_caller]
    pub fn max(&self) -> Tensor<T> {
        self.extreme("max", None, false, Extreme::Largest)
    }

    /// The smallest element, as a 0-d tensor. Elements that are equally small share the gradient.
    ///
    /// # Panics
    /// When there are no elements.
    #[track_caller]
    pub fn min(&self) -> Tensor<T> {
        self.extreme("min", None, false, Extreme::Smallest)
    }

    /// The largest elements over some dimensions, which are removed. Elements that are equally large share the
    /// gradient.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [4.0, 2.0]]).amax(0).to_vec(), [4.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amax(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amax", Some(&dims.into_dims()), false, Extreme::Largest)
    }

    /// The largest elements over some dimensions, which are kept with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amax_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amax_keepdim", Some(&dims.into_dims()), true, Extreme::Largest)
    }

    /// The smallest elements over some dimensions, which are removed. Elements that are equally small share the
    /// gradient.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amin(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amin", Some(&dims.into_dims()), false, Extreme::Smallest)
    }

    /// The smallest elements over some dimensions, which are kept with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amin_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amin_keepdim", Some(&dims.into_dims()), true, Extreme::Smallest)
    }

    /// The largest element of each lane along a dimension, and its position. If several are equal, the first is taken
    /// and gets the whole gradient.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (values, indices) = Tensor::from([[1.0, 3.0], [4.0, 2.0]]).max_dim(1);
    /// assert_eq!(values.to_vec(), [3.0, 4.0]);
    /// assert_eq!(indices.to_vec(), [1, 0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn max_dim(&self, dim: isize) -> (Tensor<T>, Tensor<i64>) {
        self.first_extreme("max_dim", dim, Extreme::Largest)
    }

    /// The smallest element of each lane along a dimension, and its position. If several are equal, the first is
    /// taken and gets the whole gradient.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn min_dim(&self, dim: isize) -> (Tensor<T>, Tensor<i64>) {
        self.first_extreme("min_dim", dim, Extreme::Smallest)
    }

    /// As [`Tensor::max_dim`], but keeps the dimension with size 1.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn max_keepdim(&self, dim: isize) -> (Tensor<T>, Tensor<i64>) {
        let (values, indices) = self.first_extreme("max_keepdim", dim, Extreme::Largest);
        (values.keeping(dim, self.ndim()), indices.keeping(dim, self.ndim()))
    }

    /// As [`Tensor::min_dim`], but keeps the dimension with size 1.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn min_keepdim(&self, dim: isize) -> (Tensor<T>, Tensor<i64>) {
        let (values, indices) = self.first_extreme("min_keepdim", dim, Extreme::Smallest);
        (values.keeping(dim, self.ndim()), indices.keeping(dim, self.ndim()))
    }

    #[track_caller]
    fn first_extreme(&self, op: &'static str, dim: isize, extreme: Extreme) -> (Tensor<T>, Tensor<i64>) {
        let indices = self.positions_of(op, dim, extreme);
        if self.ndim() == 0 {
            return (self.squeeze(), indices);
        }
        (self.gather(dim, &indices.unsqueeze(dim)).squeeze_dim(dim), indices)
    }
}
