//! `Identity`: a layer that returns its input, as a placeholder for another layer.

use crate::copy::copied_by_clone;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::display_as_summary;

/// Returns its input, of any type. It can replace the last layer of a network without changing the structure.
///
/// ```
/// use downhill_nn::{Identity, Layer};
/// use downhill_tensor::Tensor;
/// let x = Tensor::from([1.0, 2.0]);
/// assert!(Identity.forward(&x).is(&x));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Identity;

copied_by_clone!(Identity);

impl Module for Identity {
    fn visit(&self, _: &mut dyn Visitor) {}

    fn name(&self) -> &'static str {
        "Identity"
    }
}

impl<X: Clone + 'static> Layer<X> for Identity {
    type Output = X;

    fn forward(&self, input: &X) -> X {
        input.clone()
    }
}

display_as_summary!(Identity);
