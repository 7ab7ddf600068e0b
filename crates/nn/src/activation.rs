//! Functions of each element as layers: `ReLU`, `Sigmoid`, `Tanh`.

use downhill_tensor::{Float, Tensor};

use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::display_as_summary;

/// An activation without options: a name and the method of the tensor that it calls.
macro_rules! activation {
    ($layer:ident, $method:ident) => {
        impl Module for $layer {
            fn visit(&self, _: &mut dyn Visitor) {}

            fn name(&self) -> &'static str {
                stringify!($layer)
            }
        }

        impl<T: Float> Layer<Tensor<T>> for $layer {
            type Output = Tensor<T>;

            #[track_caller]
            fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
                input.$method()
            }
        }

        display_as_summary!($layer);
    };
}

/// Cuts negative elements to 0: see [`Tensor::relu`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;
activation!(ReLU, relu);

/// The logistic function of each element: see [`Tensor::sigmoid`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;
activation!(Sigmoid, sigmoid);

/// The hyperbolic tangent of each element: see [`Tensor::tanh`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;
activation!(Tanh, tanh);
