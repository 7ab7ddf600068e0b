//! Initialisation of parameters, as in `torch.nn.init`: each function fills a tensor in place and returns it.
//!
//! They are not recorded by autograd, so they may be used on parameters. Random numbers come from the default
//! generator.
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

/// Whether the variance of forward values or of gradients is preserved from layer to layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FanMode {
    /// Scales by the number of inputs of a unit, which preserves the variance of the forward values.
    #[default]
    FanIn,
    /// Scales by the number of outputs of a unit, which preserves the variance of the gradients.
    FanOut,
}

/// The nonlinearity after a layer, which determines the scale of its initial weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// No nonlinearity, after a linear layer or a convolution.
    Linear,
    /// The logistic function.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// Sets negative numbers to 0.
    ReLU,
    /// Multiplies negative numbers by this slope: the `a` of PyTorch's `kaiming_uniform_`.
    LeakyReLU(f64),
    /// The scaled exponential linear unit (SELU).
    SELU,
}

/// The factor for the standard deviation of initial weights, relative to a linear layer, as PyTorch recommends it.
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
        // Beyond 1e100 the 1 is negligible, and the square could overflow.
        Nonlinearity::LeakyReLU(slope) if slope.abs() > 1e100 => 2f64.sqrt() / slope.abs(),
        Nonlinearity::LeakyReLU(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
        Nonlinearity::SELU => 3.0 / 4.0,
    }
}

/// Fills with numbers from the uniform distribution between `low` and `high`.
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

/// Fills with numbers from the normal distribution with this mean and standard deviation.
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

/// Fills with one value.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn constant_<T: Float>(tensor: &Tensor<T>, value: f64) -> Tensor<T> {
    write(tensor, &tensor.full_like(value))
}

/// Fills with zeros.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn zeros_<T: Float>(tensor: &Tensor<T>) -> Tensor<T> {
    constant_(tensor, 0.0)
}

/// Fills with ones.
///
/// # Panics
/// When the tensor is a view.
#[track_caller]
pub fn ones_<T: Float>(tensor: &Tensor<T>) -> Tensor<T> {
    constant_(tensor, 1.0)
}

/// Glorot initialisation: uniform within ±`gain` √(6 / (fan in + fan out)), where fan in and fan out are the numbers
/// of inputs and outputs of a unit.
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

/// Glorot initialisation: normal with mean 0 and standard deviation `gain` √(2 / (fan in + fan out)).
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

/// He initialisation: uniform within ± gain √(3 / fan), with the gain of the nonlinearity.
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

/// He initialisation: normal with mean 0 and standard deviation gain / √fan, with the gain of the nonlinearity.
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

/// The numbers of inputs and outputs of a unit.
struct Fans {
    fan_in: f64,
    fan_out: f64,
}

impl Fans {
    /// For a weight `[out, in]`, or `[out, in, ...]` of a convolution, where each element of the kernel counts as a
    /// connection.
    #[track_caller]
    fn of<T: Float>(op: &'static str, tensor: &Tensor<T>) -> Fans {
        let [outputs, inputs, kernel @ ..] = tensor.shape() else {
            let expected = "a weight of at least two dimensions, [out, in, ...]";
            Error::expected(op, expected, format!("{:?}", tensor.shape())).raise()
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

/// Uniform within ±`bound`. A weight without elements has no bound and needs no random numbers.
#[track_caller]
fn even<T: Float>(tensor: &Tensor<T>, bound: f64) -> Tensor<T>
where
    Tensor<T>: CreateFloat,
{
    if tensor.numel() == 0 { tensor.clone() } else { uniform_(tensor, -bound, bound) }
}

/// Normal with mean 0.
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
