//! Arrays of values without a graph: shared, copied on write, computed with by the operations.
//!
//! [`Op::forward`](crate::Op::forward) takes and returns [`Array`]s. Cloning one never copies elements, and changing
//! its shape gives a view. [`Array::map`] and [`Array::zip`] take their arrays by value: if nobody else holds the
//! buffer they work in place, otherwise they allocate. The graph holds the values it saved for the backward pass, so
//! nothing overwrites them before the last backward rule has read them.

mod elementwise;
pub(crate) mod magnitude;
pub(crate) mod matmul;
pub(crate) mod moments;
pub(crate) mod reduce;
pub(crate) mod strided;

use std::fmt;
use triomphe::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn, ShapeBuilder};

use crate::array::strided::{Strided, expanded_strides, zip_strided};
use crate::base::element::Element;
use crate::base::shape::{self, IntoShape, Shape};
use downhill_kernels::buffer::{self, Buffer};
use downhill_kernels::error::Error;
use downhill_kernels::memory;

/// A shared array of values; 8 bytes, and a clone is a snapshot.
///
/// ```
/// use downhill_tensor::Array;
/// let a = Array::from_vec(vec![1.0f32, 2.0, 3.0], [3]).unwrap();
/// let twice = a.clone().map(|x| 2.0 * x);
/// assert_eq!(twice.to_vec(), [2.0, 4.0, 6.0]);
/// assert_eq!(a.to_vec(), [1.0, 2.0, 3.0]);
/// ```
pub struct Array<T: Element>(Arc<Body<T>>);

struct Body<T: Element> {
    shape: Shape,
    data: Data<T>,
}

enum Data<T: Element> {
    /// Owns its elements, contiguous in row-major order.
    Own(Buffer<T>),
    /// A strided view into another array, which is never itself a view.
    View(Box<View<T>>),
}

struct View<T: Element> {
    base: Array<T>,
    offset: usize,
    strides: Shape,
}

impl<T: Element> Clone for Array<T> {
    fn clone(&self) -> Self {
        Array(Arc::clone(&self.0))
    }
}

impl<T: Element> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Array<{}>{:?}", T::KIND, self.shape())
    }
}

impl<T: Element> Array<T> {
    /// An array of this shape from its elements in row-major order. From 32 KiB on the elements are copied to memory
    /// aligned for fast reads.
    ///
    /// # Errors
    /// When the number of elements does not match the shape.
    #[track_caller]
    pub fn from_vec(data: Vec<T>, shape: impl IntoShape) -> Result<Self, Error> {
        let shape = shape.into_shape();
        let expected = shape::numel(shape.slice());
        if data.len() == expected {
            return Ok(Array::own(Shape::checked("from_vec", shape)?, buffer::of_vec(data)));
        }
        Err(Error::Elements { op: "from_vec", elements: data.len(), shape: shape.slice().to_vec(), expected })
    }

    /// An array filled with one value.
    ///
    /// # Panics
    /// When the number of elements overflows, or there is not enough memory.
    #[track_caller]
    pub fn full(shape: impl IntoShape, value: T) -> Self {
        Array::filled("full", shape.into_shape(), value)
    }

    /// As [`Array::full`]; errors name the operation `op`.
    #[track_caller]
    pub(crate) fn filled(op: &'static str, shape: Shape, value: T) -> Self {
        let mut data = buffer::of_shape(op, shape.slice());
        data.fill(value);
        Array::own(shape, data)
    }

    /// An array of this shape that owns these elements.
    ///
    /// # Panics
    /// When the number of elements does not match the shape: kernels without bounds checks rely on it.
    // Always inlined, so that the shape and the buffer are built where they end up and are not moved through the
    // stack.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn own(shape: Shape, data: Buffer<T>) -> Self {
        assert!(shape.counts(data.len()), "an array has as many elements as its shape says");
        Array(Arc::new(Body { shape, data: Data::Own(data) }))
    }

    /// The size of each dimension.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.0.shape.slice()
    }

    #[inline]
    pub(crate) fn shape_ref(&self) -> &Shape {
        &self.0.shape
    }

    #[inline]
    pub(crate) fn shape_owned(&self) -> Shape {
        self.0.shape.clone()
    }

    /// Whether both are handles to the same array.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        match &self.0.data {
            Data::Own(data) => data.len(),
            Data::View(_) => shape::numel(self.shape()),
        }
    }

    /// Whether this is a view of another array.
    pub fn is_view(&self) -> bool {
        matches!(self.0.data, Data::View(_))
    }

    /// The elements as a slice, if they are contiguous in row-major order.
    #[inline]
    pub fn as_slice(&self) -> Option<&[T]> {
        match &self.0.data {
            Data::Own(data) => Some(data),
            Data::View(view) => self.slice_of_view(view),
        }
    }

    fn slice_of_view<'a>(&self, view: &'a View<T>) -> Option<&'a [T]> {
        // The offset of an empty view may be past the end of the buffer.
        if self.numel() == 0 {
            return Some(&[]);
        }
        shape::is_row_major(self.shape(), view.strides.slice())
            .then(|| &view.base.buffer()[view.offset..view.offset + self.numel()])
    }

    /// The buffer, the offset of the first element and the strides.
    pub(crate) fn strided(&self) -> Strided<'_, T> {
        match &self.0.data {
            Data::Own(data) => Strided { data, offset: 0, strides: shape::row_major(self.shape()) },
            Data::View(view) => {
                Strided { data: view.base.buffer(), offset: view.offset, strides: view.strides.clone() }
            }
        }
    }

    fn buffer(&self) -> &[T] {
        match &self.0.data {
            Data::Own(data) => data,
            Data::View(view) => view.base.buffer(),
        }
    }

    /// The elements as a view of `ndarray`.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        let view = match self.as_slice() {
            Some(slice) => ArrayViewD::from_shape(self.shape(), slice),
            None => {
                let Strided { data, offset, strides } = self.strided();
                ArrayViewD::from_shape(IxDyn(self.shape()).strides(IxDyn(&strides)), &data[offset..])
            }
        };
        view.expect("a view stays inside its buffer")
    }

    /// The elements in row-major order.
    // `inline(never)`: other crates link the copy that is compiled here.
    ///
    /// # Panics
    /// When there is not enough memory.
    #[inline(never)]
    #[track_caller]
    pub fn to_vec(&self) -> Vec<T> {
        match self.as_slice() {
            Some(slice) => memory::listed(slice.iter().copied()),
            None => self.copied().into_vec(),
        }
    }

    /// The elements in row-major order, as a new buffer.
    #[track_caller]
    pub(crate) fn copied(&self) -> Buffer<T> {
        zip_strided("copy", self.shape(), self.strided(), Strided::nothing(self.shape()), |x, _: ()| x)
    }

    /// The elements in row-major order; not copied if nobody else holds the array and it is smaller than 32 KiB.
    ///
    /// # Panics
    /// When there is not enough memory.
    #[track_caller]
    pub fn into_vec(self) -> Vec<T> {
        match Arc::try_unwrap(self.0) {
            Ok(Body { data: Data::Own(data), .. }) => data.into_vec(),
            Ok(body) => Array(Arc::new(body)).to_vec(),
            Err(shared) => Array(shared).to_vec(),
        }
    }

    /// This array, copied if it is not contiguous.
    #[track_caller]
    pub(crate) fn contiguous(self) -> Self {
        if self.as_slice().is_some() { self } else { Array::own(self.shape_owned(), self.copied()) }
    }

    /// The elements of a contiguous array, as a slice.
    pub(crate) fn slice(&self) -> &[T] {
        self.as_slice().expect("a contiguous array")
    }

    /// The elements to write to; copies them first if somebody else holds them.
    #[track_caller]
    pub(crate) fn slice_mut(&mut self) -> &mut [T] {
        if self.own_mut().is_none() {
            *self = Array::own(self.shape_owned(), self.copied());
        }
        self.own_mut().expect("a new array has one owner")
    }

    fn own_mut(&mut self) -> Option<&mut [T]> {
        match Arc::get_mut(&mut self.0) {
            Some(Body { data: Data::Own(data), .. }) => Some(data),
            _ => None,
        }
    }

    /// Whether this is the only handle to the elements, so that they can be overwritten.
    pub(crate) fn is_held_once(&mut self) -> bool {
        self.own_mut().is_some()
    }

    /// The value of all elements, if they are known to be equal without reading them: one element, or strides of 0.
    pub(crate) fn uniform(&self) -> Option<T> {
        match &self.0.data {
            Data::Own(data) if data.len() == 1 => Some(data[0]),
            Data::View(view) if self.shape().iter().zip(view.strides.slice()).all(|(&n, &s)| n == 1 || s == 0) => {
                view.base.buffer().get(view.offset).copied()
            }
            _ => None,
        }
    }

    /// The same elements in another shape: in place or as a view, or a copy if they are not contiguous.
    #[track_caller]
    pub(crate) fn reshaped(mut self, shape: Shape) -> Self {
        assert!(shape::count(shape.slice()) == Some(self.numel()), "the new shape holds as many elements");
        if let Some(Body { shape: own, data: Data::Own(_) }) = Arc::get_mut(&mut self.0) {
            *own = shape;
            return self;
        }
        if self.as_slice().is_none() {
            return Array::own(shape, self.copied());
        }
        let strides = shape::row_major(shape.slice());
        let offset = self.strided().offset;
        self.viewed(shape, offset, strides)
    }

    /// A view of the same buffer. Every index of `shape` must stay inside it: the matrix product checks that again,
    /// everything else reads slices, which are bounds-checked.
    pub(crate) fn viewed(self, shape: Shape, offset: usize, strides: Shape) -> Self {
        assert!(shape::count(shape.slice()).is_some(), "the elements of a view can be counted");
        let base = match &self.0.data {
            Data::Own(_) => self,
            Data::View(view) => view.base.clone(),
        };
        Array(Arc::new(Body { shape, data: Data::View(Box::new(View { base, offset, strides })) }))
    }

    /// This array broadcast to `shape`; the caller has checked that it fits.
    pub(crate) fn expanded(self, shape: &[usize]) -> Self {
        if shape::same(self.shape(), shape) {
            return self;
        }
        let Strided { offset, strides, .. } = self.strided();
        let strides = expanded_strides(self.shape(), strides.slice(), shape);
        self.viewed(shape.into(), offset, strides)
    }
}

impl<T: Element> From<ArrayD<T>> for Array<T> {
    #[track_caller]
    fn from(array: ArrayD<T>) -> Self {
        let shape = Shape::from(array.shape());
        let data = if array.is_standard_layout() {
            let (data, offset) = array.into_raw_vec_and_offset();
            match offset.unwrap_or(0) {
                0 if data.len() == shape::numel(shape.slice()) => data,
                start => memory::listed(data[start..start + shape::numel(shape.slice())].iter().copied()),
            }
        } else {
            memory::listed(array.iter().copied())
        };
        Array::own(shape, buffer::of_vec(data))
    }
}
