//! `conv2d`: 2-d convolution of images, and its gradients.
//!
//! Convolution is closed under differentiation. Let C(x, w) be the output and g a gradient of its shape. Two more
//! bilinear maps, I(g, w) of the shape of x and W(x, g) of the shape of w, satisfy Σ g C(x, w) = Σ x I(g, w) = Σ w
//! W(x, g). Each of the three is linear in both inputs, and its derivatives are the other two.

use std::fmt;

use crate::base::padding::Padding;
use crate::base::pair::Pair;
use crate::ops::images::{ImageShapes, at_least_one, sizes_of};
use crate::ops::prelude::*;
use downhill_kernels::buffer::of_shape;
use downhill_kernels::conv::Convolution;
use downhill_kernels::window::Window;

/// C(x, w) + b.
pub(crate) struct Conv2d(Convolution);

impl<T: Float> Op<T> for Conv2d {
    type Arity = Fixed<3>;
    const NAME: &'static str = "conv2d";
    const FORMULA: &'static str = "C(x, w) + b = Σ w x under the window, plus b";
    const DERIVATIVE: &'static str = "I(grad, w); W(x, grad); Σ grad over images and positions";
    const SAVES: Saves = Saves::OtherInputs;

    fn settings(&self) -> String {
        self.0.window.settings()
    }

    /// `[n, in, h, w]`, `[out, in / groups, kh, kw]` and `[out]` give `[n, out, oh, ow]`.
    fn forward(&self, [x, weight, bias]: [Array<T>; 3]) -> Array<T> {
        let (x, weight, bias) = (x.contiguous(), weight.contiguous(), bias.contiguous());
        let shape = self.0.output_shape();
        let mut out = of_shape("conv2d", shape.slice());
        self.0.write_output(x.slice(), weight.slice(), bias.slice(), &mut out);
        Array::own(shape, out)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 3] {
        [
            saved.wants(0).then(|| Conv2dInput(self.0).apply([&grad, &saved.input(1)])),
            saved.wants(1).then(|| Conv2dWeight(self.0).apply([&saved.input(0), &grad])),
            saved.wants(2).then(|| grad.sum_dim([0, 2, 3])),
        ]
    }
}

/// I(g, w), the transposed convolution.
struct Conv2dInput(Convolution);

impl<T: Float> Op<T> for Conv2dInput {
    type Arity = Fixed<2>;
    const NAME: &'static str = "conv2d_input";
    const FORMULA: &'static str = "I(g, w) = ∂ Σ g C(x, w) / ∂x";
    const DERIVATIVE: &'static str = "C(grad, w); W(grad, g)";
    const SAVES: Saves = Saves::OtherInputs;

    fn forward(&self, [grad, weight]: [Array<T>; 2]) -> Array<T> {
        let shape = self.0.input_shape();
        let mut out = of_shape("conv2d_input", shape.slice());
        self.0.write_input_grad(grad.contiguous().slice(), weight.contiguous().slice(), &mut out);
        Array::own(shape, out)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        [
            saved.wants(0).then(|| convolve(self.0, &grad, &saved.input(1))),
            saved.wants(1).then(|| Conv2dWeight(self.0).apply([&grad, &saved.input(0)])),
        ]
    }
}

/// W(x, g).
struct Conv2dWeight(Convolution);

impl<T: Float> Op<T> for Conv2dWeight {
    type Arity = Fixed<2>;
    const NAME: &'static str = "conv2d_weight";
    const FORMULA: &'static str = "W(x, g) = ∂ Σ g C(x, w) / ∂w";
    const DERIVATIVE: &'static str = "I(g, grad); C(x, grad)";
    const SAVES: Saves = Saves::OtherInputs;

    fn forward(&self, [x, grad]: [Array<T>; 2]) -> Array<T> {
        let shape = weight_shape(&self.0);
        let mut out = of_shape("conv2d_weight", shape.slice());
        self.0.write_weight_grad(x.contiguous().slice(), grad.contiguous().slice(), &mut out);
        Array::own(shape, out)
    }

    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        [
            saved.wants(0).then(|| Conv2dInput(self.0).apply([&saved.input(1), &grad])),
            saved.wants(1).then(|| convolve(self.0, &saved.input(0), &grad)),
        ]
    }
}

/// C(x, w).
#[track_caller]
fn convolve<T: Float>(sizes: Convolution, x: &Tensor<T>, weight: &Tensor<T>) -> Tensor<T> {
    let no_bias = Tensor::from_array(Array::full(sizes.groups * sizes.features, T::zero()));
    Conv2d(sizes).apply([x, weight, &no_bias])
}

fn weight_shape(sizes: &Convolution) -> Shape {
    let [height, width] = sizes.window.kernel;
    [sizes.groups * sizes.features, sizes.channels, height, width].into_shape()
}

/// Stride, padding, dilation and groups of [`Tensor::conv2d`]; each setting is a number or a pair (rows, columns).
///
/// ```
/// use downhill_tensor::Conv2dOptions;
/// let options = Conv2dOptions::new().stride(2).padding([1, 2]);
/// assert_eq!(options.to_string(), "stride=(2, 2), padding=(1, 2)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    stride: Pair,
    padding: Padding,
    dilation: Pair,
    groups: usize,
}

impl Conv2dOptions {
    /// Stride 1, no padding, dilation 1, one group.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Conv2dOptions { stride: Pair::Both(1), padding: Padding::from(0), dilation: Pair::Both(1), groups: 1 }
    }

    /// How far the window moves from one output to the next.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        Conv2dOptions { stride: at_least_one("conv2d", "stride", stride.into()), ..self }
    }

    /// How many rows and columns of zeros surround the image on each side, or [`Padding::Same`].
    pub fn padding(self, padding: impl Into<Padding>) -> Self {
        Conv2dOptions { padding: padding.into(), ..self }
    }

    /// The distance between neighbouring taps of the window.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        Conv2dOptions { dilation: at_least_one("conv2d", "dilation", dilation.into()), ..self }
    }

    /// The number of groups the channels are divided into; each group of output channels sees only its own group of
    /// input channels.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn groups(self, groups: usize) -> Self {
        at_least_one("conv2d", "groups", groups.into());
        Conv2dOptions { groups, ..self }
    }

    /// The padding on each side for a weight, and the extra padding at the bottom and right.
    fn padding_for(&self, weight: &[usize]) -> Result<([usize; 2], [usize; 2]), Error> {
        let kernel = match (self.padding, weight) {
            (Padding::Each(padding), _) => return Ok((padding.to_array(), [0, 0])),
            (Padding::Same, &[_, _, height, width]) => [height, width],
            // A weight of the wrong rank is reported by `sizes`.
            (Padding::Same, _) => return Ok(([0, 0], [0, 0])),
        };
        if self.stride.to_array() != [1, 1] {
            let expected = "a stride of 1 with `Padding::Same`, whose output is as large as the image";
            let given = format!("{}; give the padding as numbers", self.stride);
            return Err(Error::expected("conv2d", expected, given));
        }
        let dilation = self.dilation.to_array();
        // `sizes` rejects a span that overflows.
        let total = [0, 1].map(|axis| dilation[axis].saturating_mul(kernel[axis].saturating_sub(1)));
        Ok((total.map(|total| total / 2), total.map(|total| total % 2)))
    }

    /// All sizes for an input `[n, c, h, w]` and a weight, or the error if they do not fit.
    fn sizes(&self, input: [usize; 4], weight: &[usize], padding: [usize; 2]) -> Result<Convolution, Error> {
        let (op, [batch, channels, height, width]) = ("conv2d", input);
        let &[features, per_group, kernel_height, kernel_width] = weight else {
            let expected = "a weight [out, in / groups, kernel height, kernel width]";
            return Err(Error::expected(op, expected, format!("a weight {weight:?}")));
        };
        let groups = self.groups;
        if features % groups != 0 {
            let expected = format!("output channels that groups = {groups} divides");
            let given =
                format!("{features} in the weight {weight:?}; choose groups that divide both numbers of channels");
            return Err(Error::expected(op, expected, given));
        }
        // An overflowing product cannot equal the number of channels.
        let wanted = per_group.saturating_mul(groups);
        if channels != wanted {
            let s = if wanted == 1 { "" } else { "s" };
            let expected =
                format!("an input with {wanted} channel{s}, which a weight {weight:?} with groups = {groups} reads");
            let remedy = match (input, wanted) {
                ([1, ..], 1) => "`unsqueeze(1)` makes a batch of images with one channel of [batch, height, width]",
                _ => "give the previous layer as many outputs as this one has inputs",
            };
            let given = format!("{channels} in {input:?}; {remedy}");
            return Err(Error::expected(op, expected, given));
        }
        let window = Window {
            kernel: [kernel_height, kernel_width],
            stride: self.stride.to_array(),
            padding,
            dilation: self.dilation.to_array(),
        };
        let image = [height, width];
        let output = window.output(op, image, false)?;
        let sizes =
            Convolution { batch, groups, channels: per_group, features: features / groups, image, output, window };
        if !sizes.is_countable() {
            let expected = "images that can be counted, with their padding and under all windows".to_owned();
            return Err(Error::Expected {
                op,
                expected,
                given: format!("{input:?} with a weight {weight:?} and {self}"),
            });
        }
        Ok(sizes)
    }
}

/// As PyTorch prints them: the stride always, the others where they are not the default.
impl fmt::Display for Conv2dOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [[sy, sx], dilation] = [self.stride, self.dilation].map(Pair::to_array);
        write!(f, "stride=({sy}, {sx})")?;
        match self.padding {
            Padding::Same => write!(f, ", padding=same")?,
            Padding::Each(padding) => match padding.to_array() {
                [0, 0] => {}
                [rows, columns] => write!(f, ", padding=({rows}, {columns})")?,
            },
        }
        if dilation != [1, 1] {
            write!(f, ", dilation=({}, {})", dilation[0], dilation[1])?;
        }
        if self.groups != 1 {
            write!(f, ", groups={}", self.groups)?;
        }
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// 2-d convolution (cross-correlation, as in PyTorch): at every position of the kernel, the sum of the products
    /// of its weights with the elements under it. `[n, in, h, w]` or `[in, h, w]` with a weight `[out, in / groups,
    /// kh, kw]` and a bias `[out]` gives `[n, out, oh, ow]` or `[out, oh, ow]`, where oh = (h + 2 padding - dilation
    /// (kh - 1) - 1) / stride + 1, rounded down, or oh = h with [`Padding::Same`].
    ///
    /// ```
    /// use downhill_tensor::{Conv2dOptions, Tensor};
    /// let image = Tensor::from([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]);
    /// let edges = Tensor::from([[[[-1.0, 1.0]]]]);
    /// let y = image.conv2d(&edges, None, Conv2dOptions::new());
    /// assert_eq!((y.shape(), y.to_vec()), (&[1, 2, 2][..], vec![1.0; 4]));
    /// ```
    ///
    /// # Panics
    /// When the ranks or the numbers of channels do not match, the window is larger than the padded image, or the
    /// stride is not 1 with [`Padding::Same`].
    #[track_caller]
    pub fn conv2d(&self, weight: &Tensor<T>, bias: Option<&Tensor<T>>, options: Conv2dOptions) -> Tensor<T> {
        let images = self.as_images("conv2d");
        let (padding, [below, right]) = options.padding_for(weight.shape()).or_raise();
        let images = match [below, right] {
            [0, 0] => images,
            _ => images.pad([0, right as isize, 0, below as isize], T::Scalar::default()),
        };
        let sizes = options.sizes(sizes_of(&images), weight.shape(), padding).or_raise();
        let output = match bias {
            None => convolve(sizes, &images, weight),
            Some(bias) => {
                if bias.shape() != &weight.shape()[..1] {
                    let expected = format!("a bias [{}], one number for each output channel", weight.shape()[0]);
                    Error::expected("conv2d", expected, format!("{:?}", bias.shape())).raise();
                }
                Conv2d(sizes).apply([&images, weight, bias])
            }
        };
        output.with_batch_of(self)
    }
}
