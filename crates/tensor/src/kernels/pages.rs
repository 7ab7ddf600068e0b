//! Memory on large pages, for large buffers.
//!
//! A program that walks through tens of megabytes in pages of 4 KiB spends a good part of its time on looking them up, and what
//! lies scattered in memory collides in the caches. On Linux a program has to ask for pages of 2 MiB, and gets them where its
//! memory covers whole ones.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::element::Element;

/// The size of a large page, in bytes.
const LARGE: usize = 2 << 20;

/// The bytes from which on a part of a large page is taken as a whole one.
const MOST_OF_A_PAGE: usize = 1 << 19;

/// Buffers begin at so many different places of a page, so far apart, as numbers at the same place of several buffers are used together
/// and would compete for the same place in the caches.
const PLACES: usize = 16;
const APART: usize = 69 * 64;

/// Elements on large pages.
pub(crate) struct Pages<T> {
    start: NonNull<T>,
    length: usize,
}

// SAFETY: nobody else holds the elements.
unsafe impl<T: Send> Send for Pages<T> {}
// SAFETY: shared, they are only read.
unsafe impl<T: Sync> Sync for Pages<T> {}

impl<T: Element> Pages<T> {
    /// So many elements that are 0; `None` where they would not fill most of a large page, where a program cannot ask for any,
    /// and where no memory is large enough.
    pub(crate) fn zeroed(length: usize) -> Option<Self> {
        let bytes = length.checked_mul(size_of::<T>())?;
        if !cfg!(target_os = "linux") || bytes < MOST_OF_A_PAGE {
            return None;
        }
        static BUFFERS: AtomicUsize = AtomicUsize::new(0);
        let offset = BUFFERS.fetch_add(1, Relaxed) % PLACES * APART;
        let layout = layout(bytes.checked_add(offset)?)?;
        // SAFETY: the layout has a size.
        let Some(page) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // Before the first byte is written, as the system chooses a page then.
        ask_for_large_pages(page.as_ptr(), layout.size() / LARGE * LARGE);
        // SAFETY: the elements lie inside the layout, and as plain numbers and truth values they are 0 where all bytes are.
        let start = unsafe {
            let start = page.add(offset);
            start.write_bytes(0, bytes);
            start.cast()
        };
        Some(Pages { start, length })
    }
}

impl<T> Pages<T> {
    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.layout().size()
    }

    fn offset(&self) -> usize {
        self.start.as_ptr() as usize % LARGE
    }

    fn layout(&self) -> Layout {
        layout(self.offset() + self.length * size_of::<T>()).expect("the layout that was allocated")
    }
}

impl<T> Drop for Pages<T> {
    fn drop(&mut self) {
        let start = self.start.as_ptr().cast::<u8>();
        // SAFETY: it was allocated with this layout, and its first page begins there.
        unsafe { dealloc(start.sub(self.offset()), self.layout()) };
    }
}

/// Memory from the beginning of a large page on, to the end of the last one if most of that is used.
fn layout(bytes: usize) -> Option<Layout> {
    let whole = if bytes % LARGE >= MOST_OF_A_PAGE { bytes.checked_next_multiple_of(LARGE)? } else { bytes };
    Layout::from_size_align(whole, LARGE).ok()
}

impl<T> Deref for Pages<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: so many elements lie there, all of which have been zeros at least.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Pages<T> {
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
    fn large_buffers_are_zeros_of_their_length_and_begin_apart() {
        let large = [MOST_OF_A_PAGE / 8, LARGE / 8, 5 * LARGE / 16 + 3];
        let buffers: Vec<_> = large.iter().filter_map(|&length| Pages::<f64>::zeroed(length)).collect();
        assert_eq!(buffers.len(), if cfg!(target_os = "linux") { large.len() } else { 0 });
        for (mut buffer, length) in buffers.into_iter().zip(large) {
            assert_eq!(*buffer, *vec![0.0; length]);
            assert_eq!(buffer.as_ptr() as usize % 64, 0);
            buffer.fill(1.0);
            let next = Pages::<f64>::zeroed(length).expect("as large as this one");
            assert_ne!(buffer.as_ptr() as usize % LARGE, next.as_ptr() as usize % LARGE);
            assert_eq!(*next, *vec![0.0; length]);
        }
    }

    #[test]
    fn small_buffers_and_impossible_ones_get_none() {
        assert!([0, 1, MOST_OF_A_PAGE / 8 - 1, usize::MAX].into_iter().all(|n| Pages::<f64>::zeroed(n).is_none()));
        // Wherever in its page the next buffer would begin.
        for _ in 0..PLACES {
            let lengths = [usize::MAX, usize::MAX - 1, isize::MAX as usize];
            assert!(lengths.into_iter().all(|length| Pages::<bool>::zeroed(length).is_none()));
        }
    }
}
