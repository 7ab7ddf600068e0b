//! Converts tensors from and to literals, vectors, `ndarray` arrays, single elements and other element types.

use ndarray::{ArrayD, Dimension, IxDyn};

use crate::array::Array;
use crate::autograd::observe;
use crate::autograd::op::{Anomaly, OpKind};
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Float};
use crate::base::shape::{IntoShape, Shape, position};
use downhill_kernels::error::{Error, OrRaise};
use downhill_kernels::{buffer, memory};

/// Nested arrays of plain numbers: `1.0`, `[1.0, 2.0]`, `[[1.0], [2.0]]`, ... up to four dimensions.
pub trait Nested<X> {
    /// Appends the sizes to `shape`, outermost first.
    fn shape(shape: &mut Vec<usize>);
    /// Appends the numbers to `data` in row-major order.
    fn flatten(self, data: &mut Vec<X>);
}

macro_rules! nested {
    ($($x:ty),+) => {$(
        impl Nested<$x> for $x {
            fn shape(_: &mut Vec<usize>) {}
            fn flatten(self, data: &mut Vec<$x>) {
                data.push(self);
            }
        }
    )+};
}
nested!(f32, f64, i64, bool);

impl<X, R: Nested<X>, const N: usize> Nested<X> for [R; N] {
    fn shape(shape: &mut Vec<usize>) {
        shape.push(N);
        R::shape(shape);
    }

    fn flatten(self, data: &mut Vec<X>) {
        self.into_iter().for_each(|row| row.flatten(data));
    }
}

#[track_caller]
fn from_nested<X, R: Nested<X>, T: Element>(values: R, convert: impl Fn(X) -> T) -> Tensor<T> {
    let (mut shape, mut data) = (Vec::new(), Vec::new());
    R::shape(&mut shape);
    let shape = Shape::checked("from", shape).or_raise();
    // Without numbers, skip the loop: there may be a huge number of empty rows.
    if shape.size() > 0 {
        values.flatten(&mut data);
    }
    let data = buffer::collect(data.len(), data.into_iter().map(convert));
    Tensor::from_array(Array::own(shape, data))
}

/// The type of the literals decides: floating-point literals make `f32`, integers `i64`, truth values `bool`.
macro_rules! from_literals {
    ($($x:ty),+) => {$(
        impl From<$x> for Tensor<$x> {
            #[track_caller]
            fn from(value: $x) -> Self {
                from_nested(value, |x| x)
            }
        }
        from_literals!(@ $x, [$x; A], A);
        from_literals!(@ $x, [[$x; B]; A], A, B);
        from_literals!(@ $x, [[[$x; C]; B]; A], A, B, C);
        from_literals!(@ $x, [[[[$x; D]; C]; B]; A], A, B, C, D);
    )+};
    (@ $x:ty, $nested:ty, $($n:ident),+) => {
        impl<$(const $n: usize),+> From<$nested> for Tensor<$x> {
            #[track_caller]
            fn from(values: $nested) -> Self {
                from_nested(values, |x| x)
            }
        }
    };
}
from_literals!(f32, i64, bool);

impl<T: Float> Tensor<T> {
    /// A tensor of any float type from nested arrays of `f64` literals.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::<f64>::new([[0.1, 0.2]]);
    /// assert_eq!(x.to_vec(), [0.1, 0.2]);
    /// ```
    #[track_caller]
    pub fn new(values: impl Nested<f64>) -> Self {
        from_nested(values, T::of)
    }
}

impl<T: Element> Tensor<T> {
    /// A tensor of this shape from its elements in row-major order, which are copied from 32 KiB on.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [2, 2]).unwrap();
    /// assert_eq!(x.at([1, 0]), 3.0);
    /// let error = Tensor::from_vec(vec![1.0f32, 2.0, 3.0], [2, 2]).unwrap_err();
    /// assert_eq!(error.to_string(), "from_vec: 3 elements do not fit the shape [2, 2], which holds 4");
    /// ```
    ///
    /// # Errors
    /// When the number of elements does not match the shape.
    #[track_caller]
    pub fn from_vec(data: Vec<T>, shape: impl IntoShape) -> Result<Self, Error> {
        Ok(Tensor::from_array(Array::from_vec(data, shape)?))
    }

    /// The elements in row-major order.
    ///
    /// # Panics
    /// When there is not enough memory, for example for a huge expanded view.
    #[track_caller]
    pub fn to_vec(&self) -> Vec<T> {
        self.array().to_vec()
    }

    /// The elements as an array of `ndarray`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// assert_eq!(x.to_array().t()[[1, 0]], 2.0);
    /// ```
    ///
    /// # Panics
    /// As [`Tensor::to_vec`].
    #[track_caller]
    pub fn to_array(&self) -> ArrayD<T> {
        ArrayD::from_shape_vec(IxDyn(self.shape()), self.to_vec()).expect("as many elements as the shape says")
    }

    /// The only element, as a plain number.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[track_caller]
    pub fn item(&self) -> T::Scalar {
        if self.numel() != 1 {
            Error::Item { shape: self.shape().to_vec(), elements: self.numel() }.raise();
        }
        self.array().uniform().expect("a single element").to_scalar()
    }

    /// One element, as a plain number; negative positions count from the end.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).at([0, -1]), 2.0);
    /// ```
    ///
    /// # Panics
    /// When there is not one position for each dimension, or a position does not exist.
    #[track_caller]
    pub fn at<const N: usize>(&self, index: [isize; N]) -> T::Scalar {
        if N != self.ndim() {
            let expected = format!("one position for each dimension of {:?}", self.shape());
            Error::expected("at", expected, format!("{index:?}")).raise();
        }
        let mut place = [0; N];
        for (dim, &i) in index.iter().enumerate() {
            place[dim] = position("at", i, dim, self.shape()).or_raise();
        }
        self.array().view()[place.as_slice()].to_scalar()
    }

    /// The same numbers as another element type. Floats become integers by truncation towards zero, saturating at the
    /// range of `i64`, and NaN becomes 0; as truth values, all numbers but 0 are true.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let hits = Tensor::from([true, false]).cast::<f32>();
    /// assert_eq!(hits.mean().item(), 0.5);
    /// ```
    ///
    /// # Panics
    /// When the tensor requires a gradient, which would be lost: `detach()` it first.
    #[track_caller]
    pub fn cast<U: Element>(&self) -> Tensor<U> {
        if self.edge().is_some() {
            Error::CastCutsGradient { from: T::KIND, to: U::KIND }.raise();
        }
        let values = self.array().map_to(|x| U::from_number(x.to_number()));
        let output = Tensor::from_array(values);
        if observe::sees_operations() {
            let remedy = |_: &Anomaly<'_>| Some("the number is too large for the new type: scale it first");
            let info = observe::OpInfo { remedy, ..observe::OpInfo::without_gradient("cast", OpKind::Elementwise) };
            observe::applied(info, vec![observe::Seen::of(self)], &output);
        }
        output
    }
}

impl<T: Element, D: Dimension> From<ndarray::Array<T, D>> for Tensor<T> {
    #[track_caller]
    fn from(array: ndarray::Array<T, D>) -> Self {
        Tensor::from_array(Array::from(array.into_dyn()))
    }
}

impl<T: Element, D: Dimension> From<ndarray::ArrayView<'_, T, D>> for Tensor<T> {
    #[track_caller]
    fn from(array: ndarray::ArrayView<'_, T, D>) -> Self {
        let shape = array.shape().into_shape();
        let data = memory::listed(array.iter().copied());
        Tensor::from_array(Array::own(shape, buffer::of_vec(data)))
    }
}
