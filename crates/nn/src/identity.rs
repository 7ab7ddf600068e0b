//! `Identity`: a layer that changes nothing, for where another one was or may be.

use crate::copy::copied_by_clone;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::display_as_summary;

/// Gives back what it is given, of any type: a network whose last layer is taken off keeps its form.
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
