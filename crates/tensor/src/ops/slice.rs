//! `slice`: a range along one dimension; also `narrow`, `select`, `split` and `chunk`.

use std::ops::RangeBounds;

use crate::autograd::tensor::check_keeps_gradient;
use crate::base::shape::{broadcast, clamp_range, normalize, position};
use crate::ops::prelude::*;
use downhill_kernels::memory;
use downhill_kernels::reduce::AxisLanes;

/// About how many bytes a view takes, including its handle.
const BYTES_OF_PART: usize = 256;

#[derive(Clone)]
pub(crate) struct Slice {
    axis: usize,
    start: usize,
    /// The number of selected positions.
    length: usize,
    step: usize,
}

impl<T: Element> Op<T> for Slice {
    type Arity = Fixed<1>;
    const NAME: &'static str = "slice";
    const FORMULA: &'static str = "x in a range";
    const DERIVATIVE: &'static str = "grad in the range, 0 outside";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        let Slice { axis, start, length, step } = self;
        format!("dim={axis}, start={start}, length={length}, step={step}")
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let strided = x.strided();
        let (offset, mut strides) = (strided.offset + self.start * strided.strides[self.axis], strided.strides);
        // With at most one position the step is unused, and can be huge.
        if self.length > 1 {
            strides[self.axis] *= self.step;
        }
        let mut shape = x.shape_owned();
        shape[self.axis] = self.length;
        x.viewed(shape, offset, strides)
    }

    // the elements outside the range have no influence
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let size = saved.input_shape(0)[self.axis];
        [Some(SliceBackward { range: self.clone(), size }.apply([&grad]))]
    }
}

/// Writes a tensor into a range of a larger one of zeros: the transpose of [`Slice`].
pub(crate) struct SliceBackward {
    range: Slice,
    size: usize,
}

impl<T: Element> Op<T> for SliceBackward {
    type Arity = Fixed<1>;
    const NAME: &'static str = "slice_backward";
    const FORMULA: &'static str = "x in a range, 0 outside";
    const DERIVATIVE: &'static str = "grad in the range";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let mut shape = x.shape_owned();
        shape[self.range.axis] = self.size;
        let mut out = Array::filled("slice_backward", shape, T::default());
        assign(&mut out, &self.range, &x.contiguous());
        out
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(self.range.clone().apply([&grad]))]
    }
}

/// Writes `value`, which is contiguous and has the shape of the range, into the range of `target`.
#[track_caller]
fn assign<T: Element>(target: &mut Array<T>, range: &Slice, value: &Array<T>) {
    let AxisLanes { outer, n, inner } = AxisLanes::of(target.shape(), range.axis);
    // With step 1 the whole run is contiguous and written at once.
    let (count, run) = if range.step == 1 { (1, range.length * inner) } else { (range.length, inner) };
    let (target, value) = (target.slice_mut(), value.slice());
    // Without elements, skip the loop: there may be a huge number of empty runs.
    if value.is_empty() {
        return;
    }
    for o in 0..outer {
        for k in 0..count {
            let (from, to) = ((o * count + k) * run, (o * n + range.start + k * range.step) * inner);
            target[to..to + run].copy_from_slice(&value[from..from + run]);
        }
    }
}

impl<T: Element> Tensor<T> {
    /// A view of a range along one dimension; negative bounds count from the end, and the range is clipped to the
    /// dimension, as in Python.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!(x.slice(0, 1..-1).to_vec(), [2.0, 3.0]);
    /// assert_eq!(x.slice(0, 2..).to_vec(), [3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn slice(&self, dim: isize, range: impl RangeBounds<isize>) -> Tensor<T> {
        let axis = normalize("slice", dim, self.ndim()).or_raise();
        let (start, end) = clamp_range(range, self.shape()[axis]);
        Slice { axis, start, length: end - start, step: 1 }.apply([self])
    }

    /// A view of every `step`-th position of a range along one dimension, starting with the first.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0, 5.0]);
    /// assert_eq!(x.slice_step(0, 1.., 2).to_vec(), [2.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or the step is 0.
    #[track_caller]
    pub fn slice_step(&self, dim: isize, range: impl RangeBounds<isize>, step: usize) -> Tensor<T> {
        let axis = normalize("slice_step", dim, self.ndim()).or_raise();
        if step == 0 {
            let (given, expected) = ("0".to_owned(), "at least 1 (`flip` reverses the order)");
            Error::Argument { op: "slice_step", name: "step", given, expected }.raise();
        }
        let (start, end) = clamp_range(range, self.shape()[axis]);
        Slice { axis, start, length: (end - start).div_ceil(step), step }.apply([self])
    }

    /// Views of `size` positions each along one dimension; the last may be shorter.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let parts = Tensor::from([1.0, 2.0, 3.0]).split(2, 0);
    /// assert_eq!((parts[0].to_vec(), parts[1].to_vec()), (vec![1.0, 2.0], vec![3.0]));
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist, or the size is 0 and the dimension is not.
    #[track_caller]
    pub fn split(&self, size: usize, dim: isize) -> Vec<Tensor<T>> {
        let axis = normalize("split", dim, self.ndim()).or_raise();
        let n = self.shape()[axis];
        if size == 0 && n > 0 {
            let (given, expected) = ("0".to_owned(), "at least 1");
            Error::Argument { op: "split", name: "size", given, expected }.raise();
        }
        // A dimension of size 0 gives one empty part.
        let starts = (0..n.max(1)).step_by(size.max(1));
        // Not a closure: `#[track_caller]` must reach the user's line.
        let mut parts = memory::room_for(starts.len(), BYTES_OF_PART);
        for start in starts {
            parts.push(Slice { axis, start, length: size.min(n - start), step: 1 }.apply([self]));
        }
        parts
    }

    /// Consecutive views of these sizes along one dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let parts = Tensor::from([1.0, 2.0, 3.0]).split_with_sizes(&[1, 2], 0);
    /// assert_eq!((parts[0].to_vec(), parts[1].to_vec()), (vec![1.0], vec![2.0, 3.0]));
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist, or the sizes do not add up to its size.
    #[track_caller]
    pub fn split_with_sizes(&self, sizes: &[usize], dim: isize) -> Vec<Tensor<T>> {
        let axis = normalize("split_with_sizes", dim, self.ndim()).or_raise();
        let total = sizes.iter().try_fold(0usize, |total, &size| total.checked_add(size));
        if total != Some(self.shape()[axis]) {
            let expected =
                format!("sizes that add up to {} (dimension {axis} of {:?})", self.shape()[axis], self.shape());
            Error::expected("split_with_sizes", expected, format!("{sizes:?}")).raise();
        }
        let mut parts = memory::room_for(sizes.len(), BYTES_OF_PART);
        let mut start = 0;
        for &length in sizes {
            parts.push(Slice { axis, start, length, step: 1 }.apply([self]));
            start += length;
        }
        parts
    }

    /// At most `chunks` views of equal size along one dimension; the last may be shorter.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let parts = Tensor::zeros([5, 2]).chunk(3, 0);
    /// assert_eq!(parts.iter().map(|part| part.shape()[0]).collect::<Vec<_>>(), [2, 2, 1]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or `chunks` is 0.
    #[track_caller]
    pub fn chunk(&self, chunks: usize, dim: isize) -> Vec<Tensor<T>> {
        let axis = normalize("chunk", dim, self.ndim()).or_raise();
        if chunks == 0 {
            let (given, expected) = ("0".to_owned(), "at least 1");
            Error::Argument { op: "chunk", name: "chunks", given, expected }.raise();
        }
        match self.shape()[axis] {
            0 => {
                let mut parts = memory::room_for(chunks, BYTES_OF_PART);
                for _ in 0..chunks {
                    parts.push(Slice { axis, start: 0, length: 0, step: 1 }.apply([self]));
                }
                parts
            }
            n => self.split(n.div_ceil(chunks), dim),
        }
    }

    /// A view of `length` elements from `start` along one dimension.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).narrow(0, 1, 2).to_vec(), [2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist or the range is out of bounds.
    #[track_caller]
    pub fn narrow(&self, dim: isize, start: isize, length: usize) -> Tensor<T> {
        let axis = normalize("narrow", dim, self.ndim()).or_raise();
        let size = self.shape()[axis];
        let first = if start < 0 { start + size as isize } else { start };
        if first < 0 || (first as usize).checked_add(length).is_none_or(|end| end > size) {
            let given = format!("{length} elements from {start}");
            let expected = format!("a range inside dimension {axis} of size {size} (shape {:?})", self.shape());
            Error::expected("narrow", expected, given).raise();
        }
        Slice { axis, start: first as usize, length, step: 1 }.apply([self])
    }

    /// A view of one position along one dimension, which is removed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).select(0, -1).to_vec(), [3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension or the position does not exist.
    #[track_caller]
    pub fn select(&self, dim: isize, index: isize) -> Tensor<T> {
        let axis = normalize("select", dim, self.ndim()).or_raise();
        let start = position("select", index, axis, self.shape()).or_raise();
        let shape = Axes::one(axis).removed(self.shape());
        Slice { axis, start, length: 1, step: 1 }.apply([self]).reshaped(shape)
    }

    /// Writes `value`, which broadcasts to the range, into a range along one dimension of this tensor.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::zeros([4]);
    /// x.slice_assign_(0, 1..3, &Tensor::from([5.0, 6.0]));
    /// assert_eq!(x.to_vec(), [0.0, 5.0, 6.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist, the value does not broadcast to the range, or the tensor must not change
    /// (as [`Tensor::copy_`]).
    #[track_caller]
    pub fn slice_assign_(&self, dim: isize, range: impl RangeBounds<isize>, value: &Tensor<T>) -> Tensor<T> {
        let axis = normalize("slice_assign_", dim, self.ndim()).or_raise();
        let (start, end) = clamp_range(range, self.shape()[axis]);
        let range = Slice { axis, start, length: end - start, step: 1 };
        let mut shape = self.shape().to_vec();
        shape[axis] = range.length;
        match broadcast("slice_assign_", &shape, value.shape()) {
            Ok(joint) if joint.slice() == shape => {}
            _ => Error::Expand { op: "slice_assign_", from: value.shape().to_vec(), to: shape }.raise(),
        }
        check_keeps_gradient("slice_assign_", value.requires_grad());
        let value = value.array().expanded(&shape).contiguous();
        self.change("slice_assign_", |target| assign(target, &range, &value));
        self.clone()
    }
}
