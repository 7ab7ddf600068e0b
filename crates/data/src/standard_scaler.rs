//! Scales columns to mean 0 and standard deviation 1: `(x - mean) / std`.

use downhill_tensor::{Element, Error, Float, IntoShape, Shape, Tensor};

use crate::moments::moments;

/// The mean and the standard deviation of each column, to standardise the data they were computed from and new data
/// alike.
///
/// Dimension 0 holds the rows; every position in the other dimensions is a column. The standard deviation is that of
/// the given rows (divided by n, as NumPy's and scikit-learn's `StandardScaler`; not PyTorch's `std`, which divides
/// by n - 1). A constant column gets the standard deviation 1, so it becomes 0.
///
/// ```
/// use downhill_data::StandardScaler;
/// use downhill_tensor::Tensor;
/// let train = Tensor::from([[1.0, 100.0], [3.0, 500.0]]);
/// let scaler = StandardScaler::fit(&train);
/// assert_eq!(scaler.transform(&train).to_vec(), [-1.0, -1.0, 1.0, 1.0]);
///
/// // New data get the same scale, and predictions can be scaled back.
/// let test = Tensor::from([[2.0, 700.0]]);
/// assert_eq!(scaler.transform(&test).to_vec(), [0.0, 2.0]);
/// assert_eq!(scaler.inverse_transform(&scaler.transform(&test)).to_vec(), test.to_vec());
/// ```
#[derive(Clone, Debug)]
pub struct StandardScaler<T: Float = f32> {
    mean: Tensor<T>,
    std: Tensor<T>,
}

impl<T: Float> StandardScaler<T> {
    /// Computes the mean and the standard deviation of each column of `x`, of shape `[rows, ...]`.
    ///
    /// # Panics
    /// When there are no rows.
    #[track_caller]
    pub fn fit(x: &Tensor<T>) -> Self {
        let shape = x.shape();
        if shape.first().is_none_or(|&rows| rows == 0) {
            let given = format!("shape {shape:?}");
            Error::expected("StandardScaler::fit", "at least one row", given).raise();
        }
        // In f64, so that a sum over many rows keeps its precision.
        let values: Vec<f64> = x.array().into_vec().into_iter().map(Element::to_scalar).collect();
        let columns: Shape = shape[1..].into_shape();
        let width: usize = shape[1..].iter().product();
        let moments = (0..width).map(|column| moments(values[column..].iter().step_by(width).copied()));
        let not_zero = |std: T| if std == T::zero() { T::one() } else { std };
        let (mean, std) = moments.map(|(mean, std)| (T::of(mean), not_zero(T::of(std)))).unzip();
        let tensor = |data| Tensor::from_vec(data, columns.clone()).expect("one number for each column");
        StandardScaler { mean: tensor(mean), std: tensor(std) }
    }

    /// The mean of each column.
    pub fn mean(&self) -> &Tensor<T> {
        &self.mean
    }

    /// The standard deviation of each column; 1 for a constant column.
    pub fn std(&self) -> &Tensor<T> {
        &self.std
    }

    /// `(x - mean) / std`, column by column.
    ///
    /// # Panics
    /// When the columns of `x` are not those of the fitted data.
    #[track_caller]
    pub fn transform(&self, x: &Tensor<T>) -> Tensor<T> {
        self.check("StandardScaler::transform", x);
        (x - &self.mean) / &self.std
    }

    /// `x * std + mean`, column by column: undoes [`StandardScaler::transform`].
    ///
    /// # Panics
    /// When the columns of `x` are not those of the fitted data.
    #[track_caller]
    pub fn inverse_transform(&self, x: &Tensor<T>) -> Tensor<T> {
        self.check("StandardScaler::inverse_transform", x);
        x * &self.std + &self.mean
    }

    /// Without this check a single column would broadcast to any number of them.
    #[track_caller]
    fn check(&self, op: &'static str, x: &Tensor<T>) {
        if x.ndim() == 0 || x.shape()[1..] != *self.mean.shape() {
            let expected = format!("rows of shape {:?}", self.mean.shape());
            Error::expected(op, expected, format!("a tensor of shape {:?}", x.shape())).raise();
        }
    }
}
