//! `max_pool2d`: the largest element under a window that slides over images.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::base::pair::Pair;
use crate::ops::images::{ImageShapes, at_least_one, pooling, sizes_of};
use crate::ops::prelude::*;
use downhill_kernels::buffer::of_shape;
use downhill_kernels::pool::{NO_INDEX, Pooling};
use downhill_kernels::window::Window;

/// The largest element under each window.
pub(crate) struct MaxPool2d {
    sizes: Pooling,
    /// The positions of the maxima, set by the forward pass.
    positions: OnceLock<Arc<Vec<u32>>>,
}

impl MaxPool2d {
    fn new(sizes: Pooling) -> Self {
        MaxPool2d { sizes, positions: OnceLock::new() }
    }
}

impl<T: Float> Op<T> for MaxPool2d {
    type Arity = Fixed<1>;
    const NAME: &'static str = "max_pool2d";
    const FORMULA: &'static str = "max x under the window";
    const DERIVATIVE: &'static str = "grad added at the positions of the maxima";
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        self.sizes.window.settings()
    }

    /// `[n, c, h, w]` gives `[n, c, oh, ow]`.
    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let shape = self.sizes.output_shape();
        let mut out = of_shape("max_pool2d", shape.slice());
        let positions = self.sizes.write_maxima(x.contiguous().slice(), &mut out);
        _ = self.positions.set(Arc::new(positions));
        Array::own(shape, out)
    }

    fn recompute(&self, [x]: [Array<T>; 1]) -> Array<T> {
        MaxPool2d::new(self.sizes).forward([x])
    }

    // ∂y[i]/∂x[j] = 1 where j is the position of maximum i
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let positions = self.positions.get().expect("the maxima were found in the forward pass");
        [Some(MaxUnpool2d(Maxima { sizes: self.sizes, positions: Arc::clone(positions) }).apply([&grad]))]
    }
}

/// The positions of the maxima.
#[derive(Clone)]
struct Maxima {
    sizes: Pooling,
    /// For each output, its position in the input; one past the end if the window saw only padding.
    positions: Arc<Vec<u32>>,
}

/// Adds each element at the position of its maximum in images of zeros.
struct MaxUnpool2d(Maxima);

impl<T: Float> Op<T> for MaxUnpool2d {
    type Arity = Fixed<1>;
    const NAME: &'static str = "max_unpool2d";
    const FORMULA: &'static str = "x added at the positions of the maxima";
    const DERIVATIVE: &'static str = "grad at the positions of the maxima";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let Maxima { sizes, positions } = &self.0;
        let shape = sizes.input_shape();
        let mut out = of_shape("max_unpool2d", shape.slice());
        sizes.scatter(positions, x.contiguous().slice(), &mut out);
        Array::own(shape, out)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(MaxGather2d(self.0.clone()).apply([&grad]))]
    }
}

/// Takes the elements at the positions of the maxima: the transpose of [`MaxUnpool2d`].
struct MaxGather2d(Maxima);

impl<T: Float> Op<T> for MaxGather2d {
    type Arity = Fixed<1>;
    const NAME: &'static str = "max_gather2d";
    const FORMULA: &'static str = "x at the positions of the maxima";
    const DERIVATIVE: &'static str = "grad added at the positions of the maxima";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let Maxima { sizes, positions } = &self.0;
        let shape = sizes.output_shape();
        let mut out = of_shape("max_gather2d", shape.slice());
        sizes.gather(positions, x.contiguous().slice(), &mut out);
        Array::own(shape, out)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(MaxUnpool2d(self.0.clone()).apply([&grad]))]
    }
}

/// The window of [`Tensor::max_pool2d`] and how it moves; each setting is a number or a pair (rows, columns).
///
/// ```
/// use downhill_tensor::MaxPool2dOptions;
/// let options = MaxPool2dOptions::new(3).stride(2).padding([1, 0]);
/// assert_eq!(options.to_string(), "kernel_size=3, stride=2, padding=(1, 0), dilation=1, ceil_mode=False");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2dOptions {
    kernel_size: Pair,
    stride: Option<Pair>,
    padding: Pair,
    dilation: Pair,
    ceil_mode: bool,
}

impl MaxPool2dOptions {
    /// Non-overlapping windows of this size: the stride equals the kernel size.
    ///
    /// # Panics
    /// When the size is 0.
    #[track_caller]
    pub fn new(kernel_size: impl Into<Pair>) -> Self {
        let kernel_size = at_least_one("max_pool2d", "kernel_size", kernel_size.into());
        let (padding, dilation) = (Pair::Both(0), Pair::Both(1));
        MaxPool2dOptions { kernel_size, stride: None, padding, dilation, ceil_mode: false }
    }

    /// How far the window moves from one output to the next; by default its own size.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        MaxPool2dOptions { stride: Some(at_least_one("max_pool2d", "stride", stride.into())), ..self }
    }

    /// How many rows and columns of padding surround the image on each side. Padding is never the maximum.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        MaxPool2dOptions { padding: padding.into(), ..self }
    }

    /// The distance between neighbouring taps of the window.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        MaxPool2dOptions { dilation: at_least_one("max_pool2d", "dilation", dilation.into()), ..self }
    }

    /// Whether to keep a last window that reaches beyond the padded image: rounds the output size up instead of down.
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        MaxPool2dOptions { ceil_mode, ..self }
    }

    fn window(&self) -> Window {
        Window {
            kernel: self.kernel_size.to_array(),
            stride: self.stride.unwrap_or(self.kernel_size).to_array(),
            padding: self.padding.to_array(),
            dilation: self.dilation.to_array(),
        }
    }
}

/// As PyTorch prints them.
impl fmt::Display for MaxPool2dOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MaxPool2dOptions { kernel_size, stride, padding, dilation, ceil_mode } = *self;
        let stride = stride.unwrap_or(kernel_size);
        let ceil_mode = if ceil_mode { "True" } else { "False" };
        write!(
            f,
            "kernel_size={kernel_size}, stride={stride}, padding={padding}, dilation={dilation}, \
             ceil_mode={ceil_mode}"
        )
    }
}

impl<T: Float> Tensor<T> {
    /// The largest element under each position of a window: `[n, c, h, w]` or `[c, h, w]` gives `[n, c, oh, ow]` or
    /// `[c, oh, ow]`, where oh = (h + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down, or up with
    /// `ceil_mode`. Of several equal elements the first gets the gradient. NaN counts as the largest.
    ///
    /// ```
    /// use downhill_tensor::{MaxPool2dOptions, Tensor};
    /// let image = Tensor::from([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 0.0, 0.0]]]);
    /// assert_eq!(image.max_pool2d(MaxPool2dOptions::new(2)).to_vec(), [4.0, 5.0]);
    /// ```
    ///
    /// # Panics
    /// When the tensor is not an image, the window is larger than the padded image, the padding is larger than half
    /// the window or half the kernel, or a dilated window sees only padding.
    #[track_caller]
    pub fn max_pool2d(&self, options: MaxPool2dOptions) -> Tensor<T> {
        let images = self.as_images("max_pool2d");
        let sizes = pooling("max_pool2d", sizes_of(&images), options.window(), options.ceil_mode).or_raise();
        // Positions are 32 bits, and one value is reserved for "no position".
        if images.numel() >= NO_INDEX as usize {
            let expected = format!("fewer than {NO_INDEX} elements at a time; pool the images in parts");
            Error::Expected { op: "max_pool2d", expected, given: format!("{:?}", images.shape()) }.raise();
        }
        MaxPool2d::new(sizes).apply([&images]).with_batch_of(self)
    }
}
