//! The sizes of all dimensions: as a list, and packed into 16 bytes for the nodes of a graph.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{IntoShape, count};
use downhill_kernels::error::Error;

/// The size of each dimension. Up to four dimensions are stored inline, without an allocation.
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

    /// The sizes as a mutable slice.
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

    /// The number of elements; `usize::MAX` if it overflows.
    #[inline]
    pub fn size(&self) -> usize {
        super::numel(self.slice())
    }

    /// Checks that a tensor may have this shape; errors name the operation `op`.
    ///
    /// # Errors
    /// When the number of elements overflows: see [`count`].
    pub(crate) fn checked(op: &'static str, shape: impl IntoShape) -> Result<Shape, Error> {
        let shape = shape.into_shape();
        match count(shape.slice()) {
            Some(_) => Ok(shape),
            None => Err(Error::Uncountable { op, shape: shape.slice().to_vec() }),
        }
    }

    /// Whether this many elements fill the shape.
    #[inline(never)]
    pub(crate) fn counts(&self, elements: usize) -> bool {
        count(self.slice()) == Some(elements)
    }

    /// This many dimensions of size 0.
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
    #[inline]
    fn eq(&self, other: &Shape) -> bool {
        match (&self.0, &other.0) {
            // Unused sizes are 0 in both.
            (Sizes::Few { rank: a, sizes: x }, Sizes::Few { rank: b, sizes: y }) => a == b && x == y,
            (Sizes::Many(x), Sizes::Many(y)) => x == y,
            _ => false,
        }
    }
}

impl Eq for Shape {}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.slice().fmt(f)
    }
}

/// Whether two shapes are equal. For a handful of sizes, a loop is faster than the `memcmp` behind `==`.
#[inline]
pub(crate) fn same(left: &[usize], right: &[usize]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left == right)
}

/// A shape in 16 bytes, kept by every node of a graph. A shape that does not fit is boxed; such a tensor has so many
/// dimensions or elements that the allocation is negligible.
pub(crate) enum Packed {
    /// 16 bits for each size.
    Small {
        rank: u8,
        sizes: u64,
    },
    Large(Box<Shape>),
}

/// The number of dimensions and 16 bits for each size, if they fit.
#[inline]
fn pack(shape: &Shape) -> Option<(u8, u64)> {
    match shape.0 {
        Sizes::Few { rank, sizes: [a, b, c, d] } if a | b | c | d <= 0xffff => {
            Some((rank, a as u64 | (b as u64) << 16 | (c as u64) << 32 | (d as u64) << 48))
        }
        _ => None,
    }
}

impl From<&Shape> for Packed {
    #[inline]
    fn from(shape: &Shape) -> Self {
        match pack(shape) {
            Some((rank, sizes)) => Packed::Small { rank, sizes },
            None => Packed::Large(Box::new(shape.clone())),
        }
    }
}

impl Packed {
    /// Whether this is the packed form of `shape`.
    #[inline]
    pub(crate) fn is(&self, shape: &Shape) -> bool {
        match self {
            Packed::Small { rank, sizes } => pack(shape) == Some((*rank, *sizes)),
            Packed::Large(large) => **large == *shape,
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            &Packed::Small { rank, sizes } => {
                let sizes = [0, 16, 32, 48].map(|shift| (sizes >> shift & 0xffff) as usize);
                Shape(Sizes::Few { rank, sizes })
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
            let packed = Packed::from(&Shape::from(shape));
            assert_eq!((Shape::from(shape).slice(), packed.shape().slice()), (shape, shape));
            for other in shapes {
                assert_eq!(packed.is(&other.into()), shape == other, "{shape:?} {other:?}");
            }
        }
        assert_eq!(size_of::<Packed>(), 16);
    }
}
