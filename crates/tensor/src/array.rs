//! Values without history: a shared, copy-on-write array that operations compute with.
//!
//! An [`Array`] is what [`Op::forward`](crate::Op::forward) gets and gives. Cloning one never copies numbers, and
//! changing its shape gives a view. [`Array::map`] and [`Array::zip`] own what they get: when nobody else holds the
//! buffer they write the result into it, otherwise they allocate. A value that was saved for the backward pass is
//! held by the graph, so nothing overwrites it before a rule has read it for the last time.

mod elementwise;
pub(crate) mod magnitude;
pub(crate) mod matmul;
pub(crate) mod moments;
pub(crate) mod reduce;
pub(crate) mod strided;

use std::fmt;
use triomphe::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn, ShapeBuilder};

use crate::array::strided::{Strided, zip_strided};
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
    /// All elements in row-major order.
    Own(Buffer<T>),
    /// Some elements of another array, which is never itself a view.
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
    /// An array of this shape from its elements in row-major order. From 32 KiB on they are copied, to memory that begins where
    /// it is read soonest.
    ///
    /// # Errors
    /// When the shape holds another number of elements.
    #[track_caller]
    pub fn from_vec(data: Vec<T>, shape: impl IntoShape) -> Result<Self, Error> {
        let shape = shape.into_shape();
        let expected = shape::numel(shape.slice());
        if data.len() == expected {
            return Ok(Array::own(Shape::checked("from_vec", shape)?, buffer::of_vec(data)));
        }
        Err(Error::Elements { op: "from_vec", elements: data.len(), shape: shape.slice().to_vec(), expected })
    }

    /// An array that holds one value everywhere.
    ///
    /// # Panics
    /// When it has more elements than can be counted, or than there is memory for.
    #[track_caller]
    pub fn full(shape: impl IntoShape, value: T) -> Self {
        Array::filled("full", shape.into_shape(), value)
    }

    /// As [`Array::full`], for an operation of this name.
    #[track_caller]
    pub(crate) fn filled(op: &'static str, shape: Shape, value: T) -> Self {
        let mut data = buffer::of_shape(op, shape.slice());
        data.fill(value);
        Array::own(shape, data)
    }

    /// An array of as many elements as its shape says.
    ///
    /// # Panics
    /// When it has another number: kernels without bounds checks rely on it.
    #[inline]
    #[track_caller]
    pub(crate) fn own(shape: Shape, data: Buffer<T>) -> Self {
        assert!(shape::count(shape.slice()) == Some(data.len()), "an array has as many elements as its shape says");
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

    /// Whether both are one array, not only equal ones.
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

    /// Whether the elements are those of another array, seen in another way.
    pub fn is_view(&self) -> bool {
        matches!(self.0.data, Data::View(_))
    }

    /// The elements as a slice, when they lie in row-major order without gaps.
    #[inline]
    pub fn as_slice(&self) -> Option<&[T]> {
        match &self.0.data {
            Data::Own(data) => Some(data),
            Data::View(view) => self.slice_of_view(view),
        }
    }

    fn slice_of_view<'a>(&self, view: &'a View<T>) -> Option<&'a [T]> {
        // The offset of an empty view may lie behind the buffer.
        if self.numel() == 0 {
            return Some(&[]);
        }
        shape::is_row_major(self.shape(), view.strides.slice())
            .then(|| &view.base.buffer()[view.offset..view.offset + self.numel()])
    }

    /// The buffer, the place of the first element in it and the strides.
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

    /// The elements as `ndarray` sees them.
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
    // Other crates use it as it is compiled here.
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

    /// The elements in row-major order, for an array.
    #[track_caller]
    pub(crate) fn copied(&self) -> Buffer<T> {
        zip_strided("copy", self.shape(), self.strided(), Strided::nothing(self.shape()), |x, _: ()| x)
    }

    /// The elements in row-major order, without a copy when nobody else holds them and they are few (less than 32 KiB).
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

    /// The same elements, certain to be a slice.
    #[track_caller]
    pub(crate) fn contiguous(self) -> Self {
        if self.as_slice().is_some() { self } else { Array::own(self.shape_owned(), self.copied()) }
    }

    /// The slice of an array that [`Array::contiguous`] has made.
    pub(crate) fn slice(&self) -> &[T] {
        self.as_slice().expect("a contiguous array")
    }

    /// The elements to write to; copies them first when somebody else holds them.
    #[track_caller]
    pub(crate) fn slice_mut(&mut self) -> &mut [T] {
        if self.own_mut().is_none() {
            *self = Array::own(self.shape_owned(), self.copied());
        }
        self.own_mut().expect("an array made just now is held once")
    }

    fn own_mut(&mut self) -> Option<&mut [T]> {
        match Arc::get_mut(&mut self.0) {
            Some(Body { data: Data::Own(data), .. }) => Some(data),
            _ => None,
        }
    }

    /// Whether nobody else holds the elements, so that they can be overwritten.
    pub(crate) fn is_held_once(&mut self) -> bool {
        self.own_mut().is_some()
    }

    /// The one value that all elements have, when the representation shows it.
    pub(crate) fn uniform(&self) -> Option<T> {
        match &self.0.data {
            Data::Own(data) if data.len() == 1 => Some(data[0]),
            Data::View(view) if self.shape().iter().zip(view.strides.slice()).all(|(&n, &s)| n == 1 || s == 0) => {
                view.base.buffer().get(view.offset).copied()
            }
            _ => None,
        }
    }

    /// The same numbers under another shape that holds as many; a view, or a copy when the order differs.
    #[track_caller]
    pub(crate) fn reshaped(mut self, shape: Shape) -> Self {
        assert!(shape::count(shape.slice()) == Some(self.numel()), "another shape holds as many elements");
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

    /// Other elements of the same buffer. Every index of `shape` must stay inside it; a product of matrices checks that
    /// again, everything else reads slices.
    pub(crate) fn viewed(self, shape: Shape, offset: usize, strides: Shape) -> Self {
        assert!(shape::count(shape.slice()).is_some(), "the elements of a view can be counted");
        let base = match &self.0.data {
            Data::Own(_) => self,
            Data::View(view) => view.base.clone(),
        };
        Array(Arc::new(Body { shape, data: Data::View(Box::new(View { base, offset, strides })) }))
    }

    /// This array seen with the sizes of `shape`, as broadcasting allows; the caller has checked that it does.
    pub(crate) fn expanded(self, shape: &[usize]) -> Self {
        if shape::same(self.shape(), shape) {
            return self;
        }
        let Strided { offset, strides, .. } = self.strided();
        let strides = expanded_strides(self.shape(), strides.slice(), shape);
        self.viewed(shape.into(), offset, strides)
    }
}

/// Strides that repeat an array of one shape to a larger one: 0 where a dimension is new or stretched.
pub(crate) fn expanded_strides(from: &[usize], strides: &[usize], to: &[usize]) -> Shape {
    let mut expanded = Shape::zeros(to.len());
    let offset = to.len() - from.len();
    for (axis, (&size, &stride)) in from.iter().zip(strides).enumerate() {
        expanded[offset + axis] = if size == 1 && to[offset + axis] != 1 { 0 } else { stride };
    }
    expanded
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
