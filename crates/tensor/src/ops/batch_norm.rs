//! `batch_norm`: each channel with mean 0 and variance 1 over the batch, then a scale and an offset.

use crate::autograd::grad_mode::no_grad;
use crate::ops::layer_norm::{Normalize, describe};
use crate::ops::prelude::*;

impl<T: Float> Tensor<T> {
    /// `(x - mean) / √(variance + eps) * weight + bias` for each channel of an input `[n, channels, ...]`.
    ///
    /// In training, the mean and variance of the batch are used, and the running statistics, if given, are updated in
    /// place: `running = (1 - momentum) * running + momentum * batch`. The batch is normalised by the variance
    /// divided by n, and the running variance follows the one divided by n - 1, as in PyTorch. Outside training, the
    /// running statistics are used.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (mean, variance) = (Tensor::zeros([1]), Tensor::ones([1]));
    /// let x = Tensor::from([[1.0], [3.0]]);
    /// let y = x.batch_norm(Some((&mean, &variance)), None, None, true, 0.5, 0.0);
    /// assert_eq!(y.to_vec(), [-1.0, 1.0]);
    /// assert_eq!((mean.item(), variance.item()), (1.0, 1.5));
    /// ```
    ///
    /// Source: Ioffe, Szegedy, "Batch Normalization" (2015).
    ///
    /// # Panics
    /// When the input has fewer than two dimensions, another tensor does not have the shape `[channels]`, there is
    /// only one value per channel in training, or there are no running statistics outside training.
    #[track_caller]
    pub fn batch_norm(
        &self,
        running: Option<(&Tensor<T>, &Tensor<T>)>,
        weight: Option<&Tensor<T>>,
        bias: Option<&Tensor<T>>,
        training: bool,
        momentum: f64,
        eps: f64,
    ) -> Tensor<T> {
        let (mean, variance) = running.unzip();
        let Some(&channels) = self.shape().get(1) else {
            self.refuse_batch("an input [n, channels, ...]", [None; 4])
        };
        let parameters = [mean, variance, weight, bias];
        if parameters.iter().flatten().any(|parameter| parameter.shape() != [channels]) {
            let expected = format!("running mean, running variance, weight and bias of shape [{channels}]");
            self.refuse_batch(&expected, parameters);
        }
        let normalized = match running {
            _ if training => self.normalize_batch(running, momentum, eps),
            Some((mean, variance)) => {
                let scale = (variance.detach() + eps).sqrt();
                (self - mean.detach().per_channel(self)) / scale.per_channel(self)
            }
            None => self.refuse_batch("a running mean and variance outside training", parameters),
        };
        // Not closures: `#[track_caller]` must reach the user's line.
        let (mut weights, mut biases) = (None, None);
        if let Some(weight) = weight {
            weights = Some(weight.per_channel(self));
        }
        if let Some(bias) = bias {
            biases = Some(bias.per_channel(self));
        }
        normalized.scaled(weights.as_ref(), biases.as_ref())
    }

    /// One number for each channel of `x`, in a shape that broadcasts with it.
    #[track_caller]
    fn per_channel(&self, x: &Tensor<T>) -> Tensor<T> {
        let mut shape = vec![1; x.ndim()];
        shape[1] = self.numel();
        self.clone().reshaped(shape.as_slice().into_shape())
    }

    #[track_caller]
    fn normalize_batch(&self, running: Option<(&Tensor<T>, &Tensor<T>)>, momentum: f64, eps: f64) -> Tensor<T> {
        let but_channels: Vec<isize> = (0..self.ndim() as isize).filter(|&dim| dim != 1).collect();
        let axes = Axes::new("batch_norm", &but_channels, self.ndim()).or_raise();
        let count = axes.count(self.shape());
        if count == 1 {
            self.refuse_batch("more than one value per channel in training (or `eval()`)", [None; 4]);
        }
        let moments = Normalize::moments(self.array(), axes, eps);
        if let Some((mean, variance)) = running.filter(|_| count > 0) {
            let unbiased = count as f64 / (count as f64 - 1.0);
            let batch = [moments.mean.clone(), moments.variance(T::of(count as f64))];
            for ((running, batch), factor) in [mean, variance].into_iter().zip(batch).zip([1.0, unbiased]) {
                let batch = Tensor::from_array(batch.reshaped(running.shape().into_shape()));
                no_grad(|| running.mul_(1.0 - momentum).add_scaled_(&batch, momentum * factor));
            }
        }
        Normalize::of(moments, count, axes, eps).apply([self])
    }

    #[track_caller]
    fn refuse_batch(&self, expected: &str, parameters: [Option<&Tensor<T>>; 4]) -> ! {
        let names = ["running mean", "running variance", "weight", "bias"];
        let given = names.iter().zip(parameters).filter(|(_, parameter)| parameter.is_some());
        let given: String = given.map(|(name, parameter)| format!(", {}", describe(name, parameter))).collect();
        let given = format!("an input {:?}{given}", self.shape());
        Error::expected("batch_norm", expected.to_owned(), given).raise()
    }
}
