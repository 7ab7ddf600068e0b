//! A data set of two tensors: rows of features and their targets.

use downhill_tensor::{Array, Element, Error as TensorError, IntoShape, Tensor};

use crate::{Dataset, Error};

/// Rows of features and targets along dimension 0, of any element types and ranks.
///
/// The data set keeps a snapshot of the values: later changes to the tensors have no effect. Cloning it copies no
/// values.
///
/// ```
/// use downhill_data::{Dataset, TensorDataset};
/// use downhill_tensor::Tensor;
/// let images = Tensor::from([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]);
/// let labels = Tensor::from([7, 8, 9]);
/// let dataset = TensorDataset::new(images, labels)?;
/// assert_eq!(dataset.len(), 3);
/// let (images, labels) = dataset.batch(&[2, 0]);
/// assert_eq!(images.to_vec(), [4.0, 5.0, 0.0, 1.0]);
/// assert_eq!(labels.to_vec(), [9, 7]);
/// # Ok::<(), downhill_data::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TensorDataset<X: Element = f32, Y: Element = f32> {
    features: Array<X>,
    targets: Array<Y>,
}

impl<X: Element, Y: Element> TensorDataset<X, Y> {
    /// A data set whose row `i` is row `i` of both tensors.
    ///
    /// ```
    /// use downhill_data::TensorDataset;
    /// use downhill_tensor::Tensor;
    /// let error = TensorDataset::new(Tensor::zeros([3, 2]), Tensor::zeros([4, 1])).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the features have 3 rows (shape [3, 2]), but the targets have 4 (shape [4, 1]); \
    ///      give one row of targets for each row of features"
    /// );
    /// ```
    ///
    /// # Errors
    /// When the numbers of rows differ, when a tensor has no dimension 0, or when one requires a gradient, which
    /// would be lost.
    pub fn new(features: Tensor<X>, targets: Tensor<Y>) -> Result<Self, Error> {
        let (features, targets) = (rows("features", features)?, rows("targets", targets)?);
        if features.shape()[0] != targets.shape()[0] {
            let (features, targets) = (features.shape().to_vec(), targets.shape().to_vec());
            return Err(Error::RowCounts { features, targets });
        }
        Ok(TensorDataset { features, targets })
    }

    /// The features of all rows.
    pub fn features(&self) -> Tensor<X> {
        Tensor::from_array(self.features.clone())
    }

    /// The targets of all rows.
    pub fn targets(&self) -> Tensor<Y> {
        Tensor::from_array(self.targets.clone())
    }

    /// One row, without dimension 0, as `dataset[index]` in PyTorch; a negative index counts from the end.
    ///
    /// ```
    /// use downhill_data::TensorDataset;
    /// use downhill_tensor::Tensor;
    /// let dataset = TensorDataset::new(Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([5, 6]))?;
    /// let (x, y) = dataset.row(-1);
    /// assert_eq!((x.to_vec(), y.item()), (vec![3.0, 4.0], 6));
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Panics
    /// When there is no such row.
    #[track_caller]
    pub fn row(&self, index: isize) -> (Tensor<X>, Tensor<Y>) {
        let rows = self.len();
        if index >= rows as isize || index < -(rows as isize) {
            let (op, shape) = ("TensorDataset::row", self.features.shape().to_vec());
            TensorError::Index { op, index, dim: 0, size: rows, shape }.raise();
        }
        (self.features().select(0, index), self.targets().select(0, index))
    }
}

impl<X: Element, Y: Element> Dataset for TensorDataset<X, Y> {
    type Batch = (Tensor<X>, Tensor<Y>);

    fn len(&self) -> usize {
        self.features.shape()[0]
    }

    /// # Panics
    /// When there is no such row.
    fn batch(&self, indices: &[usize]) -> (Tensor<X>, Tensor<Y>) {
        (take(&self.features, indices), take(&self.targets, indices))
    }
}

/// The values of a tensor with rows, contiguous in memory.
fn rows<T: Element>(what: &'static str, tensor: Tensor<T>) -> Result<Array<T>, Error> {
    if tensor.requires_grad() {
        return Err(Error::RequiresGrad { what });
    }
    let array = tensor.array();
    match array.shape() {
        [] => Err(Error::NoDimension { what }),
        _ if array.as_slice().is_some() => Ok(array),
        shape => Ok(Array::from_vec(array.to_vec(), shape).expect("as many elements as before")),
    }
}

/// Gathers the rows at these indices, without recording a gradient.
fn take<T: Element>(rows: &Array<T>, indices: &[usize]) -> Tensor<T> {
    let (size, width) = (rows.shape()[0], rows.shape()[1..].iter().product::<usize>());
    let values = rows.as_slice().expect("rows next to each other");
    let mut taken = Vec::with_capacity(indices.len() * width);
    for &index in indices {
        if index >= size {
            let (op, shape) = ("TensorDataset::batch", rows.shape().to_vec());
            TensorError::Index { op, index: index as isize, dim: 0, size, shape }.raise();
        }
        taken.extend_from_slice(&values[index * width..(index + 1) * width]);
    }
    let mut shape = rows.shape().into_shape();
    shape[0] = indices.len();
    Tensor::from_array(Array::from_vec(taken, shape).expect("one row for each position"))
}
