//! Sets of dimensions: which are reduced and which are kept.

use super::{Shape, normalize};
use downhill_kernels::carry::raise_or_carry;
use downhill_kernels::error::Error;

/// A set of dimensions of one tensor, as a bit mask. It can hold the first 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axes(u64);

impl Axes {
    #[track_caller]
    pub(crate) fn all(rank: usize) -> Axes {
        if rank == 0 { Axes(0) } else { Axes(u64::MAX >> (63 - checked(rank - 1))) }
    }

    #[track_caller]
    pub(crate) fn one(axis: usize) -> Axes {
        Axes(1 << checked(axis))
    }

    /// The dimensions over which a gradient of shape `from` is summed to reach the shape `to` it was broadcast from.
    #[track_caller]
    pub(crate) fn broadcast(from: &[usize], to: &[usize]) -> Axes {
        let offset = from.len() - to.len();
        let mut bits = 0;
        for axis in 0..from.len() {
            // A dimension of size 1 needs no sum, so it may be beyond the 64 that fit.
            let repeated = axis < offset && (axis < 64 || from[axis] != 1);
            if repeated || (axis >= offset && to[axis - offset] == 1 && from[axis] != 1) {
                bits |= Axes::one(axis).0;
            }
        }
        Axes(bits)
    }

    /// The named dimensions; negative ones count from the end, an empty list means every dimension.
    #[track_caller]
    pub(crate) fn new(op: &'static str, dims: &[isize], rank: usize) -> Result<Axes, Error> {
        if dims.is_empty() { Ok(Axes::all(rank)) } else { Axes::some(op, dims, rank) }
    }

    /// The named dimensions; negative ones count from the end.
    #[track_caller]
    pub(crate) fn some(op: &'static str, dims: &[isize], rank: usize) -> Result<Axes, Error> {
        let mut bits = 0;
        for &dim in dims {
            let bit = match normalize(op, dim, rank) {
                Ok(axis) => Axes::one(axis).0,
                // A 0-d tensor may be reduced over dimension 0 or -1, named once, as in PyTorch.
                Err(_) if rank == 0 && (dim == 0 || dim == -1) => 1,
                Err(error) => return Err(error),
            };
            if bits & bit != 0 {
                return Err(Error::DimTwice { op, dim, dims: dims.to_vec() });
            }
            bits |= bit;
        }
        // The bit of a 0-d tensor only detects repetition; it has no dimension.
        Ok(Axes(if rank == 0 { 0 } else { bits }))
    }

    /// Whether these are all dimensions of a tensor of this rank.
    pub(crate) fn are_all(self, rank: usize) -> bool {
        self.0.count_ones() as usize == rank
    }

    pub(crate) fn contains(self, axis: usize) -> bool {
        axis < 64 && self.0 >> axis & 1 == 1
    }

    /// The dimensions of the set that come before this one.
    pub(crate) fn before(self, axis: usize) -> Axes {
        Axes(self.0 & (Axes::one(axis).0 - 1))
    }

    /// The number of elements that a reduction over these dimensions combines into one.
    pub(crate) fn count(self, shape: &[usize]) -> usize {
        shape.iter().enumerate().filter(|(axis, _)| self.contains(*axis)).map(|(_, n)| n).product()
    }

    /// The shape after reducing these dimensions to size 1.
    pub(crate) fn kept(self, shape: &[usize]) -> Shape {
        let mut kept = Shape::from(shape);
        for (axis, size) in kept.slice_mut().iter_mut().enumerate() {
            if self.contains(axis) {
                *size = 1;
            }
        }
        kept
    }

    /// The shape after removing these dimensions.
    pub(crate) fn removed(self, shape: &[usize]) -> Shape {
        let stays = |axis: &usize| !self.contains(*axis);
        let mut removed = Shape::zeros((0..shape.len()).filter(stays).count());
        for (size, axis) in removed.iter_mut().zip((0..shape.len()).filter(stays)) {
            *size = shape[axis];
        }
        removed
    }

    /// The shape after the reduction.
    pub(crate) fn reduced(self, shape: &[usize], keepdim: bool) -> Shape {
        if keepdim { self.kept(shape) } else { self.removed(shape) }
    }
}

/// The dimension, checked to fit into the bit mask.
#[track_caller]
fn checked(axis: usize) -> usize {
    if axis >= 64 {
        raise_or_carry(Error::Rank { rank: axis + 1 });
    }
    axis
}
