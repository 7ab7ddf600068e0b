//! Activation functions as layers: elementwise ones from `ReLU` to `GELU`, and `Softmax` and `LogSoftmax` along a
//! dimension.

use downhill_tensor::{Float, Tensor};

use crate::copy::copied_by_clone;
use crate::functional;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::{display_as_summary, number};

/// Implements an activation: what it computes and how its options are printed.
macro_rules! activation {
    ($layer:ident, |$self:ident, $input:ident| $output:expr, $extra_repr:expr $(,)?) => {
        impl Module for $layer {
            fn visit(&self, _: &mut dyn Visitor) {}

            fn name(&self) -> &'static str {
                stringify!($layer)
            }

            fn extra_repr(&self) -> String {
                let $self = self;
                $extra_repr
            }
        }

        impl<T: Float> Layer<Tensor<T>> for $layer {
            type Output = Tensor<T>;

            #[track_caller]
            fn forward(&self, $input: &Tensor<T>) -> Tensor<T> {
                let $self = self;
                $output
            }
        }

        copied_by_clone!($layer);
        display_as_summary!($layer);
    };
    ($layer:ident, $method:ident) => {
        activation!($layer, |_layer, input| input.$method(), String::new());
    };
}

/// Sets negative elements to 0: see [`Tensor::relu`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;
activation!(ReLU, relu);

/// The sigmoid of each element: see [`Tensor::sigmoid`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;
activation!(Sigmoid, sigmoid);

/// The hyperbolic tangent of each element: see [`Tensor::tanh`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;
activation!(Tanh, tanh);

/// x σ(x) of each element: see [`Tensor::silu`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SiLU;
activation!(SiLU, silu);

/// Multiplies negative elements by a slope: see [`Tensor::leaky_relu`].
///
/// ```
/// use downhill_nn::{Layer, LeakyReLU};
/// use downhill_tensor::Tensor;
/// assert_eq!(LeakyReLU::new(0.5).forward(&Tensor::from([-2.0, 2.0])).to_vec(), [-1.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LeakyReLU {
    negative_slope: f64,
}
activation!(
    LeakyReLU,
    |layer, input| input.leaky_relu(layer.negative_slope),
    format!("negative_slope={}", number(layer.negative_slope))
);

impl LeakyReLU {
    /// With this slope for negative elements; PyTorch's default is 0.01.
    pub fn new(negative_slope: f64) -> Self {
        LeakyReLU { negative_slope }
    }
}

impl Default for LeakyReLU {
    /// With a slope of 0.01.
    fn default() -> Self {
        LeakyReLU::new(0.01)
    }
}

/// α (exp(x) - 1) for negative elements, x for others: see [`Tensor::elu`].
#[derive(Clone, Copy, Debug)]
pub struct ELU {
    alpha: f64,
}
activation!(ELU, |layer, input| input.elu(layer.alpha), format!("alpha={}", number(layer.alpha)));

impl ELU {
    /// With this α; PyTorch's default is 1.
    pub fn new(alpha: f64) -> Self {
        ELU { alpha }
    }
}

impl Default for ELU {
    /// With α = 1.
    fn default() -> Self {
        ELU::new(1.0)
    }
}

/// How [`GELU`] computes the normal distribution function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approximate {
    /// Exactly, with the error function.
    #[default]
    None,
    /// Approximately, with a hyperbolic tangent.
    Tanh,
}

/// x Φ(x) of each element, with the distribution function Φ of the normal distribution: see [`Tensor::gelu`].
///
/// ```
/// use downhill_nn::{Approximate, GELU};
/// assert_eq!(GELU::new(Approximate::Tanh).to_string(), "GELU(approximate='tanh')");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GELU {
    approximate: Approximate,
}
activation!(
    GELU,
    |layer, input| functional::gelu(input, layer.approximate),
    match layer.approximate {
        Approximate::None => "approximate='none'".to_owned(),
        Approximate::Tanh => "approximate='tanh'".to_owned(),
    }
);

impl GELU {
    /// Exact or approximated; exact is the default.
    pub fn new(approximate: Approximate) -> Self {
        GELU { approximate }
    }
}

/// The smooth form of `ReLU`, log(1 + exp(β x)) / β: see [`Tensor::softplus`].
#[derive(Clone, Copy, Debug)]
pub struct Softplus {
    beta: f64,
    threshold: f64,
}
activation!(
    Softplus,
    |layer, input| input.softplus(layer.beta, layer.threshold),
    format!("beta={}, threshold={}", number(layer.beta), number(layer.threshold))
);

impl Softplus {
    /// With this β; x itself where β x is above the threshold. PyTorch's defaults are 1 and 20.
    pub fn new(beta: f64, threshold: f64) -> Self {
        Softplus { beta, threshold }
    }
}

impl Default for Softplus {
    /// With β = 1 and a threshold of 20.
    fn default() -> Self {
        Softplus::new(1.0, 20.0)
    }
}

/// Exponentials scaled to sum to 1 along a dimension: see [`Tensor::softmax`].
///
/// ```
/// use downhill_nn::{Layer, Softmax};
/// use downhill_tensor::Tensor;
/// assert_eq!(Softmax::new(1).forward(&Tensor::from([[5.0, 5.0]])).to_vec(), [0.5, 0.5]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Softmax {
    dim: isize,
}
activation!(Softmax, |layer, input| input.softmax(layer.dim), format!("dim={}", layer.dim));

impl Softmax {
    /// A layer for this dimension.
    pub fn new(dim: isize) -> Self {
        Softmax { dim }
    }
}

/// The logarithm of [`Softmax`]: see [`Tensor::log_softmax`].
#[derive(Clone, Copy, Debug)]
pub struct LogSoftmax {
    dim: isize,
}
activation!(LogSoftmax, |layer, input| input.log_softmax(layer.dim), format!("dim={}", layer.dim));

impl LogSoftmax {
    /// A layer for this dimension.
    pub fn new(dim: isize) -> Self {
        LogSoftmax { dim }
    }
}
