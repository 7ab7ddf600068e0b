//! `Sequential`: layers one after the other.

use std::panic::Location;

use downhill_tensor::{Float, Tensor, calling};

use crate::layer::Layer;
use crate::module::{Module, Part, Visitor};
use crate::summary::display_as_summary;

/// Layers of which each takes the output of the one before.
///
/// ```
/// use downhill_nn::{Layer, Linear, ReLU, Sequential};
/// use downhill_tensor::Tensor;
/// let net = Sequential::new().add(Linear::new(2, 8)).add(ReLU).add(Linear::new(8, 1));
/// assert_eq!(net.forward(&Tensor::zeros([4, 2])).shape(), [4, 1]);
/// ```
#[derive(Clone)]
pub struct Sequential<T: Float = f32> {
    layers: Vec<Placed<T>>,
}

/// A layer and its place in words, for messages.
type Placed<T> = (String, Box<dyn Layer<Tensor<T>, Output = Tensor<T>>>);

impl<T: Float> Sequential<T> {
    /// No layers yet: the output is the input.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Sequential { layers: Vec::new() }
    }

    /// With one more layer at the end.
    #[allow(clippy::should_implement_trait)] // PyTorch people think of adding a layer, not of a sum.
    pub fn add(mut self, layer: impl Layer<Tensor<T>, Output = Tensor<T>> + 'static) -> Self {
        let place = format!("layer {} ({}) of Sequential", self.layers.len(), layer.name());
        self.layers.push((place, Box::new(layer)));
        self
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

impl<T: Float> Module for Sequential<T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        for (i, (_, layer)) in self.layers.iter().enumerate() {
            layer.visit_as(&i.to_string(), visitor);
        }
    }

    fn name(&self) -> &'static str {
        "Sequential"
    }
}

impl<T: Float> Layer<Tensor<T>> for Sequential<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        let caller = Location::caller();
        let forward = |x: Tensor<T>, (place, layer): &Placed<T>| calling(place, caller, || layer.as_ref().forward(&x));
        self.layers.iter().fold(input.clone(), forward)
    }
}

display_as_summary!(Sequential<T>, T: Float);
