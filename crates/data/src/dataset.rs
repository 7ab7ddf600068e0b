//! What a [`DataLoader`](crate::DataLoader) can load: rows that can be taken by their positions.

use std::sync::Arc;

use crate::Map;

/// A set of rows, such as the examples to learn from.
///
/// Check the data when the set is made: [`Dataset::batch`] has no way to report an error in the middle of an epoch.
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
    /// Some rows, ready for the model: often a pair of tensors, features and targets.
    type Batch: Send;

    /// The number of rows, which never changes.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows at these positions, in this order. A position is below `len()` and may occur more than once.
    fn batch(&self, indices: &[usize]) -> Self::Batch;

    /// This data set with each batch passed through a function, whenever it is loaded.
    ///
    /// The function may draw random numbers, as to vary images; [`DataLoader`](crate::DataLoader) says which they are.
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

/// A loader can borrow a data set, so that several loaders share it.
impl<D: Dataset + ?Sized> Dataset for &D {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn batch(&self, indices: &[usize]) -> D::Batch {
        (**self).batch(indices)
    }
}

/// Loaders on several threads can share a data set.
impl<D: Dataset + ?Sized> Dataset for Arc<D> {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn batch(&self, indices: &[usize]) -> D::Batch {
        (**self).batch(indices)
    }
}
