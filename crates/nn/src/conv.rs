//! `Conv2d`: convolution of images with trained kernels.

use downhill_tensor::{Conv2dOptions, CreateFloat, Error, Float, Padding, Pair, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::parameter::Parameter;
use crate::part::Part;
use crate::summary::display_as_summary;

/// The convolution of images `[n, in, h, w]`, or of one image `[in, h, w]`, with a weight
/// `[out, in / groups, kh, kw]`, plus a bias `[out]`. See [`Tensor::conv2d`] for the output size.
///
/// Weight and bias are initialised uniformly in ±1/√fan_in, where fan_in = in / groups · kh · kw, as in PyTorch.
/// Kernel size, stride, padding and dilation are a number or a pair (rows, columns).
///
/// ```
/// use downhill_nn::{Conv2d, Layer};
/// use downhill_tensor::Tensor;
/// let layer = Conv2d::new(1, 6, 5).padding(2);
/// assert_eq!(layer.weight.shape(), [6, 1, 5, 5]);
/// assert_eq!(layer.forward(&Tensor::zeros([8, 1, 28, 28])).shape(), [8, 6, 28, 28]);
/// println!("{layer}"); // Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d<T: Float = f32> {
    /// The weight, `[out, in / groups, kh, kw]`.
    pub weight: Parameter<T>,
    /// The bias, `[out]`, if there is one.
    pub bias: Option<Parameter<T>>,
    in_channels: usize,
    options: Conv2dOptions,
}

impl Conv2d<f32> {
    /// A layer of `f32` with a bias, with stride 1 and no padding.
    ///
    /// # Panics
    /// When the kernel size is 0.
    #[track_caller]
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: impl Into<Pair>) -> Self {
        Conv2d::of(in_channels, out_channels, kernel_size)
    }
}

impl<T: Float> Conv2d<T>
where
    Tensor<T>: CreateFloat,
{
    /// A layer of any float type with a bias: `Conv2d::<f64>::of(1, 6, 5)`.
    ///
    /// # Panics
    /// When the kernel size is 0.
    #[track_caller]
    pub fn of(in_channels: usize, out_channels: usize, kernel_size: impl Into<Pair>) -> Self {
        let [height, width] = kernel_size.into().to_array();
        if height == 0 || width == 0 {
            let given = format!("({height}, {width})");
            Error::Argument { op: "Conv2d", name: "kernel_size", given, expected: "at least 1" }.raise();
        }
        let (weight, bias) = initial([out_channels, in_channels, height, width]);
        Conv2d { weight, bias: Some(bias), in_channels, options: Conv2dOptions::new() }
    }

    /// Divides the channels into groups; the outputs of a group depend only on its own input channels. The weight
    /// becomes smaller, so weight and bias are initialised again.
    ///
    /// # Panics
    /// When it does not divide the numbers of input and output channels.
    #[track_caller]
    pub fn groups(self, groups: usize) -> Self {
        let options = self.options.groups(groups);
        let [out_channels, height, width] = [0, 2, 3].map(|dim| self.weight.shape()[dim]);
        if !self.in_channels.is_multiple_of(groups) || !out_channels.is_multiple_of(groups) {
            let expected = "groups that divide both numbers of channels";
            let given =
                format!("groups = {groups} for {} input and {out_channels} output channels", self.in_channels);
            Error::expected("Conv2d", expected, given).raise();
        }
        let (weight, bias) = initial([out_channels, self.in_channels / groups, height, width]);
        Conv2d { weight, bias: self.bias.and(Some(bias)), options, ..self }
    }
}

/// Weight and bias, initialised uniformly in ±1/√fan_in.
#[track_caller]
fn initial<T: Float>(shape: [usize; 4]) -> (Parameter<T>, Parameter<T>)
where
    Tensor<T>: CreateFloat,
{
    let fan_in: f64 = shape[1..].iter().map(|&size| size as f64).product();
    let bound = if fan_in > 0.0 { 1.0 / fan_in.sqrt() } else { 0.0 };
    (Parameter::uniform(&shape, bound), Parameter::uniform(&shape[..1], bound))
}

impl<T: Float> Conv2d<T> {
    /// The stride: how far the kernel moves from one output to the next.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        Conv2d { options: self.options.stride(stride), ..self }
    }

    /// The number of rows and columns of zeros added on each side of the image, or [`Padding::Same`] for an output of
    /// the size of the image.
    ///
    /// ```
    /// use downhill_nn::{Conv2d, Layer, Padding};
    /// use downhill_tensor::Tensor;
    /// let layer = Conv2d::new(1, 6, 4).padding(Padding::Same);
    /// assert_eq!(layer.forward(&Tensor::zeros([8, 1, 28, 28])).shape(), [8, 6, 28, 28]);
    /// ```
    pub fn padding(self, padding: impl Into<Padding>) -> Self {
        Conv2d { options: self.options.padding(padding), ..self }
    }

    /// The dilation: the distance between neighbouring elements of the kernel.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        Conv2d { options: self.options.dilation(dilation), ..self }
    }

    /// Whether there is a bias: `Conv2d::new(1, 6, 5).bias(false)`.
    pub fn bias(mut self, bias: bool) -> Self {
        if !bias {
            self.bias = None;
        }
        self
    }
}

impl<T: Float> DeepCopy for Conv2d<T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Conv2d { weight: self.weight.copy_with(copies), bias: self.bias.copy_with(copies), ..self.clone() }
    }
}

impl<T: Float> Module for Conv2d<T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.weight.visit_as("weight", visitor);
        self.bias.visit_as("bias", visitor);
    }

    fn name(&self) -> &'static str {
        "Conv2d"
    }

    fn extra_repr(&self) -> String {
        let [out_channels, height, width] = [0, 2, 3].map(|dim| self.weight.shape()[dim]);
        let bias = if self.bias.is_some() { "" } else { ", bias=False" };
        format!("{}, {out_channels}, kernel_size=({height}, {width}), {}{bias}", self.in_channels, self.options)
    }
}

impl<T: Float> Layer<Tensor<T>> for Conv2d<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.conv2d(&self.weight, self.bias.as_deref(), self.options)
    }
}

display_as_summary!(Conv2d<T>, T: Float);
