//! The trait `Layer`: a module with one input and one output, which can be stacked.

use std::panic::Location;

use downhill_tensor::{Tensor, calling};

use crate::copy::{CloneLayer, DeepCopy};
use crate::module::Module;

/// A module with one input and one output, which can be part of a `Sequential`.
///
/// A layer can be cloned and copied, so that networks of boxed layers can be: `#[derive(Clone, Module)]`.
///
/// Your own network need not be a `Layer`: its `forward` may take and return anything.
pub trait Layer<X = Tensor>: Module + CloneLayer<X> {
    /// The type of the output.
    type Output;

    /// Computes the output.
    ///
    /// A panic in your own `forward` names the line in it. Layers that are a single operation, like those of this
    /// crate, add `#[track_caller]` to `forward`, so that the panic names the line of the caller.
    fn forward(&self, input: &X) -> Self::Output;
}

/// A boxed layer is a layer, so that a layer can be chosen at run time.
///
/// ```
/// use downhill_nn::{Layer, Linear, ReLU, Sequential, Tanh};
/// use downhill_tensor::Tensor;
/// let tanh = true;
/// let activation: Box<dyn Layer<Output = Tensor>> = if tanh { Box::new(Tanh) } else { Box::new(ReLU) };
/// let net = Sequential::new().add(Linear::new(2, 8)).add(activation);
/// # assert_eq!(net.to_string().lines().nth(2), Some("  (1): Tanh()"));
/// ```
impl<X: 'static, L: Layer<X, Output: 'static> + ?Sized + 'static> Layer<X> for Box<L>
where
    Box<L>: Clone + DeepCopy,
{
    type Output = L::Output;

    #[track_caller]
    fn forward(&self, input: &X) -> Self::Output {
        calling(self.name(), Location::caller(), || (**self).forward(input))
    }
}
