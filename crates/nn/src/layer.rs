//! What can be stacked: a module with one input and one output.

use downhill_tensor::Tensor;

use crate::module::Module;

/// A module that turns one input into one output, so that it can stand in a `Sequential`.
///
/// A network of your own needs no `Layer`: its `forward` may take and give what it likes.
pub trait Layer<X = Tensor>: Module {
    /// What comes out.
    type Output;

    /// Computes the output.
    #[track_caller]
    fn forward(&self, input: &X) -> Self::Output;
}
