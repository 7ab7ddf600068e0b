//! Rules about shapes and dimensions: broadcasting, negative dimensions, ranges. Knows no tensor.

use std::ops::{Bound, RangeBounds};

use ndarray::{Dimension, IxDyn};

use crate::error::Error;

/// The size of each dimension. Up to four dimensions take no memory of their own.
pub type Shape = IxDyn;

/// What a shape can be given as: `[2, 3]`, a slice, a `Vec` or one number for a vector.
pub trait IntoShape {
    /// The size of each dimension.
    fn into_shape(self) -> Shape;
}

impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Shape {
        IxDyn(&self)
    }
}
impl<const N: usize> IntoShape for &[usize; N] {
    fn into_shape(self) -> Shape {
        IxDyn(self)
    }
}
impl IntoShape for &[usize] {
    fn into_shape(self) -> Shape {
        IxDyn(self)
    }
}
impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Shape {
        IxDyn(&self)
    }
}
impl IntoShape for usize {
    fn into_shape(self) -> Shape {
        IxDyn(&[self])
    }
}
impl IntoShape for Shape {
    fn into_shape(self) -> Shape {
        self
    }
}

/// What dimensions, or sizes with a `-1`, can be given as: one integer, an array, a slice or a `Vec`.
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

/// A set of dimensions of one tensor, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axes(u64);

impl Axes {
    pub(crate) fn all(rank: usize) -> Axes {
        Axes(if rank >= 64 { u64::MAX } else { (1 << rank) - 1 })
    }

    pub(crate) fn one(axis: usize) -> Axes {
        Axes(1 << axis)
    }

    /// The named dimensions; negative ones count from the end, none at all means every dimension.
    pub(crate) fn new(op: &'static str, dims: &[isize], rank: usize) -> Result<Axes, Error> {
        if dims.is_empty() { Ok(Axes::all(rank)) } else { Axes::some(op, dims, rank) }
    }

    /// The named dimensions; negative ones count from the end.
    pub(crate) fn some(op: &'static str, dims: &[isize], rank: usize) -> Result<Axes, Error> {
        let mut bits = 0;
        for &dim in dims {
            let bit = match normalize(op, dim, rank) {
                Ok(axis) => 1 << axis,
                // A 0-d tensor reduces over dimension 0 or -1 as PyTorch's does.
                Err(_) if rank == 0 && (dim == 0 || dim == -1) => continue,
                Err(error) => return Err(error),
            };
            if bits & bit != 0 {
                return Err(Error::DimTwice { op, dim, dims: dims.to_vec() });
            }
            bits |= bit;
        }
        Ok(Axes(bits))
    }

    pub(crate) fn contains(self, axis: usize) -> bool {
        self.0 >> axis & 1 == 1
    }

    /// The number of elements that a reduction over these dimensions takes together.
    pub(crate) fn count(self, shape: &[usize]) -> usize {
        shape.iter().enumerate().filter(|(axis, _)| self.contains(*axis)).map(|(_, n)| n).product()
    }

    /// The shape after reducing these dimensions to size 1.
    pub(crate) fn kept(self, shape: &[usize]) -> Shape {
        let mut kept = IxDyn(shape);
        for (axis, size) in kept.slice_mut().iter_mut().enumerate() {
            if self.contains(axis) {
                *size = 1;
            }
        }
        kept
    }

    /// The shape after removing these dimensions.
    pub(crate) fn removed(self, shape: &[usize]) -> Shape {
        if self == Axes::all(shape.len()) {
            return IxDyn(&[]);
        }
        let sizes: Vec<usize> = (0..shape.len()).filter(|axis| !self.contains(*axis)).map(|axis| shape[axis]).collect();
        IxDyn(&sizes)
    }

    /// The shape after the reduction.
    pub(crate) fn reduced(self, shape: &[usize], keepdim: bool) -> Shape {
        if keepdim { self.kept(shape) } else { self.removed(shape) }
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

/// The position at which a new dimension is inserted; negative ones count from behind the last.
pub(crate) fn normalize_new(op: &'static str, dim: isize, rank: usize) -> Result<usize, Error> {
    normalize(op, dim, rank + 1).map_err(|error| match error {
        Error::Dim { op, dim, range, .. } => Error::Dim { op, dim, rank, range },
        error => error,
    })
}

/// The position of an element in a dimension; negative ones count from the end.
pub(crate) fn position(op: &'static str, index: isize, dim: usize, shape: &[usize]) -> Result<usize, Error> {
    let size = shape[dim];
    let place = if index < 0 { index + size as isize } else { index };
    if (0..size as isize).contains(&place) {
        Ok(place as usize)
    } else {
        Err(Error::Index { op, index, dim, size, shape: shape.to_vec() })
    }
}

/// Where a range begins and ends in a dimension of this size, cut to it as Python's slices are.
pub(crate) fn clamp_range(range: impl RangeBounds<isize>, size: usize) -> (usize, usize) {
    let size = size as isize;
    let place = |index: isize| (if index < 0 { index + size } else { index }).clamp(0, size);
    let start = match range.start_bound() {
        Bound::Included(&index) => place(index),
        Bound::Excluded(&index) => place(index) + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        // `..=-1` ends behind the last element: the sign is resolved before one is added.
        Bound::Included(&index) => (if index < 0 { index + size } else { index }).saturating_add(1).clamp(0, size),
        Bound::Excluded(&index) => place(index),
        Bound::Unbounded => size,
    };
    (start.min(size) as usize, end.max(start.min(size)) as usize)
}

/// The shape of an element-wise result: sizes are compared from the last dimension, and 1 stretches.
pub(crate) fn broadcast(op: &'static str, left: &[usize], right: &[usize]) -> Result<Shape, Error> {
    if left == right {
        return Ok(IxDyn(left));
    }
    let (long, short) = if left.len() >= right.len() { (left, right) } else { (right, left) };
    let mut shape = IxDyn(long);
    let offset = long.len() - short.len();
    for (size, &other) in shape.slice_mut()[offset..].iter_mut().zip(short) {
        if *size == 1 {
            *size = other;
        } else if other != 1 && other != *size {
            return Err(Error::Broadcast { op, left: left.to_vec(), right: right.to_vec() });
        }
    }
    Ok(shape)
}

/// The dimensions over which a gradient of shape `from` is summed to reach the shape `to` it was broadcast from.
pub(crate) fn broadcast_axes(from: &[usize], to: &[usize]) -> Axes {
    let offset = from.len() - to.len();
    let stretched = (0..from.len()).filter(|&axis| axis < offset || (to[axis - offset] == 1 && from[axis] != 1));
    Axes(stretched.fold(0, |bits, axis| bits | 1 << axis))
}

/// The strides of a row-major array of this shape, in elements.
pub(crate) fn row_major(shape: &[usize]) -> Shape {
    let mut strides = IxDyn(shape);
    let mut stride = 1;
    for (place, &size) in strides.slice_mut().iter_mut().zip(shape).rev() {
        *place = stride;
        stride *= size;
    }
    strides
}

/// Whether these strides are those of a row-major array; dimensions of size 1 may have any.
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

/// The number of elements of a shape; the largest `usize` when there are more, so that no buffer is ever taken for it.
pub(crate) fn numel(shape: &[usize]) -> usize {
    if shape.contains(&0) { 0 } else { shape.iter().fold(1, |product: usize, &size| product.saturating_mul(size)) }
}
