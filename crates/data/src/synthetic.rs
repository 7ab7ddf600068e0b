//! Generated data sets: examples of a known linear model, which training should recover, and [`Digits`].

use downhill_tensor::{Error, Generator, Tensor, with_generator};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::TensorDataset;
use crate::random::stream;

mod canvas;
mod digits;
mod strokes;

pub use digits::Digits;

/// A linear model with noise: `targets = features · weight + bias + noise`.
///
/// The features are drawn from N(0, 1), the noise from N(0, sigma²). The defaults give the data set of the
/// linear-regression chapter of "Dive into Deep Learning": 1000 examples, weight `[2, -3.4]`, bias 4.2, noise 0.01.
///
/// ```
/// use downhill_data::{Dataset, synthetic::LinearRegression};
/// let chapter = LinearRegression::default().seed(1).dataset();
/// assert_eq!((chapter.features().shape(), chapter.targets().shape()), (&[1000, 2][..], &[1000, 1][..]));
///
/// let truth = LinearRegression::new([0.5, 1.0, -2.0], 3.0).examples(20).noise(0.0).seed(1);
/// let (features, targets) = truth.dataset().row(0);
/// let expected = features.unsqueeze(0).matmul(&truth.weight()) + truth.bias();
/// assert!((targets.item() - expected.item()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinearRegression {
    weight: Vec<f64>,
    bias: f64,
    examples: usize,
    noise: f64,
    seed: Option<u64>,
}

/// The stream of a seed that draws examples: the last one, so that no epoch of a loader with this seed uses it.
const EXAMPLES: u64 = u64::MAX;

impl Default for LinearRegression {
    fn default() -> Self {
        LinearRegression::new([2.0, -3.4], 4.2)
    }
}

impl LinearRegression {
    /// A model with one weight for each feature; 1000 examples and noise of standard deviation 0.01.
    ///
    /// # Panics
    /// When there is no weight.
    #[track_caller]
    pub fn new(weight: impl Into<Vec<f64>>, bias: f64) -> Self {
        let weight = weight.into();
        if weight.is_empty() {
            let (op, given) = ("LinearRegression::new", "empty".to_owned());
            Error::Argument { op, name: "weight", given, expected: "at least one number" }.raise();
        }
        LinearRegression { weight, bias, examples: 1000, noise: 0.01, seed: None }
    }

    /// The number of examples.
    pub fn examples(self, examples: usize) -> Self {
        LinearRegression { examples, ..self }
    }

    /// The standard deviation of the noise.
    ///
    /// # Panics
    /// When it is negative or not finite.
    #[track_caller]
    pub fn noise(self, noise: f64) -> Self {
        if !(noise.is_finite() && noise >= 0.0) {
            let (op, given) = ("LinearRegression::noise", noise.to_string());
            Error::Argument { op, name: "noise", given, expected: "finite and not negative" }.raise();
        }
        LinearRegression { noise, ..self }
    }

    /// The seed, which alone determines the examples. Without it, one is drawn from the default generator for each
    /// data set.
    ///
    /// Each example draws its features and then its noise, so a larger data set begins with the same examples.
    pub fn seed(self, seed: u64) -> Self {
        LinearRegression { seed: Some(seed), ..self }
    }

    /// The true weight, of shape `[number of features, 1]`.
    pub fn weight(&self) -> Tensor {
        tensor(self.weight.iter().map(|&w| w as f32).collect(), [self.weight.len(), 1])
    }

    /// The true bias, of shape `[1]`.
    pub fn bias(&self) -> Tensor {
        Tensor::full([1], self.bias)
    }

    /// Draws the examples: features of shape `[examples, number of features]` and targets of shape `[examples, 1]`.
    pub fn dataset(&self) -> TensorDataset {
        let seed = self.seed.unwrap_or_else(|| with_generator(|generator| generator.next_u64()));
        let mut generator = stream(seed, EXAMPLES);
        let mut features = Vec::with_capacity(self.examples * self.weight.len());
        let mut targets = Vec::with_capacity(self.examples);
        for _ in 0..self.examples {
            let mut target = self.bias;
            for weight in &self.weight {
                // The target is computed from the feature as stored, rounded to the element type.
                let feature = standard_normal(&mut generator) as f32;
                target += weight * f64::from(feature);
                features.push(feature);
            }
            targets.push((target + self.noise * standard_normal(&mut generator)) as f32);
        }
        let features = tensor(features, [self.examples, self.weight.len()]);
        TensorDataset::new(features, tensor(targets, [self.examples, 1])).expect("one target for each example")
    }
}

fn standard_normal(generator: &mut Generator) -> f64 {
    StandardNormal.sample(generator)
}

fn tensor(data: Vec<f32>, shape: [usize; 2]) -> Tensor {
    Tensor::from_vec(data, shape).expect("as many numbers as the shape holds")
}
