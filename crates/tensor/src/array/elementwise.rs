//! Functions of each element and of pairs of elements, in place where nobody else holds the buffer.

use super::Array;
use crate::buffer;
use crate::element::Element;
use crate::shape::{self, Shape};
use crate::strided::{Strided, zip_strided, zip_strided_assign};

impl<T: Element> Array<T> {
    /// Each element through `f`, in place when nobody else holds the buffer.
    #[inline]
    pub fn map(mut self, f: impl Fn(T) -> T) -> Self {
        if let Some(data) = self.own_mut() {
            for x in data {
                *x = f(*x);
            }
            return self;
        }
        self.map_to(f)
    }

    /// Each element through `f`, to another type.
    #[inline]
    pub fn map_to<U: Element>(&self, f: impl Fn(T) -> U) -> Array<U> {
        let data = match self.as_slice() {
            Some(slice) => buffer::collect(slice.len(), slice.iter().map(|&x| f(x))),
            None => zip_strided(self.shape(), self.strided(), Strided::nothing(self.shape()), |x, _: ()| f(x)),
        };
        Array::own(self.shape_owned(), data)
    }

    /// Pairs of elements through `f`, with broadcasting; in place when nobody else holds one of the buffers.
    ///
    /// # Panics
    /// When the shapes cannot be broadcast; `op` is the name in the message.
    #[track_caller]
    #[inline]
    pub fn zip(mut self, op: &'static str, mut other: Self, f: impl Fn(T, T) -> T) -> Self {
        if self.shape_ref() == other.shape_ref() {
            if let (Some(a), Some(b)) = (self.own_mut(), other.as_slice()) {
                for (a, &b) in a.iter_mut().zip(b) {
                    *a = f(*a, b);
                }
                return self;
            }
            if let (Some(a), Some(b)) = (self.as_slice(), other.own_mut()) {
                for (&a, b) in a.iter().zip(b) {
                    *b = f(a, *b);
                }
                return other;
            }
        }
        if let Some(b) = other.uniform().filter(|_| other.shape().len() <= self.shape().len() && other.numel() == 1) {
            return self.map(|a| f(a, b));
        }
        if let Some(a) = self.uniform().filter(|_| self.shape().len() <= other.shape().len() && self.numel() == 1) {
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
        self.zip_broadcast(&other, shape, f)
    }

    /// Pairs of elements through `f`, with broadcasting, to another type.
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
            Ok(shape) => self.zip_broadcast(other, shape, f),
            Err(error) => error.raise(),
        }
    }

    #[inline]
    fn zip_broadcast<V: Element, U: Element>(&self, other: &Array<V>, shape: Shape, f: impl Fn(T, V) -> U) -> Array<U> {
        let data = if self.shape_ref() == other.shape_ref()
            && let (Some(a), Some(b)) = (self.as_slice(), other.as_slice())
        {
            buffer::collect(a.len(), a.iter().zip(b).map(|(&a, &b)| f(a, b)))
        } else {
            let (sizes, a, b) = (shape.slice(), self.strided(), other.strided());
            zip_strided(sizes, a.expanded(self.shape(), sizes), b.expanded(other.shape(), sizes), f)
        };
        Array::own(shape, data)
    }

    /// Changes each element by `f` of it and its partner in `other`, which broadcasts to this shape (the caller has checked).
    pub(crate) fn zip_assign<V: Element>(&mut self, other: &Array<V>, f: impl Fn(T, V) -> T) {
        let shape = self.shape_owned();
        let data = self.slice_mut();
        if let Some(b) = other.as_slice().filter(|b| b.len() == data.len()) {
            for (a, &b) in data.iter_mut().zip(b) {
                *a = f(*a, b);
            }
            return;
        }
        zip_strided_assign(shape.slice(), data, other.strided().expanded(other.shape(), shape.slice()), f);
    }
}
