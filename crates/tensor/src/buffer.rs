//! Memory for the elements of arrays, used again: a large buffer that dies waits for the next array of its length.
//!
//! Fresh memory of this size comes from the operating system page by page, and a graph that is dropped gives back many buffers
//! at once, so that every step of a training would pay for all its pages again. What is shorter than 32 KiB is left to the
//! allocator, which does it as well.

use std::collections::{BTreeMap, VecDeque};
use std::iter::repeat_n;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use crate::element::Element;
use crate::kernels::pages::Pages;
use crate::node::lock;

/// Buffers below this size do not wait, in bytes.
const SMALLEST: usize = 32 << 10;

/// How much memory waits at most for each type of elements, in bytes: the gradients of a network of 30 million parameters.
const MOST: usize = 128 << 20;

/// Buffers that nobody uses, the one that has waited longest in front.
///
/// Only as many buffers of a length wait as have been asked for: what comes from outside, as the batches of a data set do, would
/// otherwise fill the pool with lengths that nobody wants.
///
/// The pool belongs to all threads: what a worker makes and another thread drops comes back to the worker.
///
/// Its functions are never inlined, so that other crates use them as they are compiled here.
pub struct Pool<T>(Mutex<Waiting<T>>);

/// Where elements lie.
enum Memory<T> {
    /// Where the allocator has put them.
    Vec(Vec<T>),
    /// On large pages, as most large buffers do that are made here.
    Pages(Pages<T>),
}

impl<T> Memory<T> {
    fn bytes(&self) -> usize {
        match self {
            Memory::Vec(elements) => elements.capacity() * size_of::<T>(),
            Memory::Pages(elements) => elements.bytes(),
        }
    }
}

impl<T> Deref for Memory<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Memory::Vec(elements) => elements,
            Memory::Pages(elements) => elements,
        }
    }
}

impl<T> DerefMut for Memory<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Memory::Vec(elements) => elements,
            Memory::Pages(elements) => elements,
        }
    }
}

struct Waiting<T> {
    buffers: VecDeque<Memory<T>>,
    bytes: usize,
    /// For each length, how many buffers are in use.
    lent: BTreeMap<usize, usize>,
}

impl<T> Waiting<T> {
    /// Takes note that a buffer of this length is in use no more; whether any was.
    fn end_of_use(&mut self, length: usize) -> bool {
        match self.lent.get_mut(&length) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) => drop(self.lent.remove(&length)),
            None => return false,
        }
        true
    }
}

impl<T> Pool<T> {
    pub(crate) const fn new() -> Self {
        Pool(Mutex::new(Waiting { buffers: VecDeque::new(), bytes: 0, lent: BTreeMap::new() }))
    }

    /// The buffer of exactly this length that was used last, which is the one that may still be in a cache.
    #[inline(never)]
    fn take(&self, length: usize) -> Option<Memory<T>> {
        let mut waiting = lock(&self.0);
        *waiting.lent.entry(length).or_default() += 1;
        let place = waiting.buffers.iter().rposition(|buffer| buffer.len() == length)?;
        let buffer = waiting.buffers.remove(place)?;
        waiting.bytes -= buffer.bytes();
        Some(buffer)
    }

    #[inline(never)]
    fn give(&self, buffer: Memory<T>) {
        let mut waiting = lock(&self.0);
        if !waiting.end_of_use(buffer.len()) {
            return;
        }
        waiting.bytes += buffer.bytes();
        waiting.buffers.push_back(buffer);
        while waiting.bytes > MOST {
            let Some(oldest) = waiting.buffers.pop_front() else { break };
            waiting.bytes -= oldest.bytes();
        }
    }
}

/// Whether a buffer of this length is left to the allocator.
#[inline]
fn is_small<T>(length: usize) -> bool {
    length * size_of::<T>() < SMALLEST
}

#[inline]
fn from_pool<T: Element>(length: usize) -> Option<Buffer<T>> {
    if is_small::<T>(length) { None } else { T::pool().take(length).map(Buffer) }
}

/// Elements that are 0, in new memory.
#[inline]
fn fresh<T: Element>(length: usize) -> Buffer<T> {
    if is_small::<T>(length) {
        // A few zeros are written sooner than the allocator, asked for memory of zeros, finds some.
        let mut buffer = Vec::with_capacity(length);
        buffer.extend(repeat_n(T::default(), length));
        return buffer.into();
    }
    match Pages::zeroed(length) {
        Some(pages) => Buffer(Memory::Pages(pages)),
        None => vec![T::default(); length].into(),
    }
}

/// Elements of any value, for a loop that writes all of them.
#[inline]
pub(crate) fn dirty<T: Element>(length: usize) -> Buffer<T> {
    from_pool(length).unwrap_or_else(|| fresh(length))
}

/// Elements that are 0, for a loop that adds to them.
#[inline]
pub(crate) fn zeroed<T: Element>(length: usize) -> Buffer<T> {
    match from_pool(length) {
        Some(mut buffer) => {
            buffer.fill(T::default());
            buffer
        }
        None => fresh(length),
    }
}

/// Elements of one value.
#[inline]
pub(crate) fn full<T: Element>(length: usize, value: T) -> Buffer<T> {
    let mut buffer = dirty(length);
    buffer.fill(value);
    buffer
}

/// The elements of `values`, of which there must be so many.
#[inline]
pub(crate) fn collect<T: Element>(length: usize, values: impl Iterator<Item = T>) -> Buffer<T> {
    if is_small::<T>(length) {
        let mut buffer = Vec::with_capacity(length);
        buffer.extend(values);
        return buffer.into();
    }
    let mut buffer = dirty(length);
    for (place, value) in buffer.iter_mut().zip(values) {
        *place = value;
    }
    buffer
}

/// The elements of an array. When it is dropped, its memory may be used again.
pub(crate) struct Buffer<T: Element>(Memory<T>);

impl<T: Element> Buffer<T> {
    fn take(&mut self) -> Memory<T> {
        mem::replace(&mut self.0, Memory::Vec(Vec::new()))
    }

    /// The elements for whoever wants to keep them, without a copy where the allocator has put them.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        match &mut self.0 {
            Memory::Vec(elements) => {
                if !is_small::<T>(elements.len()) {
                    lock(&T::pool().0).end_of_use(elements.len());
                }
                mem::take(elements)
            }
            Memory::Pages(elements) => elements.to_vec(),
        }
    }
}

impl<T: Element> From<Vec<T>> for Buffer<T> {
    #[inline]
    fn from(elements: Vec<T>) -> Self {
        Buffer(Memory::Vec(elements))
    }
}

impl<T: Element> FromIterator<T> for Buffer<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Buffer::from(elements.into_iter().collect::<Vec<_>>())
    }
}

impl<T: Element> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Element> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Element> Drop for Buffer<T> {
    #[inline]
    fn drop(&mut self) {
        if !is_small::<T>(self.len()) {
            T::pool().give(self.take());
        }
    }
}

#[cfg(test)]
mod tests;
