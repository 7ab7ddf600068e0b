//! Memory for the elements of arrays, used again: a large buffer that dies waits for the next array of its length.
//!
//! Fresh memory of this size comes from the operating system page by page, and a graph that is dropped gives back
//! many buffers at once, so that every step of a training would pay for all its pages again. What is shorter than 32
//! KiB is left to the allocator, which does it as well.

use std::any::{Any, type_name};
use std::collections::VecDeque;
use std::iter::repeat_n;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use crate::aligned::Aligned;
use crate::carry::raise_or_carry;
use crate::element::KernelElement;
use crate::error::Error;
use crate::lock::lock;
use crate::memory;

/// Buffers below this size do not wait, in bytes.
const POOL_MIN_BYTES: usize = 32 << 10;

/// How much memory waits at most for each type of elements, in bytes: the gradients of a network of 30 million
/// parameters.
const POOL_MAX_BYTES: usize = 128 << 20;

/// Buffers that nobody uses, the one that has waited longest in front.
///
/// The pool belongs to all threads: what a worker makes and another thread drops comes back to the worker.
///
/// Its functions are never inlined, so that other crates use them as they are compiled here.
pub struct Pool<T>(Mutex<FreeList<T>>);

struct FreeList<T> {
    buffers: VecDeque<Aligned<T>>,
    bytes: usize,
}

impl<T> Pool<T> {
    const fn new() -> Self {
        Pool(Mutex::new(FreeList { buffers: VecDeque::new(), bytes: 0 }))
    }

    /// The buffer of exactly this length that was used last, which is the one that may still be in a cache.
    #[inline(never)]
    fn take(&self, length: usize) -> Option<Aligned<T>> {
        let mut free = lock(&self.0);
        let place = free.buffers.iter().rposition(|buffer| buffer.len() == length)?;
        let buffer = free.buffers.remove(place)?;
        free.bytes -= buffer.bytes();
        Some(buffer)
    }

    #[inline(never)]
    fn give(&self, buffer: Aligned<T>) {
        // It would push all others out and then leave as well.
        if buffer.bytes() > POOL_MAX_BYTES {
            return;
        }
        let mut free = lock(&self.0);
        free.bytes += buffer.bytes();
        free.buffers.push_back(buffer);
        while free.bytes > POOL_MAX_BYTES {
            let Some(oldest) = free.buffers.pop_front() else { break };
            free.bytes -= oldest.bytes();
        }
    }
}

/// The pool of buffers of one type.
fn pool<T: KernelElement>() -> &'static Pool<T> {
    static F32: Pool<f32> = Pool::new();
    static F64: Pool<f64> = Pool::new();
    static I64: Pool<i64> = Pool::new();
    static BOOL: Pool<bool> = Pool::new();
    let pools: [&'static dyn Any; 4] = [&F32, &F64, &I64, &BOOL];
    pools.into_iter().find_map(|pool| pool.downcast_ref()).expect("each of the four types of numbers has a pool")
}

/// Whether a buffer of this length is left to the allocator.
#[inline]
fn is_small<T>(length: usize) -> bool {
    length < POOL_MIN_BYTES / size_of::<T>()
}

/// A few zeros, which are written sooner than the allocator, asked for memory of zeros, finds some.
#[inline]
fn small<T: KernelElement>(length: usize) -> Buffer<T> {
    let mut buffer = Vec::with_capacity(length);
    buffer.extend(repeat_n(T::default(), length));
    Buffer(Memory::Small(buffer))
}

/// What asks for more memory than there is, and says so.
#[cold]
#[track_caller]
fn impossible<T: KernelElement>(length: usize) -> ! {
    memory::refuse("out of memory", format!("{length} elements of {}", type_name::<T>()), length, size_of::<T>())
}

/// Elements of any value, for a loop that writes all of them.
///
/// # Panics
/// At the caller's line when there is not enough memory, as every function here.
#[inline]
#[track_caller]
pub fn dirty<T: KernelElement>(length: usize) -> Buffer<T> {
    if is_small::<T>(length) { small(length) } else { large(length).unwrap_or_else(|| impossible::<T>(length)) }
}

#[inline(never)]
fn large<T: KernelElement>(length: usize) -> Option<Buffer<T>> {
    let elements = pool::<T>().take(length).or_else(|| Aligned::zeroed(length))?;
    Some(Buffer(Memory::Large(elements)))
}

/// Elements of any value for an array of this shape, made by an operation of this name.
///
/// # Panics
/// When the shape has too many elements to be counted, or for the memory that there is.
#[inline]
#[track_caller]
pub fn of_shape<T: KernelElement>(op: &'static str, shape: &[usize]) -> Buffer<T> {
    let Some(length) = memory::count(shape) else {
        raise_or_carry(Error::Uncountable { op, shape: shape.to_vec() });
    };
    if is_small::<T>(length) {
        return small(length);
    }
    match large(length) {
        Some(buffer) => buffer,
        None => {
            memory::refuse(op, format!("a tensor of shape {shape:?} ({})", type_name::<T>()), length, size_of::<T>())
        }
    }
}

/// Elements that are 0, for a loop that adds to them.
#[inline]
#[track_caller]
pub fn zeroed<T: KernelElement>(length: usize) -> Buffer<T> {
    if is_small::<T>(length) { small(length) } else { try_zeroed(length).unwrap_or_else(|| impossible::<T>(length)) }
}

/// Elements that are 0, or `None` where no memory is large enough.
#[inline(never)]
pub fn try_zeroed<T: KernelElement>(length: usize) -> Option<Buffer<T>> {
    if is_small::<T>(length) {
        return Some(small(length));
    }
    let elements = match pool::<T>().take(length) {
        Some(mut elements) => {
            elements.fill(T::default());
            elements
        }
        None => Aligned::zeroed(length)?,
    };
    Some(Buffer(Memory::Large(elements)))
}

/// The elements of `values`, of which there must be so many.
#[inline]
#[track_caller]
pub fn collect<T: KernelElement>(length: usize, values: impl Iterator<Item = T>) -> Buffer<T> {
    if is_small::<T>(length) {
        let mut buffer = Vec::with_capacity(length);
        buffer.extend(values);
        return Buffer(Memory::Small(buffer));
    }
    let mut buffer = dirty(length);
    for (place, value) in buffer.iter_mut().zip(values) {
        *place = value;
    }
    buffer
}

/// Many elements move to memory that begins at a line of the cache: they will be read more than once.
#[inline]
#[track_caller]
pub fn of_vec<T: KernelElement>(elements: Vec<T>) -> Buffer<T> {
    if is_small::<T>(elements.len()) {
        return Buffer(Memory::Small(elements));
    }
    let mut buffer = dirty(elements.len());
    buffer.copy_from_slice(&elements);
    buffer
}

/// The elements of an array. When it is dropped, its memory may be used again.
pub struct Buffer<T: KernelElement>(Memory<T>);

/// Where elements lie.
enum Memory<T> {
    Small(Vec<T>),
    Large(Aligned<T>),
}

impl<T: KernelElement> Buffer<T> {
    /// The elements for whoever wants to keep them, without a copy if they are few.
    #[track_caller]
    pub fn into_vec(mut self) -> Vec<T> {
        match &mut self.0 {
            Memory::Small(elements) => mem::take(elements),
            Memory::Large(elements) => memory::listed(elements.iter().copied()),
        }
    }
}

impl<T: KernelElement> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Memory::Small(elements) => elements,
            Memory::Large(elements) => elements,
        }
    }
}

impl<T: KernelElement> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Memory::Small(elements) => elements,
            Memory::Large(elements) => elements,
        }
    }
}

impl<T: KernelElement> Drop for Buffer<T> {
    #[inline]
    fn drop(&mut self) {
        if let Memory::Large(_) = self.0
            && let Memory::Large(elements) = mem::replace(&mut self.0, Memory::Small(Vec::new()))
        {
            pool::<T>().give(elements);
        }
    }
}

#[cfg(test)]
mod tests;
