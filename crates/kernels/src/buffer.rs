//! Memory for the elements of arrays, with a free list: a dropped large buffer is reused by the next array of the
//! same length.
//!
//! The operating system hands out new memory of this size page by page, and dropping a graph frees many buffers at
//! once, so without a free list every training step would pay for all its page faults again. Buffers below 32 KiB are
//! left to the allocator, which reuses small memory itself.

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

/// The smallest buffer that is kept in the free list, in bytes.
const POOL_MIN_BYTES: usize = 32 << 10;

/// The largest total size of the free list of each element type, in bytes: enough for the gradients of a network with
/// 30 million parameters.
const POOL_MAX_BYTES: usize = 128 << 20;

/// A free list of unused buffers, the oldest first.
///
/// All threads share it, so a buffer that one thread allocates and another one drops comes back to the first.
///
/// Its functions are never inlined, so that other crates link them instead of compiling them again.
pub struct Pool<T>(Mutex<FreeList<T>>);

struct FreeList<T> {
    buffers: VecDeque<Aligned<T>>,
    bytes: usize,
}

impl<T> Pool<T> {
    const fn new() -> Self {
        Pool(Mutex::new(FreeList { buffers: VecDeque::new(), bytes: 0 }))
    }

    /// Takes the most recently used buffer of exactly this length, which may still be in a cache.
    #[inline(never)]
    fn take(&self, length: usize) -> Option<Aligned<T>> {
        let mut free = lock(&self.0);
        let index = free.buffers.iter().rposition(|buffer| buffer.len() == length)?;
        let buffer = free.buffers.remove(index)?;
        free.bytes -= buffer.bytes();
        Some(buffer)
    }

    #[inline(never)]
    fn give(&self, buffer: Aligned<T>) {
        // It would evict all others and then itself.
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

/// The free list of one element type.
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

/// A small buffer of zeros. Writing them is faster than asking the allocator for zeroed memory.
#[inline]
fn small<T: KernelElement>(length: usize) -> Buffer<T> {
    let mut buffer = Vec::with_capacity(length);
    buffer.extend(repeat_n(T::default(), length));
    Buffer(Memory::Small(buffer))
}

/// Panics because there is not enough memory for a buffer of this length.
#[cold]
#[track_caller]
fn impossible<T: KernelElement>(length: usize) -> ! {
    memory::refuse("out of memory", format!("{length} elements of {}", type_name::<T>()), length, size_of::<T>())
}

/// A buffer with elements of any value, for a loop that writes all of them.
///
/// # Panics
/// At the caller's line when there is not enough memory, as all functions here.
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

/// A buffer with elements of any value for an array of this shape; `op` is the operation that errors name.
///
/// # Panics
/// When the shape has more elements than `isize::MAX`, or more than there is memory for.
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

/// A buffer of zeros, for a loop that adds to them.
#[inline]
#[track_caller]
pub fn zeroed<T: KernelElement>(length: usize) -> Buffer<T> {
    if is_small::<T>(length) { small(length) } else { try_zeroed(length).unwrap_or_else(|| impossible::<T>(length)) }
}

/// A buffer of zeros, or `None` if there is not enough memory.
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

/// A buffer with the `length` elements of an iterator, which must give exactly that many.
#[inline]
#[track_caller]
pub fn collect<T: KernelElement>(length: usize, values: impl Iterator<Item = T>) -> Buffer<T> {
    if is_small::<T>(length) {
        let mut buffer = Vec::with_capacity(length);
        buffer.extend(values);
        return Buffer(Memory::Small(buffer));
    }
    let mut buffer = dirty(length);
    for (element, value) in buffer.iter_mut().zip(values) {
        *element = value;
    }
    buffer
}

/// A buffer with the elements of a vector. A large vector is copied to memory that is aligned to cache lines, because
/// it will be read more than once.
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

/// The elements of an array. When it is dropped, its memory may be reused.
pub struct Buffer<T: KernelElement>(Memory<T>);

/// Memory from the allocator, or from the free list.
enum Memory<T> {
    Small(Vec<T>),
    Large(Aligned<T>),
}

impl<T: KernelElement> Buffer<T> {
    /// The elements as a vector: of a small buffer without a copy.
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
