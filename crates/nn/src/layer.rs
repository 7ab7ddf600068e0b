//! What can be stacked: a module with one input and one output.

use std::panic::Location;

use downhill_tensor::{Tensor, calling};

use crate::copy::{CloneLayer, DeepCopy};
use crate::module::Module;

/// A module that turns one input into one output, so that it can stand in a `Sequential`.
///
/// A layer can be cloned and copied, so that networks of layers behind pointers can be: `#[derive(Clone, Module)]`.
///
/// A network of your own needs no `Layer`: its `forward` may take and give what it likes.
pub trait Layer<X = Tensor>: Module + CloneLayer<X> {
    /// What comes out.
    type Output;

    /// Computes the output.
    ///
    /// A mistake in a `forward` of your own panics at the line in it. Layers that are one operation, as those of this crate,
    /// say `#[track_caller]` in their implementation, so that the panic is at the line that calls them.
    fn forward(&self, input: &X) -> Self::Output;
}

/// A layer behind a pointer is that layer, so that a choice between layers can be made when running.
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
