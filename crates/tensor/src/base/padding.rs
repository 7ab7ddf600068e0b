//! The padding of a convolution: explicit numbers, or `same`.

use crate::base::pair::Pair;

/// The padding of a convolution: a number or a pair (rows, columns) on each side, or [`Padding::Same`].
///
/// ```
/// use downhill_tensor::{Padding, Pair};
/// assert_eq!(Padding::from(2), Padding::Each(Pair::Both(2)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// This many rows above and below, and columns left and right.
    Each(Pair),
    /// The padding that makes the output as large as the image, for a stride of 1: `padding="same"` in PyTorch. If
    /// the total is odd, the extra row or column is at the bottom or right.
    Same,
}

impl<P: Into<Pair>> From<P> for Padding {
    fn from(padding: P) -> Self {
        Padding::Each(padding.into())
    }
}
