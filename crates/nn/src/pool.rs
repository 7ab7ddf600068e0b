//! `MaxPool2d`, `AvgPool2d`: the maximum or mean of each window of an image.

use downhill_tensor::{AvgPool2dOptions, Float, MaxPool2dOptions, Pair, Tensor};

use crate::copy::copied_by_clone;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::display_as_summary;

/// The largest element under each position of a window: see [`Tensor::max_pool2d`].
///
/// ```
/// use downhill_nn::{Layer, MaxPool2d};
/// use downhill_tensor::Tensor;
/// assert_eq!(MaxPool2d::new(2).forward(&Tensor::zeros([8, 6, 28, 28])).shape(), [8, 6, 14, 14]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MaxPool2d {
    options: MaxPool2dOptions,
}

impl MaxPool2d {
    /// Non-overlapping windows of this size, a number or a pair (rows, columns).
    ///
    /// # Panics
    /// When the size is 0.
    #[track_caller]
    pub fn new(kernel_size: impl Into<Pair>) -> Self {
        MaxPool2d { options: MaxPool2dOptions::new(kernel_size) }
    }

    /// The stride: how far the window moves from one output to the next. By default the size of the window.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        MaxPool2d { options: self.options.stride(stride) }
    }

    /// The number of rows and columns by which the window may extend beyond the image; padding is never the maximum.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        MaxPool2d { options: self.options.padding(padding) }
    }

    /// The dilation: the distance between neighbouring elements of the window.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        MaxPool2d { options: self.options.dilation(dilation) }
    }

    /// Whether a last window that reaches beyond the padded image counts, so that the output size is rounded up
    /// instead of down.
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        MaxPool2d { options: self.options.ceil_mode(ceil_mode) }
    }
}

copied_by_clone!(MaxPool2d, AvgPool2d);

impl Module for MaxPool2d {
    fn visit(&self, _: &mut dyn Visitor) {}

    fn name(&self) -> &'static str {
        "MaxPool2d"
    }

    fn extra_repr(&self) -> String {
        self.options.to_string()
    }
}

impl<T: Float> Layer<Tensor<T>> for MaxPool2d {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.max_pool2d(self.options)
    }
}

display_as_summary!(MaxPool2d);

/// The mean of the elements under each position of a window: see [`Tensor::avg_pool2d`].
///
/// ```
/// use downhill_nn::{AvgPool2d, Layer};
/// use downhill_tensor::Tensor;
/// let image = Tensor::from([[[1.0, 2.0], [3.0, 6.0]]]);
/// assert_eq!(AvgPool2d::new(2).forward(&image).to_vec(), [3.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AvgPool2d {
    options: AvgPool2dOptions,
}

impl AvgPool2d {
    /// Non-overlapping windows of this size, a number or a pair (rows, columns).
    ///
    /// # Panics
    /// When the size is 0.
    #[track_caller]
    pub fn new(kernel_size: impl Into<Pair>) -> Self {
        AvgPool2d { options: AvgPool2dOptions::new(kernel_size) }
    }

    /// The stride: how far the window moves from one output to the next. By default the size of the window.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        AvgPool2d { options: self.options.stride(stride) }
    }

    /// The number of rows and columns of zeros added on each side of the image.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        AvgPool2d { options: self.options.padding(padding) }
    }

    /// Whether a last window that reaches beyond the padded image counts, so that the output size is rounded up
    /// instead of down.
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        AvgPool2d { options: self.options.ceil_mode(ceil_mode) }
    }

    /// Whether the zeros of the padding count as elements of the mean; yes by default.
    pub fn count_include_pad(self, count_include_pad: bool) -> Self {
        AvgPool2d { options: self.options.count_include_pad(count_include_pad) }
    }

    /// Divides every sum by this number instead of the number of elements.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn divisor_override(self, divisor: impl Into<Option<isize>>) -> Self {
        AvgPool2d { options: self.options.divisor_override(divisor) }
    }
}

impl Module for AvgPool2d {
    fn visit(&self, _: &mut dyn Visitor) {}

    fn name(&self) -> &'static str {
        "AvgPool2d"
    }

    fn extra_repr(&self) -> String {
        self.options.to_string()
    }
}

impl<T: Float> Layer<Tensor<T>> for AvgPool2d {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.avg_pool2d(self.options)
    }
}

display_as_summary!(AvgPool2d);
