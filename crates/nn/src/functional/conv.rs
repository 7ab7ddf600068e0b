//! Convolution and pooling of images.

use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, Float, MaxPool2dOptions, Tensor};

/// The convolution of images with a weight: see [`Tensor::conv2d`].
///
/// ```
/// use downhill_nn::{Conv2dOptions, functional};
/// use downhill_tensor::Tensor;
/// let (images, weight) = (Tensor::zeros([8, 1, 28, 28]), Tensor::zeros([6, 1, 5, 5]));
/// let output = functional::conv2d(&images, &weight, None, Conv2dOptions::new().padding(2));
/// assert_eq!(output.shape(), [8, 6, 28, 28]);
/// ```
///
/// # Panics
/// When the numbers of dimensions or channels do not match, or the kernel is larger than the padded image.
#[track_caller]
pub fn conv2d<T: Float>(
    input: &Tensor<T>,
    weight: &Tensor<T>,
    bias: Option<&Tensor<T>>,
    options: Conv2dOptions,
) -> Tensor<T> {
    input.conv2d(weight, bias, options)
}

/// The maximum of each window: see [`Tensor::max_pool2d`].
///
/// ```
/// use downhill_nn::{MaxPool2dOptions, functional};
/// use downhill_tensor::Tensor;
/// let images = Tensor::zeros([8, 6, 28, 28]);
/// assert_eq!(functional::max_pool2d(&images, MaxPool2dOptions::new(2)).shape(), [8, 6, 14, 14]);
/// ```
///
/// # Panics
/// When the input is not an image or a batch of images, the window is larger than the padded image, the padding is
/// larger than half the window, or a window sees padding only.
#[track_caller]
pub fn max_pool2d<T: Float>(input: &Tensor<T>, options: MaxPool2dOptions) -> Tensor<T> {
    input.max_pool2d(options)
}

/// The mean of each window: see [`Tensor::avg_pool2d`].
///
/// ```
/// use downhill_nn::{AvgPool2dOptions, functional};
/// use downhill_tensor::Tensor;
/// let image = Tensor::from([[[1.0, 2.0], [3.0, 6.0]]]);
/// assert_eq!(functional::avg_pool2d(&image, AvgPool2dOptions::new(2)).to_vec(), [3.0]);
/// ```
///
/// # Panics
/// When the input is not an image or a batch of images, the window is larger than the padded image, the padding is
/// larger than half the window, or a window sees padding only.
#[track_caller]
pub fn avg_pool2d<T: Float>(input: &Tensor<T>, options: AvgPool2dOptions) -> Tensor<T> {
    input.avg_pool2d(options)
}
