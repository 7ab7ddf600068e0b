//! Batches of images, as convolutions and pools take them: a single image becomes a batch of one and back.

use crate::ops::prelude::*;

impl<T: Float> Tensor<T> {
    /// A batch of images `[n, c, h, w]`: this tensor, or this one image `[c, h, w]` as a batch of one.
    #[track_caller]
    pub(crate) fn as_images(&self, op: &'static str) -> Tensor<T> {
        match self.ndim() {
            4 => self.clone(),
            3 => self.unsqueeze(0),
            _ => {
                let expected =
                    "images [batch, channels, height, width] or one image [channels, height, width]".to_owned();
                let given = format!("{:?}; `unsqueeze` adds a dimension of size 1", self.shape());
                Error::expected(op, expected, given).raise()
            }
        }
    }

    /// The result for a batch, or for its one image if the input had no batch.
    #[track_caller]
    pub(crate) fn with_batch_of(self, input: &Tensor<T>) -> Tensor<T> {
        if input.ndim() == 4 { self } else { self.squeeze_dim(0) }
    }
}

/// Batch, channels, height and width of images.
pub(crate) fn sizes_of<T: Float>(images: &Tensor<T>) -> [usize; 4] {
    let [batch, channels, height, width] = *images.shape() else { unreachable!("images have four dimensions") };
    [batch, channels, height, width]
}
