//! Aligned memory: every buffer starts at a cache line, and a large one on a huge page of its own.
//!
//! Vectors that do not cross a cache line are loaded and stored twice as fast. In pages of 4 KiB, a pass over tens of
//! megabytes spends much of its time on TLB misses, and scattered pages collide in the caches. On Linux a program has
//! to ask for huge pages of 2 MiB, and gets them where its memory covers whole ones.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::element::KernelElement;
use crate::memory;

/// The size of a cache line, in bytes.
pub const CACHE_LINE_BYTES: usize = 64;

/// The size of a huge page, in bytes.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// The smallest buffer that gets huge pages, and the smallest part of a last page that is rounded up to a whole one.
const HUGE_PAGE_MIN_BYTES: usize = 1 << 19;

/// Staggers large buffers over 16 page offsets, so that equal indices of several buffers, which are used together, do
/// not map to the same cache set.
const PAGE_OFFSETS: usize = 16;
const PAGE_OFFSET_BYTES: usize = 69 * CACHE_LINE_BYTES;

/// At least one element, in aligned memory.
pub struct Aligned<T> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: this is the only owner of the elements.
unsafe impl<T: Send> Send for Aligned<T> {}
// SAFETY: a shared reference only reads the elements.
unsafe impl<T: Sync> Sync for Aligned<T> {}

impl<T: KernelElement> Aligned<T> {
    /// `length` elements that are 0; `None` if the length is 0 or there is not enough memory.
    pub fn zeroed(length: usize) -> Option<Self> {
        static BUFFERS: AtomicUsize = AtomicUsize::new(0);
        let bytes = length.checked_mul(size_of::<T>()).filter(|&bytes| bytes > 0)?;
        let offset =
            if is_large(bytes) { BUFFERS.fetch_add(1, Relaxed) % PAGE_OFFSETS * PAGE_OFFSET_BYTES } else { 0 };
        let layout = layout(bytes, offset).filter(|_| memory::is_there(bytes))?;
        // SAFETY: the size of the layout is not 0, because `bytes` is not.
        let memory = NonNull::new(unsafe { alloc(layout) })?;
        if is_large(bytes) {
            // Before the first byte is written, because that is when the system chooses the page size.
            advise_huge_pages(memory.as_ptr(), layout.size() / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES);
        }
        // SAFETY: the layout covers the offset and all elements, and these are plain numbers or `bool`s, for which
        // zero bytes are valid and mean 0.
        let start = unsafe {
            let start = memory.add(offset);
            start.write_bytes(0, bytes);
            start.cast()
        };
        Some(Aligned { start, length })
    }
}

impl<T> Aligned<T> {
    /// The size of its memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.layout().size()
    }

    fn offset(&self) -> usize {
        if is_large(self.length * size_of::<T>()) { self.start.as_ptr() as usize % HUGE_PAGE_BYTES } else { 0 }
    }

    fn layout(&self) -> Layout {
        layout(self.length * size_of::<T>(), self.offset()).expect("the layout that was allocated")
    }
}

impl<T> Drop for Aligned<T> {
    fn drop(&mut self) {
        let start = self.start.as_ptr().cast::<u8>();
        // SAFETY: the memory was allocated with this layout, and begins `offset` bytes before the first element.
        unsafe { dealloc(start.sub(self.offset()), self.layout()) };
    }
}

/// Whether a buffer of this size gets huge pages; only where a program can ask for them.
fn is_large(bytes: usize) -> bool {
    cfg!(target_os = "linux") && bytes >= HUGE_PAGE_MIN_BYTES
}

/// The layout of memory with these bytes at an offset. If it is large, it starts on a huge page, and it is extended
/// to the end of the last one if a good part of that is used.
fn layout(bytes: usize, offset: usize) -> Option<Layout> {
    if !is_large(bytes) {
        return Layout::from_size_align(bytes, CACHE_LINE_BYTES).ok();
    }
    let bytes = bytes.checked_add(offset)?;
    let whole = if bytes % HUGE_PAGE_BYTES >= HUGE_PAGE_MIN_BYTES {
        bytes.checked_next_multiple_of(HUGE_PAGE_BYTES)?
    } else {
        bytes
    };
    Layout::from_size_align(whole, HUGE_PAGE_BYTES).ok()
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: there are `length` elements, all of which `zeroed` has initialized.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and this is the only owner.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

/// Asks the system for huge pages. It is advice: without them everything still works.
#[cfg(target_os = "linux")]
fn advise_huge_pages(start: *mut u8, bytes: usize) {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    /// `MADV_HUGEPAGE` of Linux.
    const HUGE_PAGE: c_int = 14;

    // SAFETY: this advice changes neither the contents of memory nor the access rights.
    unsafe { madvise(start.cast::<c_void>(), bytes, HUGE_PAGE) };
}

/// Other systems choose the page size themselves.
#[cfg(not(target_os = "linux"))]
fn advise_huge_pages(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zeros_at_a_cache_line_and_large_ones_are_staggered() {
        for length in [
            1,
            5,
            HUGE_PAGE_MIN_BYTES / 8 - 1,
            HUGE_PAGE_MIN_BYTES / 8,
            HUGE_PAGE_BYTES / 8,
            5 * HUGE_PAGE_BYTES / 16 + 3,
        ] {
            let mut buffers: Vec<_> =
                (0..3).map(|_| Aligned::<f64>::zeroed(length).expect("there is memory")).collect();
            for buffer in &mut buffers {
                assert_eq!(**buffer, *vec![0.0; length]);
                assert_eq!(buffer.as_ptr() as usize % CACHE_LINE_BYTES, 0);
                buffer.fill(1.0);
            }
            // Other tests allocate too, so two of these buffers may have the same offset by chance.
            let offset = |i: usize| buffers[i].as_ptr() as usize % HUGE_PAGE_BYTES;
            assert!(!is_large(length * 8) || offset(0) != offset(1) || offset(1) != offset(2), "{length}");
        }
    }

    #[test]
    fn impossible_lengths_give_none() {
        assert!(Aligned::<f64>::zeroed(0).is_none());
        // At each of the offsets that the next buffer could have.
        for _ in 0..PAGE_OFFSETS {
            let lengths = [usize::MAX, usize::MAX - 1, isize::MAX as usize];
            assert!(lengths.into_iter().all(|length| Aligned::<bool>::zeroed(length).is_none()));
        }
        assert!(Aligned::<f64>::zeroed(usize::MAX).is_none());
    }
}
