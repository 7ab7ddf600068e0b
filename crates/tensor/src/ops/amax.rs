//! `amax`, `amin`: the largest or smallest element of each lane; also `max`, `min` and their positions.

use crate::kernels::reduce::fold_axes;
use crate::ops::prelude::*;
use crate::ops::sum::Sum;
use crate::shape::normalize;

/// Which end of the numbers is looked for.
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
}

impl<T: Float> Op<T> for Amax {
    type Arity = Fixed<1>;
    const NAME: &'static str = "amax";
    const FORMULA: &'static str = "max x or min x";
    const DERIVATIVE: &'static str = "grad at the elements that are the extreme, in equal parts";
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
        // NaN is not equal to itself, but where it occurs it is the extreme.
        let chosen = x.eq(&y).or(&x.ne(&x).and(&y.ne(&y))).cast::<T>();
        let count = Sum { axes: self.axes, keepdim: true }.apply([&chosen]);
        let share = grad.reshaped(self.axes.kept(shape.slice())) / count;
        [Some(share * chosen)]
    }
}

impl<T: Float> Tensor<T> {
    #[track_caller]
    fn extreme(&self, op: &'static str, dims: &[isize], keepdim: bool, extreme: Extreme) -> Tensor<T> {
        let axes = Axes::new(op, dims, self.ndim()).or_raise();
        if axes.count(self.shape()) == 0 {
            Error::Empty { op, shape: self.shape().to_vec() }.raise();
        }
        Amax { axes, keepdim, extreme }.apply([self])
    }

    /// The largest element, as a tensor without dimensions. Elements that are equally large share the gradient.
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
        self.extreme("max", &[], false, Extreme::Largest)
    }

    /// The smallest element, as a tensor without dimensions. Elements that are equally small share the gradient.
    ///
    /// # Panics
    /// When there are no elements.
    #[track_caller]
    pub fn min(&self) -> Tensor<T> {
        self.extreme("min", &[], false, Extreme::Smallest)
    }

    /// The largest elements over some dimensions, which disappear. Elements that are equally large share the gradient.
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
        self.extreme("amax", &dims.into_dims(), false, Extreme::Largest)
    }

    /// The largest elements over some dimensions, which remain with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amax_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amax_keepdim", &dims.into_dims(), true, Extreme::Largest)
    }

    /// The smallest elements over some dimensions, which disappear. Elements that are equally small share the gradient.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amin(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amin", &dims.into_dims(), false, Extreme::Smallest)
    }

    /// The smallest elements over some dimensions, which remain with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or there is nothing to compare.
    #[track_caller]
    pub fn amin_keepdim(&self, dims: impl IntoDims) -> Tensor<T> {
        self.extreme("amin_keepdim", &dims.into_dims(), true, Extreme::Smallest)
    }

    /// The largest element of each lane along a dimension, and where it is; of several the first, which gets the gradient.
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
        let indices = self.argmax_dim(dim);
        (self.gathered(dim, &indices), indices)
    }

    /// The smallest element of each lane along a dimension, and where it is; of several the first, which gets the gradient.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn min_dim(&self, dim: isize) -> (Tensor<T>, Tensor<i64>) {
        let indices = self.argmin_dim(dim);
        (self.gathered(dim, &indices), indices)
    }

    #[track_caller]
    fn gathered(&self, dim: isize, indices: &Tensor<i64>) -> Tensor<T> {
        if self.ndim() == 0 {
            return self.squeeze();
        }
        let axis = normalize("max_dim", dim, self.ndim()).or_raise() as isize;
        self.gather(axis, &indices.unsqueeze(axis)).squeeze_dim(axis)
    }
}
