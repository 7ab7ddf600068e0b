//! Where the rows and columns of a matrix begin in its buffer.

use std::ops::Range;

use crate::memory;

/// The offsets of the rows or of the columns of a matrix, with the properties that planning needs.
///
/// A run is a piece of consecutive offsets, each one more than the one before.
pub struct Offsets {
    pub(super) values: Vec<usize>,
    /// The largest offset.
    last: usize,
    /// The lengths of the shortest and the longest run.
    pub(super) shortest_run: usize,
    pub(super) longest_run: usize,
    /// The smallest distance from an offset to the next, and from the start of a run to the next start; 0 if offsets
    /// do not ascend.
    pub(super) closest: usize,
    pub(super) closest_run: usize,
}

impl Offsets {
    /// `count` offsets with a constant stride, starting at 0.
    ///
    /// # Panics
    /// When the last of them is beyond `isize::MAX`: everything that reads offsets without a check relies on this.
    #[track_caller]
    pub fn strided(stride: usize, count: usize) -> Self {
        let last = count.saturating_sub(1).checked_mul(stride).filter(|&last| last <= isize::MAX as usize);
        let Some(last) = last else { panic!("{count} offsets with a stride of {stride} are beyond isize::MAX") };
        let run = if stride == 1 { count } else { count.min(1) };
        Offsets {
            values: steps(stride, count),
            last,
            shortest_run: run,
            longest_run: run,
            closest: if count > 1 { stride } else { usize::MAX },
            closest_run: if run < count { stride } else { usize::MAX },
        }
    }

    /// Runs of `length` consecutive offsets, one at each start.
    ///
    /// # Panics
    /// As [`Offsets::strided`].
    #[track_caller]
    pub fn runs_from(starts: impl Iterator<Item = usize> + Clone, length: usize) -> Self {
        let count = starts.clone().count();
        let mut runs: Vec<(usize, usize)> = memory::room(count);
        let mut values = memory::room(count.saturating_mul(length));
        for start in starts.clone() {
            match runs.last_mut() {
                Some((first, count)) if *first + *count == start => *count += length,
                _ => runs.push((start, length)),
            }
        }
        values.extend(starts.flat_map(|start| start..start + length));
        Offsets::with_runs(values, &runs)
    }

    /// Offsets with the start and the length of each of their runs.
    #[track_caller]
    fn with_runs(values: Vec<usize>, runs: &[(usize, usize)]) -> Self {
        let mut offsets = Offsets {
            values,
            last: 0,
            shortest_run: if runs.is_empty() { 0 } else { usize::MAX },
            longest_run: 0,
            closest: usize::MAX,
            closest_run: usize::MAX,
        };
        let mut previous: Option<(usize, usize)> = None;
        for &(first, length) in runs {
            let last = first.checked_add(length - 1).filter(|&last| last <= isize::MAX as usize);
            let last = last.expect("offsets are at most isize::MAX");
            offsets.last = offsets.last.max(last);
            offsets.shortest_run = offsets.shortest_run.min(length);
            offsets.longest_run = offsets.longest_run.max(length);
            if length > 1 {
                offsets.closest = offsets.closest.min(1);
            }
            if let Some((previous_first, previous_last)) = previous.replace((first, last)) {
                offsets.closest = offsets.closest.min(first.saturating_sub(previous_last));
                offsets.closest_run = offsets.closest_run.min(first.saturating_sub(previous_first));
            }
        }
        offsets
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn as_slice(&self) -> &[usize] {
        &self.values
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.values.iter().copied()
    }

    /// The largest offset, or 0 if there is none.
    pub(super) fn last(&self) -> usize {
        self.last
    }

    /// Whether all offsets are one run.
    pub(super) fn is_contiguous(&self) -> bool {
        self.shortest_run == self.len()
    }

    /// Whether the offsets in this range are consecutive.
    pub(super) fn is_contiguous_in(&self, range: Range<usize>) -> bool {
        // If offsets ascend, only consecutive ones span so little.
        self.closest > 0 && self.values[range.end - 1] - self.values[range.start] == range.len() - 1
    }

    /// Whether all sums of one of these and one of the other offsets are certainly different: the runs of these fit
    /// between the others, and all the others fit between the starts of those runs.
    pub(super) fn is_apart_from(&self, others: &Offsets) -> bool {
        let first = others.values.first().copied().unwrap_or(0);
        self.closest > 0
            && self.longest_run <= others.closest
            && (others.last - first).saturating_add(self.longest_run) <= self.closest_run
    }
}

impl From<Vec<usize>> for Offsets {
    #[track_caller]
    fn from(values: Vec<usize>) -> Self {
        let mut list = memory::room(runs(&values).count());
        list.extend(runs(&values).map(|run| (run[0], run.len())));
        Offsets::with_runs(values, &list)
    }
}

/// Splits offsets into runs.
pub(super) fn runs(offsets: &[usize]) -> impl Iterator<Item = &[usize]> + Clone {
    offsets.chunk_by(|left, right| left + 1 == *right)
}

/// The first `count` multiples of `stride`, starting at 0.
#[track_caller]
pub(super) fn steps(stride: usize, count: usize) -> Vec<usize> {
    memory::listed((0..count).map(|i| i * stride))
}
