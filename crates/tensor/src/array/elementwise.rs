//! Elementwise functions of one or two arrays, in place if nobody else holds the buffer.

use super::Array;
use crate::array::strided::{Strided, zip_strided, zip_strided_assign};
use crate::base::element::Element;
use crate::base::shape::{self, IntoShape, Shape};
use downhill_kernels::buffer;
use downhill_kernels::each;
use downhill_kernels::simd::MulAdd;
use downhill_kernels::threads;

/// How many elements a thread computes at a time, and the smallest array for which several threads pay off.
const PART_ELEMENTS: usize = 1 << 15;
const PARALLEL_MIN_ELEMENTS: usize = 1 << 16;

impl<T: Element> Array<T> {
    /// Applies `f` to each element, in place if nobody else holds the buffer.
    #[track_caller]
    #[inline]
    pub fn map(mut self, f: impl Fn(T) -> T) -> Self {
        if let Some(data) = self.own_mut() {
            each::map_assign(data, f);
            return self;
        }
        self.map_to(f)
    }

    /// Applies a formula of [`Maths`](downhill_kernels::maths::Maths) functions to each element, with the widest
    /// vector instructions of the machine.
    #[track_caller]
    pub(crate) fn map_math(self, f: impl Fn(T, MulAdd) -> T) -> Self {
        let mut array = self;
        if let Some(data) = array.own_mut() {
            each::map_math(data, f);
            return array;
        }
        let array = array.contiguous();
        let mut out = buffer::dirty(array.numel());
        each::map_math_to(array.slice(), &mut out, f);
        Array::own(array.shape_owned(), out)
    }

    /// As [`Array::map`], multithreaded: for use between multithreaded operations, where each thread has its part in
    /// cache already. `f` should capture nothing, because a captured value would be read again for each element.
    #[track_caller]
    pub(crate) fn map_in_parts(mut self, f: impl Fn(T) -> T + Copy + Sync) -> Self {
        if let Some(data) = self.own_mut() {
            let parallel = data.len() >= PARALLEL_MIN_ELEMENTS;
            threads::for_each(data.chunks_mut(PART_ELEMENTS).collect(), parallel, |x| each::map_assign(x, f));
            return self;
        }
        let array = self.contiguous();
        let mut out = buffer::dirty(array.numel());
        let (parallel, parts) = (
            out.len() >= PARALLEL_MIN_ELEMENTS,
            array.slice().chunks(PART_ELEMENTS).zip(out.chunks_mut(PART_ELEMENTS)).collect(),
        );
        threads::for_each(parts, parallel, |(x, out)| each::map(x, out, f));
        Array::own(array.shape_owned(), out)
    }

    /// As [`Array::zip`], multithreaded if the arrays have the same shape.
    #[track_caller]
    pub(crate) fn zip_in_parts(mut self, op: &'static str, other: Self, f: impl Fn(T, T) -> T + Copy + Sync) -> Self {
        if self.shape_ref() == other.shape_ref()
            && let (Some(a), Some(b)) = (self.own_mut(), other.as_slice())
        {
            let (parallel, parts) = (
                a.len() >= PARALLEL_MIN_ELEMENTS,
                a.chunks_mut(PART_ELEMENTS).zip(b.chunks(PART_ELEMENTS)).collect(),
            );
            threads::for_each(parts, parallel, |(a, b)| each::zip_assign(a, b, f));
            return self;
        }
        self.zip(op, other, f)
    }

    /// Applies `f` to each element, giving an array of another type.
    #[inline]
    #[track_caller]
    pub fn map_to<U: Element>(&self, f: impl Fn(T) -> U) -> Array<U> {
        let array = self.clone().contiguous();
        let mut data = buffer::dirty(array.numel());
        each::map(array.slice(), &mut data, f);
        Array::own(self.shape_owned(), data)
    }

    /// Applies `f` to pairs of elements, with broadcasting; in place if nobody else holds one of the buffers.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast; `op` is the name in the message.
    #[track_caller]
    #[inline]
    pub fn zip(mut self, op: &'static str, mut other: Self, f: impl Fn(T, T) -> T) -> Self {
        if self.shape_ref() == other.shape_ref() {
            if let (Some(a), Some(b)) = (self.own_mut(), other.as_slice()) {
                each::zip_assign(a, b, f);
                return self;
            }
            if let (Some(a), Some(b)) = (self.as_slice(), other.own_mut()) {
                each::zip_assign(b, a, |b, a| f(a, b));
                return other;
            }
            if self.as_slice().is_some() && other.as_slice().is_some() {
                return self.zip_broadcast(op, &other, self.shape_owned(), f);
            }
        }
        // Above 64 dimensions `broadcast` must check which ones may be repeated.
        let few = self.shape().len().max(other.shape().len()) <= 64;
        if few && let Some(b) = other.uniform_beside(&self) {
            return self.map(|a| f(a, b));
        }
        if few && let Some(a) = self.uniform_beside(&other) {
            return other.map(|b| f(a, b));
        }
        let shape = match shape::broadcast(op, self.shape(), other.shape()) {
            Ok(shape) => shape,
            Err(error) => error.raise(),
        };
        if self.shape_ref() == &shape && self.own_mut().is_some() {
            self.zip_assign(&other, f);
            return self;
        }
        if other.shape_ref() == &shape && other.own_mut().is_some() {
            other.zip_assign(&self, |b, a| f(a, b));
            return other;
        }
        self.zip_broadcast(op, &other, shape, f)
    }

    /// Replaces each element by `f` of it and the corresponding elements of `a`, which has the same shape, and of
    /// `b`, which broadcasts: accumulates a contribution into a gradient.
    #[inline]
    #[track_caller]
    pub(crate) fn zip_onto(mut self, a: Self, b: Self, f: impl Fn(T, T, T) -> T) -> Self {
        debug_assert_eq!(self.shape(), a.shape());
        let b = b.expanded(a.shape()).contiguous();
        match a.values_of_rows() {
            Some(values) => {
                let columns = b.numel() / values.len();
                let rows = self.slice_mut().chunks_exact_mut(columns).zip(b.slice().chunks_exact(columns));
                for ((sums, b), a) in rows.zip(values) {
                    each::zip_assign(sums, b, |sum, b| f(sum, a, b));
                }
            }
            None => each::zip_onto(self.slice_mut(), a.contiguous().slice(), b.slice(), f),
        }
        self
    }

    /// The value of each row, if every row is one repeated element (its last stride is 0).
    #[track_caller]
    fn values_of_rows(&self) -> Option<Vec<T>> {
        let Strided { data, offset, strides } = self.strided();
        let (&columns, sizes) = self.shape().split_last()?;
        let (&step, steps) = strides.slice().split_last()?;
        if step != 0 || columns < 2 || self.numel() == 0 {
            return None;
        }
        let rows = Strided { data, offset, strides: steps.into_shape() };
        Some(zip_strided("copy", sizes, rows, Strided::nothing(sizes), |x, _: ()| x).into_vec())
    }

    /// The value of all elements, if they are known to be equal and the result has the shape of `other`.
    fn uniform_beside(&self, other: &Self) -> Option<T> {
        let fits = self.shape() == other.shape() || (self.numel() == 1 && self.shape().len() <= other.shape().len());
        if fits { self.uniform() } else { None }
    }

    /// Applies `f` to pairs of elements, with broadcasting, giving an array of another type.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast; `op` is the name in the message.
    #[track_caller]
    pub fn zip_to<V: Element, U: Element>(
        &self,
        op: &'static str,
        other: &Array<V>,
        f: impl Fn(T, V) -> U,
    ) -> Array<U> {
        match shape::broadcast(op, self.shape(), other.shape()) {
            Ok(shape) => self.zip_broadcast(op, other, shape, f),
            Err(error) => error.raise(),
        }
    }

    #[inline]
    #[track_caller]
    fn zip_broadcast<V: Element, U: Element>(
        &self,
        op: &'static str,
        other: &Array<V>,
        shape: Shape,
        f: impl Fn(T, V) -> U,
    ) -> Array<U> {
        let data = if self.shape_ref() == other.shape_ref()
            && let (Some(a), Some(b)) = (self.as_slice(), other.as_slice())
        {
            let mut out = buffer::dirty(a.len());
            each::zip(a, b, &mut out, f);
            out
        } else {
            let (sizes, a, b) = (shape.slice(), self.strided(), other.strided());
            zip_strided(op, sizes, a.expanded(self.shape(), sizes), b.expanded(other.shape(), sizes), f)
        };
        Array::own(shape, data)
    }

    /// Replaces each element by `f` of it and the corresponding element of `other`; the caller has checked that
    /// `other` broadcasts to this shape.
    #[track_caller]
    pub(crate) fn zip_assign<V: Element>(&mut self, other: &Array<V>, f: impl Fn(T, V) -> T) {
        let shape = self.shape_owned();
        let data = self.slice_mut();
        if let Some(b) = other.as_slice().filter(|b| b.len() == data.len()) {
            each::zip_assign(data, b, f);
            return;
        }
        zip_strided_assign(shape.slice(), data, other.strided().expanded(other.shape(), shape.slice()), f);
    }
}
