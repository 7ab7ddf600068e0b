//! The sizes of all dimensions: as a list, and packed into two words for what there are millions of.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// The size of each dimension. Up to four dimensions take no memory of their own.
///
/// ```
/// use downhill_tensor::IntoShape;
/// let shape = [2, 3].into_shape();
/// assert_eq!((shape.ndim(), shape.size(), &shape[1..]), (2, 6, &[3][..]));
/// ```
#[derive(Clone)]
pub struct Shape(Sizes);

const FEW: usize = 4;

#[derive(Clone)]
enum Sizes {
    Few { rank: u8, sizes: [usize; FEW] },
    Many(Box<[usize]>),
}

impl Shape {
    /// The sizes as a slice.
    #[inline]
    pub fn slice(&self) -> &[usize] {
        match &self.0 {
            Sizes::Few { rank, sizes } => &sizes[..usize::from(*rank)],
            Sizes::Many(sizes) => sizes,
        }
    }

    /// The sizes, to be changed.
    #[inline]
    pub fn slice_mut(&mut self) -> &mut [usize] {
        match &mut self.0 {
            Sizes::Few { rank, sizes } => &mut sizes[..usize::from(*rank)],
            Sizes::Many(sizes) => sizes,
        }
    }

    /// The number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.slice().len()
    }

    /// The number of elements; the largest `usize` when there are more.
    #[inline]
    pub fn size(&self) -> usize {
        super::numel(self.slice())
    }

    /// So many dimensions of size 0.
    pub(crate) fn zeros(rank: usize) -> Shape {
        if rank <= FEW {
            Shape(Sizes::Few { rank: rank as u8, sizes: [0; FEW] })
        } else {
            Shape(Sizes::Many(vec![0; rank].into()))
        }
    }
}

impl From<&[usize]> for Shape {
    #[inline]
    fn from(given: &[usize]) -> Self {
        if given.len() > FEW {
            return Shape(Sizes::Many(given.into()));
        }
        let mut sizes = [0; FEW];
        sizes.iter_mut().zip(given).for_each(|(size, &given)| *size = given);
        Shape(Sizes::Few { rank: given.len() as u8, sizes })
    }
}

impl Deref for Shape {
    type Target = [usize];

    #[inline]
    fn deref(&self) -> &[usize] {
        self.slice()
    }
}

impl DerefMut for Shape {
    #[inline]
    fn deref_mut(&mut self) -> &mut [usize] {
        self.slice_mut()
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Shape) -> bool {
        same(self.slice(), other.slice())
    }
}

impl Eq for Shape {}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.slice().fmt(f)
    }
}

/// Whether two shapes are equal. For a handful of sizes a loop is faster than the comparison of memory behind `==`.
#[inline]
pub(crate) fn same(left: &[usize], right: &[usize]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left == right)
}

/// A shape in 16 bytes, to be kept by every node of a graph. A shape that does not fit has so many elements that one
/// more allocation costs nothing beside them.
pub(crate) enum Packed {
    Small { rank: u8, sizes: [u16; PACKED] },
    Large(Box<Shape>),
}

const PACKED: usize = 6;

impl From<&[usize]> for Packed {
    #[inline]
    fn from(shape: &[usize]) -> Self {
        if shape.len() > PACKED || shape.iter().any(|&size| size > usize::from(u16::MAX)) {
            return Packed::Large(Box::new(shape.into()));
        }
        let mut sizes = [0; PACKED];
        sizes.iter_mut().zip(shape).for_each(|(packed, &size)| *packed = size as u16);
        Packed::Small { rank: shape.len() as u8, sizes }
    }
}

impl Packed {
    /// Whether it is this shape.
    #[inline]
    pub(crate) fn is(&self, shape: &[usize]) -> bool {
        match self {
            Packed::Small { rank, sizes } => {
                usize::from(*rank) == shape.len()
                    && sizes.iter().zip(shape).all(|(&packed, &size)| usize::from(packed) == size)
            }
            Packed::Large(large) => same(large, shape),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Packed::Small { rank, sizes } => {
                let mut shape = Shape::zeros(usize::from(*rank));
                shape.iter_mut().zip(sizes).for_each(|(size, &packed)| *size = usize::from(packed));
                shape
            }
            Packed::Large(large) => Shape::clone(large),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_kept_as_they_are_packed_or_not() {
        let shapes: [&[usize]; 8] =
            [&[], &[0], &[1], &[65535, 2], &[65536], &[1, 2, 3, 4], &[1, 2, 3, 4, 5, 6], &[1, 2, 3, 4, 5, 6, 7]];
        for shape in shapes {
            let packed = Packed::from(shape);
            assert_eq!((Shape::from(shape).slice(), packed.shape().slice()), (shape, shape));
            for other in shapes {
                assert_eq!(packed.is(other), shape == other, "{shape:?} {other:?}");
            }
        }
        assert_eq!(size_of::<Packed>(), 16);
    }
}
