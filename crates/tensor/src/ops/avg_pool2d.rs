//! `avg_pool2d`: the mean of the elements under a window that slides over images.

use std::fmt;

use crate::base::pair::Pair;
use crate::ops::images::{ImageShapes, at_least_one, pooling, sizes_of};
use crate::ops::prelude::*;
use downhill_kernels::pool::{Divisor, Pooling};
use downhill_kernels::reduce::MAX_TERMS_OF_NARROW_SUM;
use downhill_kernels::window::Window;

#[derive(Clone, Copy)]
pub(crate) struct AvgPool2d {
    sizes: Pooling,
    divisor: Divisor,
}

impl<T: Float> Op<T> for AvgPool2d {
    type Arity = Fixed<1>;
    const NAME: &'static str = "avg_pool2d";
    const FORMULA: &'static str = "Σ x under the window / the number of elements";
    const DERIVATIVE: &'static str = "grad / the number of elements, added to each element under the window";
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        self.sizes.window.settings()
    }

    /// `[n, c, h, w]` gives `[n, c, oh, ow]`.
    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let mut out = Array::filled("avg_pool2d", self.sizes.output_shape(), T::zero());
        let x = x.contiguous();
        let (x, data) = (x.slice(), out.slice_mut());
        // Accumulate in `f64`, because a window can cover a whole image.
        self.sizes.for_each_window(self.divisor, |i, divisor, rows| {
            let sum = rows.fold(0.0, |sum, row| x[row].iter().fold(sum, |sum, x| sum + x.to_scalar()));
            data[i] = T::of(sum / divisor);
        });
        out
    }

    // ∂y[i]/∂x[j] = 1 / divisor where j is under the window i
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(AvgUnpool2d(*self).apply([&grad]))]
    }
}

/// Spreads each element evenly over its window: the transpose of [`AvgPool2d`].
struct AvgUnpool2d(AvgPool2d);

impl<T: Float> Op<T> for AvgUnpool2d {
    type Arity = Fixed<1>;
    const NAME: &'static str = "avg_unpool2d";
    const FORMULA: &'static str = "x / the number of elements, added to each element under the window";
    const DERIVATIVE: &'static str = "Σ grad under the window / the number of elements";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let AvgPool2d { sizes, divisor } = self.0;
        let mut out = Array::filled("avg_unpool2d", sizes.input_shape(), T::zero());
        let x = x.contiguous();
        let (x, data) = (x.slice(), out.slice_mut());
        let share = |i: usize, divisor: f64| x[i] / T::of(divisor);
        if sizes.window.overlap() <= MAX_TERMS_OF_NARROW_SUM {
            sizes.for_each_window(divisor, |i, divisor, rows| {
                rows.for_each(|row| data[row].iter_mut().for_each(|sum| *sum += share(i, divisor)));
            });
            return out;
        }
        let mut sums = vec![0.0; data.len()];
        sizes.for_each_window(divisor, |i, divisor, rows| {
            let share = share(i, divisor).to_scalar();
            rows.for_each(|row| sums[row].iter_mut().for_each(|sum| *sum += share));
        });
        data.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::of(sum));
        out
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.0.apply([&grad]))]
    }
}

/// The window of [`Tensor::avg_pool2d`] and how it moves; each setting is a number or a pair (rows, columns).
///
/// ```
/// use downhill_tensor::AvgPool2dOptions;
/// assert_eq!(AvgPool2dOptions::new([3, 2]).padding(1).to_string(), "kernel_size=(3, 2), stride=(3, 2), padding=1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool2dOptions {
    kernel_size: Pair,
    stride: Option<Pair>,
    padding: Pair,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: Option<isize>,
}

impl AvgPool2dOptions {
    /// Non-overlapping windows of this size: the stride equals the kernel size.
    ///
    /// # Panics
    /// When the size is 0.
    #[track_caller]
    pub fn new(kernel_size: impl Into<Pair>) -> Self {
        let kernel_size = at_least_one("avg_pool2d", "kernel_size", kernel_size.into());
        let (stride, padding) = (None, Pair::Both(0));
        AvgPool2dOptions {
            kernel_size,
            stride,
            padding,
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }

    /// How far the window moves from one output to the next; by default its own size.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        AvgPool2dOptions { stride: Some(at_least_one("avg_pool2d", "stride", stride.into())), ..self }
    }

    /// How many rows and columns of zeros surround the image on each side.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        AvgPool2dOptions { padding: padding.into(), ..self }
    }

    /// Whether to keep a last window that reaches beyond the padded image: rounds the output size up instead of down.
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        AvgPool2dOptions { ceil_mode, ..self }
    }

    /// Whether padding counts in the divisor, as it does by default. Positions beyond the padding never count.
    pub fn count_include_pad(self, count_include_pad: bool) -> Self {
        AvgPool2dOptions { count_include_pad, ..self }
    }

    /// A number to divide every sum by, instead of the number of elements.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn divisor_override(self, divisor: impl Into<Option<isize>>) -> Self {
        let divisor_override = divisor.into();
        if divisor_override == Some(0) {
            let (name, given) = ("divisor_override", "0".to_owned());
            Error::Argument { op: "avg_pool2d", name, given, expected: "another number" }.raise();
        }
        AvgPool2dOptions { divisor_override, ..self }
    }

    fn window(&self) -> Window {
        Window {
            kernel: self.kernel_size.to_array(),
            stride: self.stride.unwrap_or(self.kernel_size).to_array(),
            padding: self.padding.to_array(),
            dilation: [1, 1],
        }
    }

    fn divisor(&self) -> Divisor {
        match self.divisor_override {
            Some(number) => Divisor::Number(number),
            None if self.count_include_pad => Divisor::WithPadding,
            None => Divisor::WithoutPadding,
        }
    }
}

/// As PyTorch prints them: kernel size, stride and padding only.
impl fmt::Display for AvgPool2dOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AvgPool2dOptions { kernel_size, stride, padding, .. } = *self;
        write!(f, "kernel_size={kernel_size}, stride={}, padding={padding}", stride.unwrap_or(kernel_size))
    }
}

impl<T: Float> Tensor<T> {
    /// The mean of the elements under each position of a window: `[n, c, h, w]` or `[c, h, w]` gives `[n, c, oh, ow]`
    /// or `[c, oh, ow]`, where oh = (h + 2 padding - kernel) / stride + 1, rounded down, or up with `ceil_mode`.
    ///
    /// ```
    /// use downhill_tensor::{AvgPool2dOptions, Tensor};
    /// let image = Tensor::from([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 0.0, 1.0]]]);
    /// assert_eq!(image.avg_pool2d(AvgPool2dOptions::new(2)).to_vec(), [2.5, 1.5]);
    /// ```
    ///
    /// # Panics
    /// When the tensor is not an image, the window is larger than the padded image, or the padding is larger than
    /// half the window.
    #[track_caller]
    pub fn avg_pool2d(&self, options: AvgPool2dOptions) -> Tensor<T> {
        let images = self.as_images("avg_pool2d");
        let sizes = pooling("avg_pool2d", sizes_of(&images), options.window(), options.ceil_mode).or_raise();
        AvgPool2d { sizes, divisor: options.divisor() }.apply([&images]).with_batch_of(self)
    }
}
