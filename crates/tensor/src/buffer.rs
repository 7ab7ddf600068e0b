//! Memory for the elements of arrays, used again: a large buffer that dies waits for the next array of its length.
//!
//! Fresh memory of this size comes from the operating system page by page, and a graph that is dropped gives back many buffers
//! at once, so that every step of a training would pay for all its pages again. What is shorter than 32 KiB is left to the
//! allocator, which does it as well.

use std::collections::{BTreeMap, VecDeque};
use std::iter::repeat_n;
use std::mem::size_of;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use crate::element::Element;
use crate::kernels::pages;
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

struct Waiting<T> {
    buffers: VecDeque<Vec<T>>,
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
    fn take(&self, length: usize) -> Option<Vec<T>> {
        let mut waiting = lock(&self.0);
        *waiting.lent.entry(length).or_default() += 1;
        let place = waiting.buffers.iter().rposition(|buffer| buffer.len() == length)?;
        let buffer = waiting.buffers.remove(place)?;
        waiting.bytes -= bytes(&buffer);
        Some(buffer)
    }

    #[inline(never)]
    fn give(&self, buffer: Vec<T>) {
        let mut waiting = lock(&self.0);
        if !waiting.end_of_use(buffer.len()) {
            return;
        }
        waiting.bytes += bytes(&buffer);
        waiting.buffers.push_back(buffer);
        while waiting.bytes > MOST {
            let Some(oldest) = waiting.buffers.pop_front() else { break };
            waiting.bytes -= bytes(&oldest);
        }
    }
}

fn bytes<T>(buffer: &Vec<T>) -> usize {
    buffer.capacity() * size_of::<T>()
}

/// Whether a buffer of this length is left to the allocator.
#[inline]
fn is_small<T>(length: usize) -> bool {
    length * size_of::<T>() < SMALLEST
}

#[inline]
fn from_pool<T: Element>(length: usize) -> Option<Vec<T>> {
    if is_small::<T>(length) { None } else { T::pool().take(length) }
}

/// Elements that are 0, from the allocator.
#[inline]
fn fresh<T: Element>(length: usize) -> Vec<T> {
    if is_small::<T>(length) {
        // A few zeros are written sooner than the allocator, asked for memory of zeros, finds some.
        let mut buffer = Vec::with_capacity(length);
        buffer.extend(repeat_n(T::default(), length));
        return buffer;
    }
    let buffer = vec![T::default(); length];
    pages::prefer_large(&buffer);
    buffer
}

/// Elements of any value, for a loop that writes all of them.
#[inline]
pub(crate) fn dirty<T: Element>(length: usize) -> Vec<T> {
    from_pool(length).unwrap_or_else(|| fresh(length))
}

/// Elements that are 0, for a loop that adds to them.
#[inline]
pub(crate) fn zeroed<T: Element>(length: usize) -> Vec<T> {
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
pub(crate) fn full<T: Element>(length: usize, value: T) -> Vec<T> {
    let mut buffer = dirty(length);
    buffer.fill(value);
    buffer
}

/// No elements yet, and room for so many, for a loop that pushes them.
#[inline]
pub(crate) fn empty<T: Element>(length: usize) -> Vec<T> {
    match from_pool(length) {
        Some(mut buffer) => {
            buffer.clear();
            buffer
        }
        None => {
            let buffer = Vec::with_capacity(length);
            pages::prefer_large(&buffer);
            buffer
        }
    }
}

/// The elements of `values` in a buffer of this length, which must be their number.
#[inline]
pub(crate) fn collect<T: Element>(length: usize, values: impl Iterator<Item = T>) -> Vec<T> {
    let mut buffer = empty(length);
    buffer.extend(values);
    buffer
}

/// The elements of an array. When it is dropped, its memory may be used again.
pub(crate) struct Buffer<T: Element>(Vec<T>);

impl<T: Element> Buffer<T> {
    /// The elements for whoever wants to keep them.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        if !is_small::<T>(self.len()) {
            lock(&T::pool().0).end_of_use(self.0.len());
        }
        std::mem::take(&mut self.0)
    }
}

impl<T: Element> From<Vec<T>> for Buffer<T> {
    fn from(elements: Vec<T>) -> Self {
        Buffer(elements)
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
            T::pool().give(std::mem::take(&mut self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths that no other test uses.
    const LENGTH: usize = SMALLEST / 8 + 7;

    #[test]
    fn a_dead_buffer_is_used_again_for_its_length_only() {
        let mut buffer = Buffer::from(dirty::<f64>(LENGTH));
        buffer.fill(7.0);
        drop(buffer);
        assert_eq!(dirty::<f64>(LENGTH + 1), vec![0.0; LENGTH + 1]);
        assert_eq!(dirty::<f64>(LENGTH), vec![7.0; LENGTH]);
        assert_eq!(dirty::<f64>(LENGTH), vec![0.0; LENGTH]);
    }

    #[test]
    fn zeroed_full_and_empty_show_nothing_old() {
        let length = LENGTH + 2;
        let dead = || {
            let mut buffer = Buffer::from(dirty::<f64>(length));
            buffer.fill(7.0);
        };
        dead();
        assert_eq!(zeroed::<f64>(length), vec![0.0; length]);
        dead();
        assert_eq!(full(length, 2.0f64), vec![2.0; length]);
        dead();
        assert_eq!(collect(length, (0..length).map(|i| i as f64)), (0..length).map(|i| i as f64).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_given_away_and_what_is_small_does_not_wait() {
        let length = LENGTH + 3;
        assert_eq!(Buffer::from(vec![7i64; length]).into_vec(), vec![7; length]);
        assert_eq!(dirty::<i64>(length), vec![0; length]);
        drop(Buffer::from(vec![7i64; 5]));
        assert_eq!(dirty::<i64>(5), vec![0; 5]);
    }

    #[test]
    fn only_as_many_wait_as_have_been_asked_for() {
        let length = LENGTH + 4;
        (0..3).for_each(|_| drop(Buffer::from(vec![7i64; length])));
        assert_eq!(dirty::<i64>(length), vec![0; length]);
        // One is in use now, so one may come back.
        (0..3).for_each(|_| drop(Buffer::from(vec![7i64; length])));
        assert_eq!((dirty::<i64>(length), dirty::<i64>(length)), (vec![7; length], vec![0; length]));
    }

    #[test]
    fn the_oldest_buffers_leave_when_too_much_waits() {
        let pool = Pool::<u8>::new();
        for length in [MOST / 2, MOST / 2 - 1, MOST / 4] {
            assert!(pool.take(length).is_none());
            pool.give(vec![1; length]);
        }
        assert!(pool.take(MOST / 2).is_none());
        assert!(pool.take(MOST / 2 - 1).is_some() && pool.take(MOST / 4).is_some());
        assert!(pool.take(MOST + 1).is_none());
        pool.give(vec![1; MOST + 1]);
        assert!(pool.take(MOST + 1).is_none());
        assert_eq!(lock(&pool.0).bytes, 0);
    }
}
