//! Making tensors: zeros, ones, ranges, random numbers.
//!
//! `Tensor::zeros([2, 3])` is `f32`; for another type write it: `Tensor::<f64>::zeros([2, 3])`. The first are methods
//! of `Tensor<f32>`, so that no annotation is needed; the traits [`Create`] and [`CreateFloat`] give them to the
//! others.
//!
//! A tensor that is larger than the memory is an error at the caller's line: what is asked for is compared with the
//! memory that the system has from 1 GiB on. Many smaller ones that do not fit together are the system's to refuse,
//! or to end the program for.

use rand::distr::{Distribution, StandardUniform};
use rand_distr::{Normal, StandardNormal};

use crate::array::Array;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Float, Number};
use crate::base::scalar::IntoScalar;
use crate::base::shape::IntoShape;
use downhill_kernels::buffer;
use downhill_kernels::error::Error;

impl<T: Element> Tensor<T> {
    /// One value everywhere, for a function of this name.
    #[track_caller]
    pub(crate) fn filled(op: &'static str, shape: impl IntoShape, value: T) -> Self {
        Tensor::from_array(Array::filled(op, shape.into_shape(), value))
    }

    /// `f` of the place of each element in row-major order, for a function of this name.
    #[track_caller]
    fn from_fn(op: &'static str, shape: impl IntoShape, f: impl Fn(usize) -> T) -> Self {
        let shape = shape.into_shape();
        let mut data = buffer::of_shape(op, shape.slice());
        data.iter_mut().enumerate().for_each(|(place, x)| *x = f(place));
        Tensor::from_array(Array::own(shape, data))
    }

    /// Zeros in the shape of this tensor.
    #[track_caller]
    pub fn zeros_like(&self) -> Self {
        Tensor::filled("zeros_like", self.shape(), T::default())
    }

    /// Ones in the shape of this tensor.
    #[track_caller]
    pub fn ones_like(&self) -> Self {
        Tensor::filled("ones_like", self.shape(), T::from_number(Number::Int(1)))
    }

    /// One value in the shape of this tensor.
    #[track_caller]
    pub fn full_like(&self, value: T::Scalar) -> Self {
        Tensor::filled("full_like", self.shape(), T::from_scalar(value))
    }
}

impl<T: Float> Tensor<T> {
    /// Numbers drawn evenly from 0 to 1 in the shape of this tensor.
    #[track_caller]
    pub fn rand_like(&self) -> Self
    where
        Self: CreateFloat,
    {
        CreateFloat::rand(self.shape())
    }

    /// Numbers drawn from the standard normal distribution in the shape of this tensor.
    #[track_caller]
    pub fn randn_like(&self) -> Self
    where
        Self: CreateFloat,
    {
        CreateFloat::randn(self.shape())
    }
}

/// Making tensors of any element type.
pub trait Create: Sized {
    /// A plain number of the element type.
    type Scalar;

    /// Zeros.
    ///
    /// ```
    /// use downhill_tensor::prelude::*;
    /// assert_eq!(Tensor::<i64>::zeros([2]).to_vec(), [0, 0]);
    /// ```
    ///
    /// # Panics
    /// When they are more than can be counted or than there is memory for, as everything here that is given a shape.
    #[track_caller]
    fn zeros(shape: impl IntoShape) -> Self;

    /// Ones.
    #[track_caller]
    fn ones(shape: impl IntoShape) -> Self;

    /// One value everywhere.
    #[track_caller]
    fn full(shape: impl IntoShape, value: Self::Scalar) -> Self;

    /// A square matrix with ones on its diagonal.
    #[track_caller]
    fn eye(n: usize) -> Self;
}

impl<T: Element> Create for Tensor<T> {
    type Scalar = T::Scalar;

    fn zeros(shape: impl IntoShape) -> Self {
        Tensor::filled("zeros", shape, T::default())
    }

    fn ones(shape: impl IntoShape) -> Self {
        Tensor::filled("ones", shape, T::from_number(Number::Int(1)))
    }

    fn full(shape: impl IntoShape, value: T::Scalar) -> Self {
        Tensor::filled("full", shape, T::from_scalar(value))
    }

    fn eye(n: usize) -> Self {
        Tensor::from_fn("eye", [n, n], |i| T::from_number(Number::Bool(i / n == i % n)))
    }
}

/// Making tensors of floating-point numbers.
pub trait CreateFloat: Sized {
    /// `start`, `start + step`, ... as long as it is before `end`.
    ///
    /// # Panics
    /// When `step` is 0 or leads away from `end`.
    #[track_caller]
    fn arange(start: impl IntoScalar, end: impl IntoScalar, step: impl IntoScalar) -> Self;

    /// `steps` numbers at equal distances, the first `start` and the last `end`.
    #[track_caller]
    fn linspace(start: impl IntoScalar, end: impl IntoScalar, steps: usize) -> Self;

    /// Numbers drawn evenly from 0 to 1, without 1.
    #[track_caller]
    fn rand(shape: impl IntoShape) -> Self;

    /// Numbers drawn from the standard normal distribution.
    ///
    /// ```
    /// use downhill_tensor::prelude::*;
    /// assert_eq!(Tensor::<f64>::randn([2, 3]).shape(), [2, 3]);
    /// ```
    #[track_caller]
    fn randn(shape: impl IntoShape) -> Self;

    /// Numbers drawn from a normal distribution.
    ///
    /// # Panics
    /// When `std` is negative or not finite.
    #[track_caller]
    fn normal(mean: f64, std: f64, shape: impl IntoShape) -> Self;
}

impl<T: Float> CreateFloat for Tensor<T>
where
    StandardUniform: Distribution<T>,
    StandardNormal: Distribution<T>,
    T: rand_distr::num_traits::Float,
{
    #[track_caller]
    fn arange(start: impl IntoScalar, end: impl IntoScalar, step: impl IntoScalar) -> Self {
        let (start, end, step) = (start.into_scalar(), end.into_scalar(), step.into_scalar());
        let count = (end - start) / step;
        if !count.is_finite() || count < 0.0 {
            let (given, expected) =
                (format!("{step} from {start} to {end}"), "a step that leads from the start to the end");
            Error::Argument { op: "arange", name: "step", given, expected }.raise();
        }
        Tensor::from_fn("arange", [count.ceil() as usize], |i| T::of(start + i as f64 * step))
    }

    fn linspace(start: impl IntoScalar, end: impl IntoScalar, steps: usize) -> Self {
        let (start, end) = (start.into_scalar(), end.into_scalar());
        let step = (end - start) / steps.saturating_sub(1).max(1) as f64;
        // The second half is counted from the end, so that the last number is exact.
        let value = |i: usize| {
            if i < steps.div_ceil(2) { start + i as f64 * step } else { end - (steps - 1 - i) as f64 * step }
        };
        Tensor::from_fn("linspace", [steps], |i| T::of(value(i)))
    }

    #[track_caller]
    fn rand(shape: impl IntoShape) -> Self {
        Tensor::drawn("rand", shape, StandardUniform)
    }

    #[track_caller]
    fn randn(shape: impl IntoShape) -> Self {
        Tensor::drawn("randn", shape, StandardNormal)
    }

    #[track_caller]
    fn normal(mean: f64, std: f64, shape: impl IntoShape) -> Self {
        match Normal::new(T::of(mean), T::of(std)) {
            Ok(normal) if std >= 0.0 => Tensor::drawn("normal", shape, normal),
            _ => Error::Argument {
                op: "normal",
                name: "std",
                given: std.to_string(),
                expected: "finite and not negative",
            }
            .raise(),
        }
    }
}

/// The default element type: these need no annotation.
impl Tensor<f32> {
    /// Zeros.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([2, 3]).shape(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn zeros(shape: impl IntoShape) -> Self {
        Create::zeros(shape)
    }

    /// Ones.
    #[track_caller]
    pub fn ones(shape: impl IntoShape) -> Self {
        Create::ones(shape)
    }

    /// One value everywhere.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::full([2], 0.5).to_vec(), [0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn full(shape: impl IntoShape, value: impl IntoScalar) -> Self {
        Create::full(shape, value.into_scalar())
    }

    /// A square matrix with ones on its diagonal.
    #[track_caller]
    pub fn eye(n: usize) -> Self {
        Create::eye(n)
    }

    /// `start`, `start + step`, ... as long as it is before `end`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::arange(0, 2, 0.5).to_vec(), [0.0, 0.5, 1.0, 1.5]);
    /// ```
    ///
    /// # Panics
    /// When `step` is 0 or leads away from `end`.
    #[track_caller]
    pub fn arange(start: impl IntoScalar, end: impl IntoScalar, step: impl IntoScalar) -> Self {
        CreateFloat::arange(start, end, step)
    }

    /// `steps` numbers at equal distances, the first `start` and the last `end`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::linspace(0, 1, 3).to_vec(), [0.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn linspace(start: impl IntoScalar, end: impl IntoScalar, steps: usize) -> Self {
        CreateFloat::linspace(start, end, steps)
    }

    /// Numbers drawn evenly from 0 to 1, without 1.
    #[track_caller]
    pub fn rand(shape: impl IntoShape) -> Self {
        CreateFloat::rand(shape)
    }

    /// Numbers drawn from the standard normal distribution.
    #[track_caller]
    pub fn randn(shape: impl IntoShape) -> Self {
        CreateFloat::randn(shape)
    }

    /// Numbers drawn from a normal distribution.
    ///
    /// # Panics
    /// When `std` is negative or not finite.
    #[track_caller]
    pub fn normal(mean: f64, std: f64, shape: impl IntoShape) -> Self {
        CreateFloat::normal(mean, std, shape)
    }
}
