//! Shapes and dimensions: broadcasting, negative dimensions, ranges, strides.

mod axes;
mod sizes;

pub(crate) use downhill_kernels::memory::count;

use std::ops::{Bound, RangeBounds};

use downhill_kernels::error::Error;

pub(crate) use axes::Axes;
pub use sizes::Shape;
pub(crate) use sizes::{Packed, same};

/// Anything a shape can be given as: `[2, 3]`, a slice, a `Vec`, or one number for a vector.
pub trait IntoShape {
    /// The size of each dimension.
    fn into_shape(self) -> Shape;
}

impl<const N: usize> IntoShape for [usize; N] {
    #[inline]
    fn into_shape(self) -> Shape {
        self.as_slice().into()
    }
}
impl<const N: usize> IntoShape for &[usize; N] {
    #[inline]
    fn into_shape(self) -> Shape {
        self.as_slice().into()
    }
}
impl IntoShape for &[usize] {
    #[inline]
    fn into_shape(self) -> Shape {
        self.into()
    }
}
impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Shape {
        self.as_slice().into()
    }
}
impl IntoShape for usize {
    fn into_shape(self) -> Shape {
        [self].into_shape()
    }
}
impl IntoShape for Shape {
    #[inline]
    fn into_shape(self) -> Shape {
        self
    }
}

/// Anything dimensions, or sizes with a `-1`, can be given as: one integer, an array, a slice or a `Vec`.
pub trait IntoDims {
    /// The integers in order.
    fn into_dims(self) -> Vec<isize>;
}

impl IntoDims for isize {
    fn into_dims(self) -> Vec<isize> {
        vec![self]
    }
}
impl<const N: usize> IntoDims for [isize; N] {
    fn into_dims(self) -> Vec<isize> {
        self.to_vec()
    }
}
impl IntoDims for &[isize] {
    fn into_dims(self) -> Vec<isize> {
        self.to_vec()
    }
}
impl IntoDims for Vec<isize> {
    fn into_dims(self) -> Vec<isize> {
        self
    }
}

/// The position of a dimension; negative ones count from the end.
pub(crate) fn normalize(op: &'static str, dim: isize, rank: usize) -> Result<usize, Error> {
    let axis = if dim < 0 { dim + rank as isize } else { dim };
    if (0..rank as isize).contains(&axis) {
        return Ok(axis as usize);
    }
    let range = match rank {
        0 => "a tensor with at least one dimension".to_owned(),
        _ => format!("{} to {}", -(rank as isize), rank - 1),
    };
    Err(Error::Dim { op, dim, rank, range })
}

/// The position at which a new dimension is inserted; -1 appends it at the end.
pub(crate) fn normalize_new(op: &'static str, dim: isize, rank: usize) -> Result<usize, Error> {
    normalize(op, dim, rank + 1).map_err(|error| match error {
        Error::Dim { op, dim, range, .. } => Error::Dim { op, dim, rank, range },
        error => error,
    })
}

/// The position of an element in a dimension; negative ones count from the end.
pub(crate) fn position(op: &'static str, index: isize, dim: usize, shape: &[usize]) -> Result<usize, Error> {
    let size = shape[dim];
    let position = if index < 0 { index + size as isize } else { index };
    if (0..size as isize).contains(&position) {
        Ok(position as usize)
    } else {
        Err(Error::Index { op, index, dim, size, shape: shape.to_vec() })
    }
}

/// The start and end of a range in a dimension of this size, clipped like Python's slices.
pub(crate) fn clamp_range(range: impl RangeBounds<isize>, size: usize) -> (usize, usize) {
    let size = size as isize;
    // `..=-1` ends after the last element, and `Excluded(-1)` starts there: resolve the sign before adding one, then
    // clip to the dimension.
    let at = |index: isize| if index < 0 { index + size } else { index };
    let after = |index: isize| at(index).saturating_add(1);
    let start = match range.start_bound() {
        Bound::Included(&index) => at(index),
        Bound::Excluded(&index) => after(index),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&index) => after(index),
        Bound::Excluded(&index) => at(index),
        Bound::Unbounded => size,
    };
    let start = start.clamp(0, size);
    (start as usize, end.clamp(start, size) as usize)
}

/// The shape of an elementwise result by the rules of broadcasting: sizes are compared from the last dimension, and 1
/// is repeated.
pub(crate) fn broadcast(op: &'static str, left: &[usize], right: &[usize]) -> Result<Shape, Error> {
    if same(left, right) {
        return Ok(left.into());
    }
    let (long, short) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let mut shape = Shape::from(long);
    let offset = long.len() - short.len();
    let mut grows = false;
    if let Some(axis) = (64..offset).find(|&axis| long[axis] != 1) {
        return Err(Error::Rank { rank: axis + 1 });
    }
    for (axis, (size, &other)) in (offset..).zip(shape.slice_mut()[offset..].iter_mut().zip(short)) {
        // The backward pass sums over the repeated dimensions, so `Axes` must be able to hold them.
        if axis >= 64 && *size != other {
            return Err(Error::Rank { rank: axis + 1 });
        }
        if *size == 1 {
            grows |= other != 1;
            *size = other;
        } else if other != 1 && other != *size {
            return Err(Error::Broadcast { op, left: left.to_vec(), right: right.to_vec() });
        }
    }
    if grows { Shape::checked(op, shape) } else { Ok(shape) }
}

/// The strides of a row-major array of this shape, in elements.
pub(crate) fn row_major(shape: &[usize]) -> Shape {
    let mut strides = Shape::zeros(shape.len());
    let mut stride: usize = 1;
    for (out, &size) in strides.slice_mut().iter_mut().zip(shape).rev() {
        *out = stride;
        // Cannot overflow: `count` has checked the product of the sizes.
        stride *= size;
    }
    strides
}

/// Whether these strides are row-major; dimensions of size 1 may have any stride.
pub(crate) fn is_row_major(shape: &[usize], strides: &[usize]) -> bool {
    let mut stride = 1;
    for (&size, &given) in shape.iter().zip(strides).rev() {
        if size != 1 && given != stride {
            return false;
        }
        stride *= size;
    }
    true
}

/// The index of the element at this row-major offset.
pub(crate) fn unravel(mut offset: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (position, &size) in index.iter_mut().zip(shape).rev() {
        *position = offset % size;
        offset /= size;
    }
    index
}

/// The number of elements of a shape; `usize::MAX` if no tensor may have the shape.
pub(crate) fn numel(shape: &[usize]) -> usize {
    count(shape).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_counted_or_refused() {
        const MOST: usize = isize::MAX as usize;
        let rows: [(&[usize], Option<usize>); 12] = [
            (&[], Some(1)),
            (&[0], Some(0)),
            (&[2, 3], Some(6)),
            (&[MOST], Some(MOST)),
            (&[MOST, 0], Some(0)),
            (&[MOST + 1], None),
            (&[MOST + 1, 0], None),
            (&[1 << 32, 1 << 32], None),
            (&[1 << 32, 1 << 32, 0], None),
            (&[0, 1 << 32, 1 << 31], None),
            (&[1 << 31, 1 << 31, 1], Some(1 << 62)),
            (&[usize::MAX, usize::MAX], None),
        ];
        for (shape, expected) in rows {
            assert_eq!(count(shape), expected, "{shape:?}");
            assert_eq!(Shape::checked("test", shape).is_ok(), expected.is_some(), "{shape:?}");
        }
    }

    #[test]
    fn ranges_are_cut_as_slices_of_python_are() {
        const LAST: isize = isize::MAX;
        const FIRST: isize = isize::MIN;
        use Bound::{Excluded, Included, Unbounded};
        let rows = [
            ((Excluded(-7), Unbounded), (0, 3)),
            ((Excluded(-4), Unbounded), (0, 3)),
            ((Excluded(-3), Unbounded), (1, 3)),
            ((Excluded(-1), Unbounded), (3, 3)),
            ((Excluded(LAST), Unbounded), (3, 3)),
            ((Excluded(FIRST), Excluded(LAST)), (0, 3)),
            ((Included(FIRST), Included(LAST)), (0, 3)),
            ((Unbounded, Included(-1)), (0, 3)),
            ((Unbounded, Included(-4)), (0, 0)),
            ((Unbounded, Included(FIRST)), (0, 0)),
            ((Included(2), Excluded(1)), (2, 2)),
            ((Included(5), Excluded(-7)), (3, 3)),
        ];
        for (range, expected) in rows {
            assert_eq!(clamp_range(range, 3), expected, "{range:?}");
        }
        assert_eq!(clamp_range((Excluded(-1), Included(-1)), LAST as usize), (LAST as usize, LAST as usize));
    }
}
