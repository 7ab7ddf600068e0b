//! `Dropout`: drops random elements in training, so that no unit relies on another one.

use downhill_tensor::observe::{Note, id, note};
use downhill_tensor::{Error, Float, Tensor};

use crate::copy::copied_by_clone;
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::part::Part;
use crate::summary::{display_as_summary, number};
use crate::training::Training;

/// In training, sets each element to 0 with probability `p` and divides the others by 1 - p; see [`Tensor::dropout`].
/// In evaluation, the output is the input.
///
/// ```
/// use downhill_nn::{Dropout, Layer, Module};
/// use downhill_tensor::Tensor;
/// let layer = Dropout::new(0.5);
/// assert!(layer.forward(&Tensor::ones([8])).to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
/// layer.eval();
/// assert_eq!(layer.forward(&Tensor::ones([2])).to_vec(), [1.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Dropout {
    p: f64,
    training: Training,
}

impl Dropout {
    /// A layer that drops each element with this probability.
    ///
    /// # Panics
    /// When `p` is not between 0 and 1.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        if !(0.0..=1.0).contains(&p) {
            Error::Argument { op: "Dropout", name: "p", given: p.to_string(), expected: "from 0 to 1" }.raise();
        }
        Dropout { p, training: Training::new() }
    }
}

impl Default for Dropout {
    /// The probability is 0.5.
    fn default() -> Self {
        Dropout::new(0.5)
    }
}

copied_by_clone!(Dropout);

impl Module for Dropout {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.training.visit_as("training", visitor);
    }

    fn name(&self) -> &'static str {
        "Dropout"
    }

    fn extra_repr(&self) -> String {
        format!("p={}, inplace=False", number(self.p))
    }
}

impl<T: Float> Layer<Tensor<T>> for Dropout {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        if !self.training.is_on() || self.p == 0.0 {
            return input.clone();
        }
        let output = input.dropout(self.p);
        note(|| Note::RanInTraining { layer: self.name(), output: id(&output) });
        output
    }
}

display_as_summary!(Dropout);
