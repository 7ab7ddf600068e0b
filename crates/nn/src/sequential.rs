//! `Sequential`: a chain of layers.

use std::panic::Location;

use downhill_tensor::{Float, Tensor, calling};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::part::Part;

/// A chain of layers, each of which takes the output of the one before.
///
/// ```
/// use downhill_nn::{Layer, Linear, ReLU, Sequential};
/// use downhill_tensor::Tensor;
/// let net = Sequential::new().add(Linear::new(2, 8)).add(ReLU).add(Linear::new(8, 1));
/// assert_eq!(net.forward(&Tensor::zeros([4, 2])).shape(), [4, 1]);
/// ```
#[derive(Clone)]
pub struct Sequential<T: Float = f32, X: 'static = Tensor<T>> {
    start: Start<T, X>,
    layers: Vec<Placed<T>>,
}

/// How the input becomes the first tensor.
#[derive(Clone)]
enum Start<T: Float, X: 'static> {
    /// The input is a tensor.
    Input(fn(&X) -> Tensor<T>),
    /// A layer with an input of its own type, such as an `Embedding`.
    Layer(Placed<T, X>),
}

/// A layer and its position in words, for error messages.
type Placed<T, X = Tensor<T>> = (String, Box<dyn Layer<X, Output = Tensor<T>>>);

fn placed<T: Float, X: 'static>(i: usize, layer: impl Layer<X, Output = Tensor<T>> + 'static) -> Placed<T, X> {
    (format!("layer {i} ({}) of Sequential", layer.name()), Box::new(layer))
}

impl<T: Float> Sequential<T> {
    /// An empty chain: the output is the input.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Sequential { start: Start::Input(Tensor::clone), layers: Vec::new() }
    }
}

impl<T: Float, X: 'static> Sequential<T, X> {
    /// A chain that starts with a layer whose input is not a float tensor, such as an `Embedding`, which takes
    /// integers.
    ///
    /// ```
    /// use downhill_nn::{Embedding, Flatten, Layer, Linear, Sequential};
    /// use downhill_tensor::Tensor;
    /// let net = Sequential::starting_with(Embedding::new(10, 3)).add(Flatten::new()).add(Linear::new(6, 1));
    /// assert_eq!(net.forward(&Tensor::from([[4, 2], [9, 0]])).shape(), [2, 1]);
    /// ```
    pub fn starting_with(layer: impl Layer<X, Output = Tensor<T>> + 'static) -> Self {
        Sequential { start: Start::Layer(placed(0, layer)), layers: Vec::new() }
    }

    /// Adds a layer at the end.
    #[allow(clippy::should_implement_trait)] // The name says that a layer is added, not numbers.
    pub fn add(mut self, layer: impl Layer<Tensor<T>, Output = Tensor<T>> + 'static) -> Self {
        self.layers.push(placed(self.len(), layer));
        self
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len() + usize::from(matches!(self.start, Start::Layer(_)))
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Float, X: 'static> DeepCopy for Sequential<T, X> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        let start = match &self.start {
            Start::Input(tensor) => Start::Input(*tensor),
            Start::Layer((place, layer)) => Start::Layer((place.clone(), layer.copy_with(copies))),
        };
        let copied = |(place, layer): &Placed<T>| (place.clone(), layer.copy_with(copies));
        Sequential { start, layers: self.layers.iter().map(copied).collect() }
    }
}

impl<T: Float, X: 'static> Module for Sequential<T, X> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        let first = self.len() - self.layers.len();
        if let Start::Layer((_, layer)) = &self.start {
            layer.visit_as("0", visitor);
        }
        for (i, (_, layer)) in self.layers.iter().enumerate() {
            layer.visit_as(&(first + i).to_string(), visitor);
        }
    }

    fn name(&self) -> &'static str {
        "Sequential"
    }
}

impl<T: Float, X: Clone + 'static> Layer<X> for Sequential<T, X> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &X) -> Tensor<T> {
        let caller = Location::caller();
        let first = match &self.start {
            Start::Input(tensor) => tensor(input),
            Start::Layer((place, layer)) => calling(place, caller, || layer.as_ref().forward(input)),
        };
        let forward =
            |x: Tensor<T>, (place, layer): &Placed<T>| calling(place, caller, || layer.as_ref().forward(&x));
        self.layers.iter().fold(first, forward)
    }
}

impl<T: Float, X: 'static> std::fmt::Display for Sequential<T, X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::summary(self))
    }
}
