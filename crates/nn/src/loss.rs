//! How wrong the outputs are, as one number: `MSELoss` and `CrossEntropyLoss`.

use downhill_tensor::{Error, Float, Tensor};

/// How the losses of many elements become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their average: the default.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Not at all: one loss for each element.
    None,
}

/// The squared difference between outputs and targets.
///
/// ```
/// use downhill_nn::{MSELoss, Reduction};
/// use downhill_tensor::Tensor;
/// let (outputs, targets) = (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 4.0]));
/// assert_eq!(MSELoss::new().forward(&outputs, &targets).item(), 2.0);
/// assert_eq!(MSELoss::new().reduction(Reduction::Sum).forward(&outputs, &targets).item(), 4.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MSELoss {
    reduction: Reduction,
}

impl MSELoss {
    /// The mean over all elements.
    pub fn new() -> Self {
        MSELoss::default()
    }

    /// Another way to make one number of many.
    pub fn reduction(self, reduction: Reduction) -> Self {
        MSELoss { reduction }
    }

    /// The loss of outputs against targets of the same shape.
    ///
    /// # Panics
    /// When the shapes differ. PyTorch broadcasts with a warning: `[n, 1]` against `[n]` then compares every output with
    /// every target, and the model learns their mean.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, targets: &Tensor<T>) -> Tensor<T> {
        if outputs.shape() != targets.shape() {
            let expected = format!("targets of shape {:?}, as the outputs have", outputs.shape());
            Error::Expected { op: "MSELoss", expected, given: format!("{:?}", targets.shape()) }.raise();
        }
        match self.reduction {
            Reduction::Mean => outputs.mse_loss(targets),
            Reduction::Sum => (outputs - targets).square().sum(),
            Reduction::None => (outputs - targets).square(),
        }
    }
}

/// The cross-entropy of class labels under the softmax of the outputs: for outputs straight from a linear layer.
///
/// ```
/// use downhill_nn::CrossEntropyLoss;
/// use downhill_tensor::Tensor;
/// let outputs = Tensor::from([[0.0, 0.0], [1000.0, 0.0]]);
/// let loss = CrossEntropyLoss::new().forward(&outputs, &Tensor::from([1, 0]));
/// assert_eq!(loss.item(), 0.5 * f64::from(2f32.ln()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossEntropyLoss {
    reduction: Reduction,
}

impl CrossEntropyLoss {
    /// The mean over all rows.
    pub fn new() -> Self {
        CrossEntropyLoss::default()
    }

    /// Another way to make one number of many.
    pub fn reduction(self, reduction: Reduction) -> Self {
        CrossEntropyLoss { reduction }
    }

    /// The loss of outputs `[n, classes]` against labels `[n]`, which count from 0.
    ///
    /// # Panics
    /// When the shapes do not fit, or a label is not a class: the message names the row, the label and the number of classes.
    #[track_caller]
    pub fn forward<T: Float>(&self, outputs: &Tensor<T>, labels: &Tensor<i64>) -> Tensor<T> {
        let losses = outputs.cross_entropy(labels);
        match self.reduction {
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }
}
