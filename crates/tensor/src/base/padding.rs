//! How far zeros reach beyond an image on each side: by so much, or by what keeps its size.

use crate::base::pair::Pair;

/// The padding of a convolution: a number or a pair (rows, columns) on each side, or [`Padding::Same`].
///
/// ```
/// use downhill_tensor::{Padding, Pair};
/// assert_eq!(Padding::from(2), Padding::Each(Pair::Both(2)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// So many rows above and below, and columns left and right.
    Each(Pair),
    /// As many as give the output the size of the image, for a stride of 1: `padding="same"` in PyTorch. Where their number is
    /// odd, one more is below or right.
    Same,
}

impl<P: Into<Pair>> From<P> for Padding {
    fn from(padding: P) -> Self {
        Padding::Each(padding.into())
    }
}
