//! `Flatten`: flattens the dimensions of each example into one, between convolutions and linear layers.

use downhill_tensor::{Element, Tensor};

use crate::copy::copied_by_clone;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::summary::display_as_summary;

/// Flattens dimensions into one; by default all but the first, which is the batch.
///
/// ```
/// use downhill_nn::{Flatten, Layer};
/// use downhill_tensor::Tensor;
/// assert_eq!(Flatten::new().forward(&Tensor::zeros([5, 2, 3])).shape(), [5, 6]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Flatten {
    start_dim: isize,
    end_dim: isize,
}

impl Flatten {
    /// Flattens all dimensions but the first.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Flatten { start_dim: 1, end_dim: -1 }
    }

    /// The first dimension to flatten; 1 by default.
    pub fn start_dim(self, start_dim: isize) -> Self {
        Flatten { start_dim, ..self }
    }

    /// The last dimension to flatten; -1 by default.
    pub fn end_dim(self, end_dim: isize) -> Self {
        Flatten { end_dim, ..self }
    }
}

copied_by_clone!(Flatten);

impl Module for Flatten {
    fn visit(&self, _: &mut dyn Visitor) {}

    fn name(&self) -> &'static str {
        "Flatten"
    }

    fn extra_repr(&self) -> String {
        format!("start_dim={}, end_dim={}", self.start_dim, self.end_dim)
    }
}

impl<T: Element> Layer<Tensor<T>> for Flatten {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        input.flatten_dims(self.start_dim, self.end_dim)
    }
}

display_as_summary!(Flatten);
