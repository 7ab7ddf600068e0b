//! Initial numbers for parameters, as in `torch.nn.init`: each function changes a tensor in place and returns it.
//!
//! They run without recording, so they may be used on parameters, and draw from the default generator.
//!
//! ```
//! use downhill_nn::{Linear, init};
//! use downhill_tensor::manual_seed;
//! manual_seed(0);
//! let layer = Linear::new(100, 50);
//! init::xavier_uniform_(&layer.weight, 1.0);
//! init::zeros_(layer.bias.as_ref().unwrap());
//! assert!(layer.weight.abs().max().item() <= 0.2); // √(6 / (100 + 50))
//! ```

use std::panic::Location;

use downhill_tensor::{CreateFloat, Error, Float, Tensor, calling, no_grad};

/// Which connections keep their variance from layer to layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FanMode {
    /// Those into a unit: the size of the forward values is kept.
    #[default]
    FanIn,
    /// Those out of a unit: the size of the gradients is kept.
    FanOut,
}

/// The function behind a layer, by which its initial numbers are scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// None, also of a convolution.
    Linear,
    /// The logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// Negative numbers cut to 0.
    ReLU,
    /// Negative numbers times this slope: the `a` of PyTorch's `kaiming_uniform_`.
    LeakyReLU(f64),
    /// The self-normalising exponential unit.
    SELU,
}

/// The factor by which initial numbers are larger than for a linear layer, as PyTorch recommends it.
///
/// ```
/// use downhill_nn::init::{Nonlinearity, calculate_gain};
/// assert_eq!(calculate_gain(Nonlinearity::ReLU), 2f64.sqrt());
/// ```
pub fn calculate_gain(nonlinearity: Nonlinearity) -> f64 {
    match nonlinearity {
        Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
        Nonlinearity::Tanh => 5.0 / 3.0,
        Nonlinearity::ReLU => 2f64.sqrt(),
        // Beyond 1e100 the 1 counts for nothing, and the square would overflow.
        Nonlinearity::LeakyReLU(slope) if slope.abs() > 1e100 => 2f64.sqrt() / slope.abs(),
        Nonlinearity::LeakyReLU(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
        Nonlinearity::SELU => 3.0 / 4.0,
    }
}

/// Numbers drawn evenly from `low` to `high`.
///
/// # Panics
/// When `low` is greater than `high` or one is not finite, or the tensor is a view.
#[track_caller]
pub fn uniform_<T: Float>(tensor: &Tensor<T>, low: f64, high: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    if !(low <= high && (high - low).is_finite()) {
        let expected = "in rising order and finite";
        Error::Argument { op: "uniform_", name: "the range", given: format!("{low} to {high}"), expected }.raise();
    }
    let numbers = tensor.rand_like() * (high - low) + low;
    write(tensor, &numbers)
}

/// Numbers drawn from a normal distribution.
///
/// # Panics
/// When `std` is negative or not finite, or the tensor is a view.
#[track_caller]
pub fn normal_<T: Float>(tensor: &Tensor<T>, mean: f64, std: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    let numbers = <Tensor<T> as CreateFloat>::normal(mean, std, tensor.shape());
    write(tensor, &numbers)
}

/// One number everywhere.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn constant_<T: Float>(tensor: &Tensor<T>, value: f64) -> Tensor<T> {
    write(tensor, &tensor.full_like(value))
}

/// Zeros.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn zeros_<T: Float>(tensor: &Tensor<T>) -> Tensor<T> {
    constant_(tensor, 0.0)
}

/// Ones.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn ones_<T: Float>(tensor: &Tensor<T>) -> Tensor<T> {
    constant_(tensor, 1.0)
}

/// Numbers drawn evenly within ±`gain` √(6 / (fan in + fan out)); fan in and fan out count the connections of a unit.
///
/// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
///
/// # Panics
/// When the tensor has fewer than two dimensions or is a view.
#[track_caller]
pub fn xavier_uniform_<T: Float>(tensor: &Tensor<T>, gain: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    let Fans { fan_in, fan_out } = Fans::of("xavier_uniform_", tensor);
    even(tensor, gain * (6.0 / (fan_in + fan_out)).sqrt())
}

/// Normally distributed numbers with mean 0 and standard deviation `gain` √(2 / (fan in + fan out)).
///
/// # Panics
/// As [`xavier_uniform_`].
#[track_caller]
pub fn xavier_normal_<T: Float>(tensor: &Tensor<T>, gain: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    let Fans { fan_in, fan_out } = Fans::of("xavier_normal_", tensor);
    bell(tensor, gain * (2.0 / (fan_in + fan_out)).sqrt())
}

/// Numbers drawn evenly within ± gain √(3 / fan), with the gain of the nonlinearity.
///
/// ```
/// use downhill_nn::init::{FanMode, Nonlinearity, kaiming_uniform_};
/// use downhill_tensor::Tensor;
/// // What PyTorch writes as `kaiming_uniform_(w, a=math.sqrt(5))`, the start of its linear layers: ±1/√in.
/// let w = Tensor::zeros([8, 100]);
/// kaiming_uniform_(&w, FanMode::FanIn, Nonlinearity::LeakyReLU(5f64.sqrt()));
/// assert!(w.abs().max().item() <= 0.1001);
/// ```
///
/// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015).
///
/// # Panics
/// As [`xavier_uniform_`].
#[track_caller]
pub fn kaiming_uniform_<T: Float>(tensor: &Tensor<T>, mode: FanMode, nonlinearity: Nonlinearity) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    let fan = Fans::of("kaiming_uniform_", tensor).by(mode);
    even(tensor, calculate_gain(nonlinearity) * (3.0 / fan).sqrt())
}

/// Normally distributed numbers with mean 0 and standard deviation gain / √fan, with the gain of the nonlinearity.
///
/// # Panics
/// As [`xavier_uniform_`].
#[track_caller]
pub fn kaiming_normal_<T: Float>(tensor: &Tensor<T>, mode: FanMode, nonlinearity: Nonlinearity) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    let fan = Fans::of("kaiming_normal_", tensor).by(mode);
    bell(tensor, calculate_gain(nonlinearity) / fan.sqrt())
}

/// How many connections lead into a unit and out of it.
struct Fans {
    fan_in: f64,
    fan_out: f64,
}

impl Fans {
    /// For a weight `[out, in]`, or `[out, in, ...]` of a convolution, where each place of the kernel is a connection.
    #[track_caller]
    fn of<T: Float>(op: &'static str, tensor: &Tensor<T>) -> Fans {
        let [outputs, inputs, kernel @ ..] = tensor.shape() else {
            let expected = "a weight of at least two dimensions, [out, in, ...]".to_owned();
            Error::Expected { op, expected, given: format!("{:?}", tensor.shape()) }.raise()
        };
        let kernel: usize = kernel.iter().product();
        Fans { fan_in: (inputs * kernel) as f64, fan_out: (outputs * kernel) as f64 }
    }

    fn by(self, mode: FanMode) -> f64 {
        match mode {
            FanMode::FanIn => self.fan_in,
            FanMode::FanOut => self.fan_out,
        }
    }
}

/// Evenly within ±`bound`; a weight without connections has no bound and nothing to draw.
#[track_caller]
fn even<T: Float>(tensor: &Tensor<T>, bound: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    if tensor.numel() == 0 { tensor.clone() } else { uniform_(tensor, -bound, bound) }
}

/// Normally distributed around 0.
#[track_caller]
fn bell<T: Float>(tensor: &Tensor<T>, std: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    if tensor.numel() == 0 { tensor.clone() } else { normal_(tensor, 0.0, std) }
}

#[track_caller]
fn write<T: Float>(tensor: &Tensor<T>, numbers: &Tensor<T>) -> Tensor<T> {
    calling("nn::init", Location::caller(), || no_grad(|| tensor.copy_(numbers)))
}
