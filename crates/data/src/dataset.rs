//! What a [`DataLoader`](crate::DataLoader) can load: rows accessed by index.

use std::sync::Arc;

use crate::Map;

/// A set of rows, such as training examples.
///
/// Validate the data in the constructor: [`Dataset::batch`] cannot report an error in the middle of an epoch.
///
/// ```
/// use downhill_data::{DataLoader, Dataset};
/// use downhill_tensor::Tensor;
///
/// /// The numbers 0 to 99 and their squares, computed when they are asked for.
/// struct Squares;
///
/// impl Dataset for Squares {
///     type Batch = (Tensor, Tensor);
///
///     fn len(&self) -> usize {
///         100
///     }
///
///     fn batch(&self, indices: &[usize]) -> (Tensor, Tensor) {
///         let x = indices.iter().map(|&i| i as f32).collect();
///         let x = Tensor::from_vec(x, [indices.len(), 1]).expect("one number for each index");
///         (x.clone(), x.square())
///     }
/// }
///
/// let (x, y) = DataLoader::new(Squares, 4).iter().next().unwrap();
/// assert_eq!(x.to_vec(), [0.0, 1.0, 2.0, 3.0]);
/// assert_eq!(y.to_vec(), [0.0, 1.0, 4.0, 9.0]);
/// ```
pub trait Dataset: Send + Sync {
    /// The type of a batch, ready for the model: often a pair of tensors, features and targets.
    type Batch: Send;

    /// The number of rows, which must not change.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows with these indices, in this order. Each index is below `len()` and may occur more than once.
    fn batch(&self, indices: &[usize]) -> Self::Batch;

    /// This data set with a function applied to each batch when it is loaded.
    ///
    /// The function may draw random numbers, for example for data augmentation; see [`DataLoader`](crate::DataLoader)
    /// for how they are seeded.
    ///
    /// ```
    /// use downhill_data::{Dataset, TensorDataset};
    /// use downhill_tensor::Tensor;
    /// let dataset = TensorDataset::new(Tensor::from([1.0, 2.0, 3.0]), Tensor::from([0, 1, 0]))?;
    /// let doubled = dataset.map(|(x, y)| (2 * x, y));
    /// assert_eq!(doubled.batch(&[2, 0]).0.to_vec(), [6.0, 2.0]);
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    fn map<B: Send, F: Fn(Self::Batch) -> B + Send + Sync>(self, function: F) -> Map<Self, F>
    where
        Self: Sized,
    {
        Map::new(self, function)
    }
}

/// A loader can borrow a data set, so several loaders can share it.
impl<D: Dataset + ?Sized> Dataset for &D {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn batch(&self, indices: &[usize]) -> D::Batch {
        (**self).batch(indices)
    }
}

/// Loaders on several threads can share a data set in an `Arc`.
impl<D: Dataset + ?Sized> Dataset for Arc<D> {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn batch(&self, indices: &[usize]) -> D::Batch {
        (**self).batch(indices)
    }
}
