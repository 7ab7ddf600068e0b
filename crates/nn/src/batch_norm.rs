//! `BatchNorm1d`, `BatchNorm2d`: normalise each channel by its mean and variance: those of the batch in training,
//! running averages in evaluation.

use downhill_tensor::observe::{Note, id, note};
use downhill_tensor::{Create, Error, Float, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::layer::Layer;
use crate::module::{Module, Visitor};
use crate::parameter::{Buffer, Parameter};
use crate::part::Part;
use crate::summary::{number, truth};
use crate::training::Training;

/// Normalises the channels of inputs `[n, channels]` or `[n, channels, length]`: see [`BatchNorm`].
pub type BatchNorm1d<T = f32> = BatchNorm<1, T>;

/// Normalises the channels of images `[n, channels, height, width]`: see [`BatchNorm`].
pub type BatchNorm2d<T = f32> = BatchNorm<2, T>;

/// `(x - mean) / √(variance + eps) * weight + bias` for each channel; see [`Tensor::batch_norm`].
///
/// In training, mean and variance are those of the batch, and they enter the running averages with the weight
/// `momentum`. In evaluation, the running averages are used. The weight starts at 1 and the bias at 0.
///
/// ```
/// use downhill_nn::{BatchNorm2d, Layer, Module};
/// use downhill_tensor::Tensor;
/// let layer = BatchNorm2d::new(3);
/// layer.forward(&Tensor::randn([5, 3, 4, 4]));
/// assert_eq!(layer.num_batches_tracked.as_ref().unwrap().item(), 1);
/// layer.eval();
/// assert_eq!(layer.forward(&Tensor::zeros([1, 3, 1, 1])).shape(), [1, 3, 1, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct BatchNorm<const DIMS: usize, T: Float = f32> {
    /// The scale of each channel, `[channels]`, if there is one.
    pub weight: Option<Parameter<T>>,
    /// The offset of each channel, `[channels]`, if there is one.
    pub bias: Option<Parameter<T>>,
    /// The running mean of each channel, `[channels]`, if it is tracked.
    pub running_mean: Option<Buffer<T>>,
    /// The running variance of each channel, `[channels]`, if it is tracked. It is the unbiased estimate, divided by
    /// n - 1.
    pub running_var: Option<Buffer<T>>,
    /// The number of batches in the running averages, if they are tracked.
    pub num_batches_tracked: Option<Buffer<i64>>,
    num_features: usize,
    eps: f64,
    momentum: Option<f64>,
    training: Training,
}

impl<const DIMS: usize> BatchNorm<DIMS, f32> {
    /// A layer of `f32` for this many channels.
    #[track_caller]
    pub fn new(num_features: usize) -> Self {
        BatchNorm::of(num_features)
    }
}

impl<const DIMS: usize, T: Float> BatchNorm<DIMS, T> {
    /// A layer of any float type for this many channels.
    #[track_caller]
    pub fn of(num_features: usize) -> Self {
        let (zeros, ones) = (Tensor::<T>::zeros([num_features]), Tensor::<T>::ones([num_features]));
        BatchNorm {
            weight: Some(Parameter::new(ones.clone())),
            bias: Some(Parameter::new(zeros.clone())),
            running_mean: Some(Buffer::new(zeros)),
            running_var: Some(Buffer::new(ones)),
            num_batches_tracked: Some(Buffer::new(Tensor::from(0))),
            num_features,
            eps: 1e-5,
            momentum: Some(0.1),
            training: Training::new(),
        }
    }

    /// Added to the variance, so that nothing is divided by 0; 1e-5 by default.
    pub fn eps(self, eps: f64) -> Self {
        BatchNorm { eps, ..self }
    }

    /// The weight of a new batch in the running averages; 0.1 by default. `None` weights all batches equally.
    pub fn momentum(self, momentum: impl Into<Option<f64>>) -> Self {
        BatchNorm { momentum: momentum.into(), ..self }
    }

    /// Whether there are a weight and a bias; yes by default.
    pub fn affine(self, affine: bool) -> Self {
        if affine { self } else { BatchNorm { weight: None, bias: None, ..self } }
    }

    /// Whether there is a bias.
    pub fn bias(self, bias: bool) -> Self {
        if bias { self } else { BatchNorm { bias: None, ..self } }
    }

    /// Whether there are running averages; yes by default. Without them, evaluation uses the statistics of the batch
    /// as well.
    pub fn track_running_stats(self, track: bool) -> Self {
        if track {
            return self;
        }
        BatchNorm { running_mean: None, running_var: None, num_batches_tracked: None, ..self }
    }
}

impl<const DIMS: usize, T: Float> DeepCopy for BatchNorm<DIMS, T> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        BatchNorm {
            weight: self.weight.copy_with(copies),
            bias: self.bias.copy_with(copies),
            running_mean: self.running_mean.copy_with(copies),
            running_var: self.running_var.copy_with(copies),
            num_batches_tracked: self.num_batches_tracked.copy_with(copies),
            ..self.clone()
        }
    }
}

impl<const DIMS: usize, T: Float> Module for BatchNorm<DIMS, T> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.weight.visit_as("weight", visitor);
        self.bias.visit_as("bias", visitor);
        self.running_mean.visit_as("running_mean", visitor);
        self.running_var.visit_as("running_var", visitor);
        self.num_batches_tracked.visit_as("num_batches_tracked", visitor);
        self.training.visit_as("training", visitor);
    }

    fn name(&self) -> &'static str {
        if DIMS == 1 { "BatchNorm1d" } else { "BatchNorm2d" }
    }

    fn extra_repr(&self) -> String {
        let momentum = self.momentum.map_or("None".to_owned(), number);
        let (affine, bias) = (truth(self.weight.is_some()), truth(self.bias.is_some()));
        let tracked = truth(self.running_mean.is_some());
        format!(
            "{}, eps={}, momentum={momentum}, affine={affine}, bias={bias}, track_running_stats={tracked}",
            self.num_features,
            number(self.eps)
        )
    }
}

impl<const DIMS: usize, T: Float> Layer<Tensor<T>> for BatchNorm<DIMS, T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn forward(&self, input: &Tensor<T>) -> Tensor<T> {
        let channels = self.num_features;
        let fits = if DIMS == 1 { (2..=3).contains(&input.ndim()) } else { input.ndim() == 4 };
        if !fits || input.shape()[1] != channels {
            let expected = match DIMS {
                1 => format!("an input [n, {channels}] or [n, {channels}, length]"),
                _ => format!("an input [n, {channels}, height, width]"),
            };
            Error::expected(self.name(), expected, format!("{:?}", input.shape())).raise();
        }
        let running = self.running_mean.as_deref().zip(self.running_var.as_deref());
        let training = self.training.is_on();
        let batches = self.num_batches_tracked.as_ref().filter(|_| training);
        let seen = batches.map_or(0, |batches| batches.item()) + 1;
        // The average of n batches: the newest has the weight 1/n.
        let momentum = self.momentum.unwrap_or(1.0 / seen as f64);
        let (weight, bias) = (self.weight.as_deref(), self.bias.as_deref());
        let output = input.batch_norm(running, weight, bias, training || running.is_none(), momentum, self.eps);
        if let Some(batches) = batches {
            batches.fill_(seen);
        }
        if training && running.is_some() {
            note(|| Note::RanInTraining { layer: self.name(), output: id(&output) });
        }
        output
    }
}

impl<const DIMS: usize, T: Float> std::fmt::Display for BatchNorm<DIMS, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::summary(self))
    }
}
