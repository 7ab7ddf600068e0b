//! Creates tensors: zeros, ones, ranges, random numbers.
//!
//! `Tensor::zeros([2, 3])` is `f32`; for another type write it: `Tensor::<f64>::zeros([2, 3])`. The functions for
//! `f32` are methods of `Tensor<f32>`, so that no annotation is needed; the traits [`Create`] and [`CreateFloat`]
//! provide them for the other types.
//!
//! A tensor that does not fit into memory is an error at the caller's line: requests of 1 GiB or more are checked
//! against the memory of the system. If many smaller tensors exceed it together, the operating system refuses the
//! allocation or kills the program.

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
    /// Filled with one value; errors name the function `op`.
    #[track_caller]
    pub(crate) fn filled(op: &'static str, shape: impl IntoShape, value: T) -> Self {
        Tensor::from_array(Array::filled(op, shape.into_shape(), value))
    }

    /// `f` of the row-major offset of each element; errors name the function `op`.
    #[track_caller]
    fn from_fn(op: &'static str, shape: impl IntoShape, f: impl Fn(usize) -> T) -> Self {
        let shape = shape.into_shape();
        let mut data = buffer::of_shape(op, shape.slice());
        data.iter_mut().enumerate().for_each(|(place, x)| *x = f(place));
        Tensor::from_array(Array::own(shape, data))
    }

    /// A tensor of zeros with the shape of this one.
    #[track_caller]
    pub fn zeros_like(&self) -> Self {
        Tensor::filled("zeros_like", self.shape(), T::default())
    }

    /// A tensor of ones with the shape of this one.
    #[track_caller]
    pub fn ones_like(&self) -> Self {
        Tensor::filled("ones_like", self.shape(), T::from_number(Number::Int(1)))
    }

    /// A tensor with the shape of this one, filled with one value.
    #[track_caller]
    pub fn full_like(&self, value: T::Scalar) -> Self {
        Tensor::filled("full_like", self.shape(), T::from_scalar(value))
    }
}

impl<T: Float> Tensor<T> {
    /// Uniform random numbers in [0, 1), with the shape of this tensor.
    #[track_caller]
    pub fn rand_like(&self) -> Self
    where
        Self: CreateFloat,
    {
        CreateFloat::rand(self.shape())
    }

    /// Random numbers from the standard normal distribution, with the shape of this tensor.
    #[track_caller]
    pub fn randn_like(&self) -> Self
    where
        Self: CreateFloat,
    {
        CreateFloat::randn(self.shape())
    }
}

/// Creates tensors of any element type.
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
    /// When the number of elements overflows or there is not enough memory; so do all functions here that take a
    /// shape.
    #[track_caller]
    fn zeros(shape: impl IntoShape) -> Self;

    /// Ones.
    #[track_caller]
    fn ones(shape: impl IntoShape) -> Self;

    /// Filled with one value.
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

/// Creates tensors of floating-point numbers.
pub trait CreateFloat: Sized {
    /// `start`, `start + step`, ... up to but excluding `end`.
    ///
    /// # Panics
    /// When `step` is 0 or leads away from `end`.
    #[track_caller]
    fn arange(start: impl IntoScalar, end: impl IntoScalar, step: impl IntoScalar) -> Self;

    /// `steps` evenly spaced numbers from `start` to `end`, both included.
    #[track_caller]
    fn linspace(start: impl IntoScalar, end: impl IntoScalar, steps: usize) -> Self;

    /// Uniform random numbers in [0, 1).
    #[track_caller]
    fn rand(shape: impl IntoShape) -> Self;

    /// Random numbers from the standard normal distribution.
    ///
    /// ```
    /// use downhill_tensor::prelude::*;
    /// assert_eq!(Tensor::<f64>::randn([2, 3]).shape(), [2, 3]);
    /// ```
    #[track_caller]
    fn randn(shape: impl IntoShape) -> Self;

    /// Random numbers from the normal distribution with this mean and standard deviation.
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
        // The second half is computed from the end, so that the last number is exact.
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

    /// Filled with one value.
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

    /// `start`, `start + step`, ... up to but excluding `end`.
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

    /// `steps` evenly spaced numbers from `start` to `end`, both included.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::linspace(0, 1, 3).to_vec(), [0.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn linspace(start: impl IntoScalar, end: impl IntoScalar, steps: usize) -> Self {
        CreateFloat::linspace(start, end, steps)
    }

    /// Uniform random numbers in [0, 1).
    #[track_caller]
    pub fn rand(shape: impl IntoShape) -> Self {
        CreateFloat::rand(shape)
    }

    /// Random numbers from the standard normal distribution.
    #[track_caller]
    pub fn randn(shape: impl IntoShape) -> Self {
        CreateFloat::randn(shape)
    }

    /// Random numbers from the normal distribution with this mean and standard deviation.
    ///
    /// # Panics
    /// When `std` is negative or not finite.
    #[track_caller]
    pub fn normal(mean: f64, std: f64, shape: impl IntoShape) -> Self {
        CreateFloat::normal(mean, std, shape)
    }
}
