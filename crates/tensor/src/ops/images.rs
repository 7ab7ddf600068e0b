//! Batches of images for convolution and pooling: a single image becomes a batch of one and is turned back.

use downhill_kernels::conv::Convolution;
use downhill_kernels::pool::Pooling;
use downhill_kernels::window::Window;

use crate::base::pair::Pair;
use crate::ops::prelude::*;

impl<T: Float> Tensor<T> {
    /// A batch of images `[n, c, h, w]`: this tensor, or this one image `[c, h, w]` as a batch of one.
    #[track_caller]
    pub(crate) fn as_images(&self, op: &'static str) -> Tensor<T> {
        match self.ndim() {
            4 => self.clone(),
            3 => self.unsqueeze(0),
            _ => {
                let expected =
                    "images [batch, channels, height, width] or one image [channels, height, width]".to_owned();
                let given = format!("{:?}; `unsqueeze` adds a dimension of size 1", self.shape());
                Error::expected(op, expected, given).raise()
            }
        }
    }

    /// The result for the batch, or for the single image if the input had no batch dimension.
    #[track_caller]
    pub(crate) fn with_batch_of(self, input: &Tensor<T>) -> Tensor<T> {
        if input.ndim() == 4 { self } else { self.squeeze_dim(0) }
    }
}

/// Batch, channels, height and width of images.
pub(crate) fn sizes_of<T: Float>(images: &Tensor<T>) -> [usize; 4] {
    let [batch, channels, height, width] = *images.shape() else { unreachable!("images have four dimensions") };
    [batch, channels, height, width]
}

/// A setting that must not be 0.
#[track_caller]
pub(crate) fn at_least_one(op: &'static str, name: &'static str, pair: Pair) -> Pair {
    if pair.to_array().contains(&0) {
        Error::Argument { op, name, given: pair.to_string(), expected: "at least 1" }.raise();
    }
    pair
}

/// The shapes of the inputs and outputs of an operation on images.
pub(crate) trait ImageShapes {
    /// The shape of the images.
    fn input_shape(&self) -> Shape;

    /// The shape of the result.
    fn output_shape(&self) -> Shape;
}

impl ImageShapes for Pooling {
    fn input_shape(&self) -> Shape {
        [self.batch, self.channels, self.image[0], self.image[1]].into_shape()
    }

    fn output_shape(&self) -> Shape {
        [self.batch, self.channels, self.output[0], self.output[1]].into_shape()
    }
}

impl ImageShapes for Convolution {
    fn input_shape(&self) -> Shape {
        [self.batch, self.groups * self.channels, self.image[0], self.image[1]].into_shape()
    }

    fn output_shape(&self) -> Shape {
        [self.batch, self.groups * self.features, self.output[0], self.output[1]].into_shape()
    }
}

/// All sizes for pooling images of these sizes, or the error if they do not fit.
pub(crate) fn pooling(
    op: &'static str,
    images: [usize; 4],
    window: Window,
    ceil_mode: bool,
) -> Result<Pooling, Error> {
    let [batch, channels, height, width] = images;
    let image = [height, width];
    if channels == 0 {
        let (expected, given) = ("images with at least one channel", format!("{images:?}"));
        return Err(Error::expected(op, expected, given));
    }
    let output = window.output(op, image, ceil_mode)?;
    // With more padding than half the window, the window at a corner would see only padding. With dilation the limit
    // is half the kernel, as in PyTorch, so that padding never covers more than half of the taps.
    let spans = [0, 1].map(|axis| window.span(axis) / 2);
    let kernels = window.kernel.map(|kernel| kernel / 2);
    for (whole, most) in [("window", spans), ("kernel (its taps, without the gaps between them)", kernels)] {
        if window.padding[0] > most[0] || window.padding[1] > most[1] {
            let expected = format!("a padding of at most half the {whole}, {most:?}");
            let given = format!("{:?}; use less padding or a larger kernel", window.padding);
            return Err(Error::expected(op, expected, given));
        }
    }
    for axis in [0, 1] {
        if let Some(position) = window.first_on_padding(axis, image[axis], output[axis]) {
            let (name, size) = (["row", "column"][axis], image[axis]);
            let expected = "windows that each see an element of the image".to_owned();
            let given = format!(
                "{name} {position} of windows that sees padding only (kernel {}, dilation {}, padding {}, {size} \
                 {name}s); use less padding or a smaller dilation",
                window.kernel[axis], window.dilation[axis], window.padding[axis]
            );
            return Err(Error::expected(op, expected, given));
        }
    }
    Ok(Pooling { batch, channels, image, output, window })
}
