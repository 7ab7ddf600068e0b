//! Memory whose size depends on the user's input: a clear error if there is not enough, never an abort.

use crate::carry::raise_or_carry;
use crate::error::Error;

/// Requests of at least this many bytes are compared with the available memory. Linux may grant memory that it does
/// not have, and kill the program later when it writes there. Asking takes less time than filling a buffer of this
/// size.
const CHECK_MIN_BYTES: usize = 1 << 30;

/// Whether this many bytes are available, as far as the system tells.
pub fn is_there(bytes: usize) -> bool {
    bytes < CHECK_MIN_BYTES || available().is_none_or(|available| bytes as u64 <= available)
}

/// The number of bytes that the system can give, if it tells: memory that is free or can be freed, and swap, but no
/// more than the limit of the container.
#[cfg(target_os = "linux")]
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let bytes = kilobytes("MemAvailable:")?.saturating_add(kilobytes("SwapFree:")?).saturating_mul(1024);
    // Control groups of version 2 and of version 1; "max" is not a number and means no limit.
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    Some(limits.into_iter().filter_map(limit).fold(bytes, u64::min))
}

/// Other systems refuse the allocation itself.
#[cfg(not(target_os = "linux"))]
fn available() -> Option<u64> {
    None
}

/// Panics because there is no memory for `count` elements of `size` bytes each.
#[cold]
#[track_caller]
pub fn refuse(op: &'static str, what: String, count: usize, size: usize) -> ! {
    let available = match available() {
        Some(bytes) => format!("of which {bytes} are available"),
        None => "which the system does not have".to_owned(),
    };
    raise_or_carry(Error::Memory { op, what, bytes: count as u128 * size as u128, available })
}

/// An empty `Vec` with a capacity of `count`.
#[track_caller]
pub fn room<X>(count: usize) -> Vec<X> {
    room_for(count, size_of::<X>())
}

/// As [`room`], for entries that own memory: `bytes` each.
#[track_caller]
pub fn room_for<X>(count: usize, bytes: usize) -> Vec<X> {
    let mut room = Vec::new();
    let fits = count.checked_mul(bytes).is_some_and(is_there);
    if !fits || room.try_reserve_exact(count).is_err() {
        refuse("out of memory", format!("a list of {count} entries"), count, bytes);
    }
    room
}

/// A `Vec` of `count` equal values.
#[track_caller]
pub fn filled<X: Clone>(count: usize, value: X) -> Vec<X> {
    let mut filled = room(count);
    filled.resize(count, value);
    filled
}

/// A `Vec` of the values of an iterator with a known length.
#[track_caller]
pub fn listed<X>(values: impl ExactSizeIterator<Item = X>) -> Vec<X> {
    let mut listed = room(values.len());
    listed.extend(values);
    listed
}

/// The number of elements of a shape, or `None` for a shape that no tensor may have: the sizes other than 0 must
/// multiply to at most `isize::MAX`. So no product of any of the sizes of a tensor wraps.
#[inline]
pub fn count(shape: &[usize]) -> Option<usize> {
    let (mut product, mut empty, mut wraps) = (1usize, false, false);
    for &size in shape {
        empty |= size == 0;
        let (next, wrapped) = product.overflowing_mul(size | usize::from(size == 0));
        product = next;
        wraps |= wrapped | (next > isize::MAX as usize);
    }
    if wraps { None } else { Some(if empty { 0 } else { product }) }
}
