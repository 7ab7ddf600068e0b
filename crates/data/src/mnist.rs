//! Images of handwritten digits from the four files of MNIST, and data sets in the same format.

use std::path::{Path, PathBuf};

use downhill_files::out_of_memory;
use downhill_tensor::Tensor;

use crate::{Error, IdxData, TensorDataset};

/// MNIST, or a data set in its format (Fashion-MNIST, KMNIST): images of 28 by 28 pixels in ten classes, for training
/// and testing.
///
/// The images are `f32` of shape `[count, 1, 28, 28]` between 0 (background) and 1 (ink), the labels `i64` of shape
/// `[count]` from 0 to 9.
#[derive(Clone, Debug)]
pub struct Mnist {
    /// The training examples: 60,000 in MNIST.
    pub train: TensorDataset<f32, i64>,
    /// The test examples: 10,000 in MNIST.
    pub test: TensorDataset<f32, i64>,
}

/// The height and the width of an image.
const SIDE: usize = 28;

/// The number of classes.
const CLASSES: u8 = 10;

impl Mnist {
    /// Reads the four files in a folder: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.
    ///
    /// Each name may end in `.gz`, and may have a dot in place of the second dash (`train-images.idx3-ubyte`), as
    /// some programs unpack it. If both are present, the uncompressed file is read.
    ///
    /// ```no_run
    /// use downhill_data::{DataLoader, Mnist};
    /// let mnist = Mnist::open("data/MNIST/raw")?;
    /// let train_data = DataLoader::new(mnist.train, 64).shuffle(true);
    /// for (images, labels) in &train_data {
    ///     assert_eq!((&images.shape()[1..], labels.ndim()), (&[1, 28, 28][..], 1));
    /// }
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a file is missing, is no intact IDX file of unsigned bytes, has another shape, holds a label above 9, or
    /// when images and labels are not equally many. The error names the file, and what was expected.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let train = Part::find(folder, "train")?;
        let test = Part::find(folder, "t10k")?;
        Ok(Mnist { train: train.read()?, test: test.read()? })
    }
}

/// The files of the training examples or of the test examples.
struct Part {
    images: PathBuf,
    labels: PathBuf,
}

impl Part {
    fn find(folder: &Path, part: &str) -> Result<Self, Error> {
        let images = find(folder, &format!("{part}-images"), "idx3-ubyte")?;
        let labels = find(folder, &format!("{part}-labels"), "idx1-ubyte")?;
        Ok(Part { images, labels })
    }

    fn read(&self) -> Result<TensorDataset<f32, i64>, Error> {
        let (images_file, labels_file) = (self.images.display().to_string(), self.labels.display().to_string());
        let images = IdxData::open_if(&self.images, |shape| match shape {
            [_, SIDE, SIDE] => Ok(()),
            _ => {
                let expected = "images of shape [count, 28, 28]";
                Err(Error::IdxShape { file: images_file.clone(), shape: shape.to_vec(), expected })
            }
        })?;
        let labels = IdxData::open_if(&self.labels, |shape| match shape {
            [_] => Ok(()),
            _ => {
                let expected = "labels of shape [count]";
                Err(Error::IdxShape { file: labels_file.clone(), shape: shape.to_vec(), expected })
            }
        })?;
        let (count, label_count) = (images.shape[0], labels.shape[0]);
        if count != label_count {
            return Err(Error::LabelCount { images_file, images: count, labels_file, labels: label_count });
        }
        if let Some(position) = labels.values.iter().position(|&label| label >= CLASSES) {
            return Err(Error::LabelRange { file: labels_file, position, label: labels.values[position] });
        }
        let mut pixels = Vec::new();
        if pixels.try_reserve_exact(images.values.len()).is_err() {
            let reason = out_of_memory(4 * images.values.len() as u128);
            return Err(Error::Read { file: images_file, reason });
        }
        pixels.extend(images.values.into_iter().map(|byte| f32::from(byte) / 255.0));
        let labels = labels.values.into_iter().map(i64::from).collect();
        let images = Tensor::from_vec(pixels, [count, 1, SIDE, SIDE]).expect("28 by 28 numbers for each image");
        let labels = Tensor::from_vec(labels, [count]).expect("one number for each label");
        TensorDataset::new(images, labels)
    }
}

/// The path of a file that may have one of several names.
fn find(folder: &Path, start: &str, end: &str) -> Result<PathBuf, Error> {
    let names = [format!("{start}-{end}"), format!("{start}.{end}")];
    let names = names.into_iter().flat_map(|name| [name.clone(), format!("{name}.gz")]);
    let path = names.map(|name| folder.join(name)).find(|path| path.is_file());
    path.ok_or_else(|| Error::NoFile { folder: folder.display().to_string(), name: format!("{start}-{end}") })
}
