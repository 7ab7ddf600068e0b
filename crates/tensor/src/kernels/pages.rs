//! Large pages of memory for large buffers.
//!
//! A program that walks through tens of megabytes in pages of 4 KiB spends a good part of its time on looking them up, and what
//! lies scattered in memory collides in the caches. On Linux a program has to ask for pages of 2 MiB.

#![allow(unsafe_code)]

/// The size of a large page, in bytes.
#[cfg(target_os = "linux")]
const LARGE: usize = 2 << 20;

/// Asks for large pages where the memory of this buffer, which was not written to yet, covers whole ones. It is a hint: nothing is lost
/// when the system does not follow it.
#[cfg(target_os = "linux")]
pub(crate) fn prefer_large<T>(buffer: &Vec<T>) {
    use std::ffi::{c_int, c_void};

    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    /// `MADV_HUGEPAGE` of Linux.
    const HUGE_PAGE: c_int = 14;

    let address = buffer.as_ptr() as usize;
    let start = address.next_multiple_of(LARGE);
    let end = (address + buffer.capacity() * size_of::<T>()) / LARGE * LARGE;
    if start < end {
        // SAFETY: the range lies inside the memory of the buffer, and this advice changes neither its contents nor who may use it.
        unsafe { madvise(start as *mut c_void, end - start, HUGE_PAGE) };
    }
}

/// Other systems decide by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prefer_large<T>(_: &Vec<T>) {}
