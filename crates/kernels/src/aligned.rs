//! Memory that begins where it is read soonest: at a line of the cache, and if it is large at a large page of its
//! own.
//!
//! Vectors that do not cross a line are read and written twice as fast. A program that walks through tens of
//! megabytes in pages of 4 KiB spends a good part of its time on looking them up, and what lies scattered in memory
//! collides in the caches. On Linux a program has to ask for pages of 2 MiB, and gets them where its memory covers
//! whole ones.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::element::KernelElement;
use crate::memory;

/// The size of a line of the cache, in bytes.
pub const CACHE_LINE_BYTES: usize = 64;

/// The size of a large page, in bytes.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// The bytes from which on a part of a large page is taken as a whole one.
const HUGE_PAGE_MIN_BYTES: usize = 1 << 19;

/// Large buffers begin at so many different places of a page, so far apart, as numbers at the same place of several
/// buffers are used together and would compete for the same place in the caches.
const PLACES: usize = 16;
const APART: usize = 69 * CACHE_LINE_BYTES;

/// Elements, at least one.
pub struct Aligned<T> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: nobody else holds the elements.
unsafe impl<T: Send> Send for Aligned<T> {}
// SAFETY: shared, they are only read.
unsafe impl<T: Sync> Sync for Aligned<T> {}

impl<T: KernelElement> Aligned<T> {
    /// So many elements that are 0; `None` of no elements, and where no memory is large enough.
    pub fn zeroed(length: usize) -> Option<Self> {
        static BUFFERS: AtomicUsize = AtomicUsize::new(0);
        let bytes = length.checked_mul(size_of::<T>()).filter(|&bytes| bytes > 0)?;
        let offset = if is_large(bytes) { BUFFERS.fetch_add(1, Relaxed) % PLACES * APART } else { 0 };
        let layout = layout(bytes, offset).filter(|_| memory::is_there(bytes))?;
        // SAFETY: the layout has a size.
        let memory = NonNull::new(unsafe { alloc(layout) })?;
        if is_large(bytes) {
            // Before the first byte is written, as the system chooses a page then.
            ask_for_large_pages(memory.as_ptr(), layout.size() / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES);
        }
        // SAFETY: the elements lie inside the layout, and as plain numbers and truth values they are 0 where all
        // bytes are.
        let start = unsafe {
            let start = memory.add(offset);
            start.write_bytes(0, bytes);
            start.cast()
        };
        Some(Aligned { start, length })
    }
}

impl<T> Aligned<T> {
    /// How much memory it takes.
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
        // SAFETY: it was allocated with this layout, so far before its first element.
        unsafe { dealloc(start.sub(self.offset()), self.layout()) };
    }
}

/// Whether so many bytes lie on large pages, where a program can ask for them.
fn is_large(bytes: usize) -> bool {
    cfg!(target_os = "linux") && bytes >= HUGE_PAGE_MIN_BYTES
}

/// Memory for these bytes so far behind its beginning. Large, it begins at a large page and goes to the end of the
/// last one if most of that is used.
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
        // SAFETY: so many elements lie there, all of which have been zeros at least.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and nobody else holds them.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

/// It is a wish: nothing is lost when the system does not follow it.
#[cfg(target_os = "linux")]
fn ask_for_large_pages(start: *mut u8, bytes: usize) {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    /// `MADV_HUGEPAGE` of Linux.
    const HUGE_PAGE: c_int = 14;

    // SAFETY: this advice changes neither the contents of memory nor who may use it.
    unsafe { madvise(start.cast::<c_void>(), bytes, HUGE_PAGE) };
}

/// Other systems decide by themselves.
#[cfg(not(target_os = "linux"))]
fn ask_for_large_pages(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zeros_of_their_length_and_begin_at_a_line_and_large_ones_apart() {
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
            // Other tests take places as well, so that two of these may have the same by chance.
            let place = |i: usize| buffers[i].as_ptr() as usize % HUGE_PAGE_BYTES;
            assert!(!is_large(length * 8) || place(0) != place(1) || place(1) != place(2), "{length}");
        }
    }

    #[test]
    fn impossible_lengths_get_none() {
        assert!(Aligned::<f64>::zeroed(0).is_none());
        // Wherever in its page the next buffer would begin.
        for _ in 0..PLACES {
            let lengths = [usize::MAX, usize::MAX - 1, isize::MAX as usize];
            assert!(lengths.into_iter().all(|length| Aligned::<bool>::zeroed(length).is_none()));
        }
        assert!(Aligned::<f64>::zeroed(usize::MAX).is_none());
    }
}
