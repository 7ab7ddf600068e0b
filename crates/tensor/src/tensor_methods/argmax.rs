//! `argmax`, `argmin`: positions of the largest and smallest elements. Positions are integers, so nothing here has a
//! gradient.

use crate::array::Array;
use crate::autograd::observe;
use crate::autograd::op::OpKind;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Float};
use crate::base::shape::{Axes, normalize};
use crate::ops::amax::Extreme;
use downhill_kernels::buffer;
use downhill_kernels::error::{Error, OrRaise};
use downhill_kernels::reduce::AxisLanes;

/// The position of the first extreme; NaN counts as more extreme than every number.
fn position<'a, T: Float>(lane: impl Iterator<Item = &'a T>, extreme: Extreme) -> i64 {
    let mut best: Option<(i64, T)> = None;
    for (i, &x) in lane.enumerate() {
        if best.is_none_or(|(_, y)| extreme.prefers(x, y)) {
            best = Some((i as i64, x));
        }
    }
    best.map_or(0, |(i, _)| i)
}

impl<T: Float> Tensor<T> {
    #[track_caller]
    fn position_of(&self, op: &'static str, extreme: Extreme) -> Tensor<i64> {
        if self.numel() == 0 {
            Error::Empty { op, shape: self.shape().to_vec() }.raise();
        }
        let data = self.array().contiguous();
        let position = Array::full([], position(data.slice().iter(), extreme));
        observe::without_gradient(op, OpKind::Reduction, &[self], Tensor::from_array(position))
    }

    #[track_caller]
    pub(crate) fn positions_of(&self, op: &'static str, dim: isize, extreme: Extreme) -> Tensor<i64> {
        if self.ndim() == 0 {
            Axes::new(op, &[dim], 0).or_raise();
            return self.position_of(op, extreme);
        }
        let axis = normalize(op, dim, self.ndim()).or_raise();
        let lanes = AxisLanes::of(self.shape(), axis);
        let shape = Axes::one(axis).removed(self.shape());
        if lanes.n == 0 {
            Error::Empty { op, shape: self.shape().to_vec() }.raise();
        }
        let data = self.array().contiguous();
        let positions = lanes.starts().map(|start| position(lanes.lane(data.slice(), start), extreme));
        let positions = buffer::collect(shape.size(), positions);
        let positions = Array::own(shape, positions);
        observe::without_gradient(op, OpKind::Reduction, &[self], Tensor::from_array(positions))
    }

    /// The position of the largest element among all, in row-major order; the first if several are equal.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0, 2.0]).argmax().item(), 1);
    /// ```
    ///
    /// # Panics
    /// When there are no elements.
    #[track_caller]
    pub fn argmax(&self) -> Tensor<i64> {
        self.position_of("argmax", Extreme::Largest)
    }

    /// The position of the smallest element among all, in row-major order; the first if several are equal.
    ///
    /// # Panics
    /// When there are no elements.
    #[track_caller]
    pub fn argmin(&self) -> Tensor<i64> {
        self.position_of("argmin", Extreme::Smallest)
    }

    /// The positions of the largest elements along a dimension, such as the predicted class of each row.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [4.0, 2.0]]).argmax_dim(1).to_vec(), [1, 0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn argmax_dim(&self, dim: isize) -> Tensor<i64> {
        self.positions_of("argmax_dim", dim, Extreme::Largest)
    }

    /// The positions of the smallest elements along a dimension.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn argmin_dim(&self, dim: isize) -> Tensor<i64> {
        self.positions_of("argmin_dim", dim, Extreme::Smallest)
    }

    /// As [`Tensor::argmax_dim`], but keeps the dimension with size 1.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn argmax_keepdim(&self, dim: isize) -> Tensor<i64> {
        self.positions_of("argmax_keepdim", dim, Extreme::Largest).keeping(dim, self.ndim())
    }

    /// As [`Tensor::argmin_dim`], but keeps the dimension with size 1.
    ///
    /// # Panics
    /// When the dimension does not exist or is empty.
    #[track_caller]
    pub fn argmin_keepdim(&self, dim: isize) -> Tensor<i64> {
        self.positions_of("argmin_keepdim", dim, Extreme::Smallest).keeping(dim, self.ndim())
    }
}

impl<T: Element> Tensor<T> {
    /// Reinserts the reduced dimension with size 1, for an input of rank `rank`.
    #[track_caller]
    pub(crate) fn keeping(&self, dim: isize, rank: usize) -> Tensor<T> {
        if rank == 0 { self.clone() } else { self.unsqueeze(dim) }
    }
}
