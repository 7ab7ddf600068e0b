//! Subsets of a data set, and random splits into parts for training and testing.

use std::sync::Arc;

use downhill_tensor::Error;

use crate::Dataset;
use crate::random::{permutation, stream};

/// Some rows of a data set, chosen by index, as a data set of its own.
///
/// ```
/// use downhill_data::{Dataset, Subset, TensorDataset};
/// use downhill_tensor::Tensor;
/// let dataset = TensorDataset::new(Tensor::from([0.0, 1.0, 2.0, 3.0]), Tensor::from([0, 1, 0, 1]))?;
/// let odd = Subset::new(dataset, [1, 3]);
/// assert_eq!(odd.len(), 2);
/// assert_eq!(odd.batch(&[1, 0]).0.to_vec(), [3.0, 1.0]);
/// # Ok::<(), downhill_data::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Subset<D> {
    dataset: D,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// The rows with these indices, in this order. Pass an `Arc` of the data set when several subsets share it.
    ///
    /// # Panics
    /// When the data set has no such row.
    #[track_caller]
    pub fn new(dataset: D, indices: impl Into<Vec<usize>>) -> Self {
        let (indices, rows) = (indices.into(), dataset.len());
        if let Some(index) = indices.iter().find(|&&index| index >= rows) {
            let expected = format!("positions below {rows}, the number of rows");
            Error::expected("Subset::new", expected, index.to_string()).raise();
        }
        Subset { dataset, indices }
    }

    /// The underlying data set.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The indices of the rows in the underlying data set.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        self.indices.len()
    }

    /// # Panics
    /// When there is no such row.
    fn batch(&self, indices: &[usize]) -> D::Batch {
        let indices: Vec<usize> = indices.iter().map(|&index| self.indices[index]).collect();
        self.dataset.batch(&indices)
    }
}

/// The stream of a seed that splits data sets: the last but one, so that no epoch of a loader with this seed uses it.
const SPLIT: u64 = u64::MAX - 1;

/// Splits a data set at random into disjoint parts that together contain all rows, as in PyTorch.
///
/// Each part gets its fraction of the rows, rounded down; the remaining rows are dealt out one each, from the first
/// part on. The split depends only on the seed, the number of rows and the fractions.
///
/// ```
/// use downhill_data::{DataLoader, Dataset, random_split, synthetic::LinearRegression};
/// let dataset = LinearRegression::default().seed(1).dataset();
/// let [train, test] = random_split(dataset, [0.8, 0.2], 7);
/// assert_eq!((train.len(), test.len()), (800, 200));
/// let train_data = DataLoader::new(train, 10).shuffle(true);
/// # assert_eq!(train_data.len(), 80);
/// ```
///
/// # Panics
/// When a fraction is negative or not finite, or when they do not add up to 1.
#[track_caller]
pub fn random_split<D: Dataset, const N: usize>(dataset: D, fractions: [f64; N], seed: u64) -> [Subset<Arc<D>>; N] {
    let total: f64 = fractions.iter().sum();
    // Allows for rounding: 0.7, 0.2 and 0.1 do not add up to exactly 1.
    let adds_up = (total - 1.0).abs() < 1e-9;
    if !adds_up || fractions.iter().any(|&fraction| fraction < 0.0) {
        let expected = "fractions from 0 to 1 that add up to 1";
        Error::expected("random_split", expected, format!("{fractions:?}")).raise();
    }
    let rows = dataset.len();
    let mut sizes = fractions.map(|fraction| (fraction * rows as f64).floor() as usize);
    let remaining = rows - sizes.iter().sum::<usize>();
    sizes.iter_mut().take(remaining).for_each(|size| *size += 1);

    let order = permutation(rows, &mut stream(seed, SPLIT));
    let (dataset, mut rest) = (Arc::new(dataset), &order[..]);
    sizes.map(|size| {
        let (indices, others) = rest.split_at(size);
        rest = others;
        Subset { dataset: Arc::clone(&dataset), indices: indices.to_vec() }
    })
}
