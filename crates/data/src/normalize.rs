//! Scales the channels of images to mean 0 and standard deviation 1: `(x - mean) / std`.

use downhill_tensor::{Element, Error, Float, Tensor};

use crate::moments::moments;

/// Normalises images channel by channel, with given statistics or with those of the images themselves.
///
/// Images have the shape `[..., channels, height, width]`: a single one, or a batch. For columns of a table there is
/// [`StandardScaler`](crate::StandardScaler).
///
/// ```
/// use downhill_data::{DataLoader, Dataset, Normalize, TensorDataset, synthetic::Digits};
/// let digits = Digits::new(100).seed(1).dataset();
///
/// // Once for all images:
/// let normalize = Normalize::fit(&digits.features());
/// let train = TensorDataset::new(normalize.transform(&digits.features()), digits.targets())?;
/// assert!(train.features().mean().item().abs() < 1e-5);
///
/// // Or each batch when it is loaded, here with the statistics of MNIST:
/// let mnist = Normalize::new([0.1307], [0.3081]);
/// let loader = DataLoader::new(digits.map(move |(x, y)| (mnist.transform(&x), y)), 10);
/// # assert_eq!(loader.iter().next().unwrap().0.shape(), [10, 1, 28, 28]);
/// # Ok::<(), downhill_data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Normalize {
    /// With one mean and one standard deviation for each channel, like torchvision's `Normalize`.
    ///
    /// # Panics
    /// When their numbers differ, when there are none, when one is not finite, or when a standard deviation is not
    /// above 0.
    #[track_caller]
    pub fn new(mean: impl Into<Vec<f64>>, std: impl Into<Vec<f64>>) -> Self {
        let (mean, std) = (mean.into(), std.into());
        let op = "Normalize::new";
        if mean.is_empty() || mean.len() != std.len() {
            let expected = "one mean and one std for each channel";
            let given = format!("{} mean(s) and {} std(s)", mean.len(), std.len());
            Error::expected(op, expected, given).raise();
        }
        if mean.iter().any(|mean| !mean.is_finite()) {
            Error::Argument { op, name: "mean", given: format!("{mean:?}"), expected: "finite" }.raise();
        }
        if std.iter().any(|&std| !(std.is_finite() && std > 0.0)) {
            Error::Argument { op, name: "std", given: format!("{std:?}"), expected: "finite and above 0" }.raise();
        }
        Normalize { mean, std }
    }

    /// With the mean and the standard deviation (divided by n) of each channel over all pixels of all images. A
    /// constant channel gets the standard deviation 1, so it becomes 0.
    ///
    /// # Panics
    /// When `images` has fewer than three dimensions, no pixel, or a pixel that is not finite.
    #[track_caller]
    pub fn fit<T: Float>(images: &Tensor<T>) -> Self {
        let op = "Normalize::fit";
        let shape = images.shape();
        if shape.len() < 3 || images.numel() == 0 {
            let expected = "images of shape [..., channels, height, width] with at least one pixel";
            Error::expected(op, expected, format!("shape {shape:?}")).raise();
        }
        let [channels, height, width] = shape[shape.len() - 3..] else { unreachable!("three dimensions") };
        let values: Vec<f64> = images.array().into_vec().into_iter().map(Element::to_scalar).collect();
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            Error::expected(op, "finite pixels", value.to_string()).raise();
        }
        let planes = values.chunks(height * width);
        let moments =
            (0..channels).map(|channel| moments(planes.clone().skip(channel).step_by(channels).flatten().copied()));
        let (mean, std) = moments.map(|(mean, std)| (mean, if std == 0.0 { 1.0 } else { std })).unzip();
        Normalize { mean, std }
    }

    /// The mean of each channel.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each channel.
    pub fn std(&self) -> &[f64] {
        &self.std
    }

    /// `(images - mean) / std`, channel by channel.
    ///
    /// # Panics
    /// When the images have another number of channels.
    #[track_caller]
    pub fn transform<T: Float>(&self, images: &Tensor<T>) -> Tensor<T> {
        self.check("Normalize::transform", images);
        (images - per_channel(&self.mean)) / per_channel(&self.std)
    }

    /// `images * std + mean`, channel by channel: undoes [`Normalize::transform`], to show the images.
    ///
    /// # Panics
    /// As [`Normalize::transform`].
    #[track_caller]
    pub fn inverse_transform<T: Float>(&self, images: &Tensor<T>) -> Tensor<T> {
        self.check("Normalize::inverse_transform", images);
        images * per_channel(&self.std) + per_channel(&self.mean)
    }

    /// Without this check a single channel would broadcast to any number of them.
    #[track_caller]
    fn check<T: Float>(&self, op: &'static str, images: &Tensor<T>) {
        let (shape, channels) = (images.shape(), self.mean.len());
        if shape.len() < 3 || shape[shape.len() - 3] != channels {
            let expected = format!("images of shape [..., {channels}, height, width]");
            Error::expected(op, expected, format!("a tensor of shape {shape:?}")).raise();
        }
    }
}

/// One number for each channel, of shape `[channels, 1, 1]`.
fn per_channel<T: Float>(numbers: &[f64]) -> Tensor<T> {
    let values = numbers.iter().map(|&x| T::of(x)).collect();
    Tensor::from_vec(values, [numbers.len(), 1, 1]).expect("one number for each channel")
}
