//! Where the rows and columns of a matrix begin.

use std::ops::Range;

use crate::memory;

/// Where the rows or the columns of a matrix begin, with what is asked about them again and again.
pub struct Offsets {
    pub(super) at: Vec<usize>,
    /// The furthest place.
    last: usize,
    /// The lengths of the shortest and the longest run of places that follow one another.
    pub(super) shortest_run: usize,
    pub(super) longest_run: usize,
    /// The smallest distance from one place to the next, and from the beginning of one run to the next; 0 if places do not
    /// rise.
    pub(super) closest: usize,
    pub(super) closest_run: usize,
}

impl Offsets {
    /// Offsets of the same distance from one another.
    ///
    /// # Panics
    /// When the last of them cannot be counted, as everything that reads the places without a check relies on.
    #[track_caller]
    pub fn every(step: usize, count: usize) -> Self {
        let last = count.saturating_sub(1).checked_mul(step).filter(|&last| last <= isize::MAX as usize);
        let Some(last) = last else { panic!("{count} places at distances of {step} can be counted") };
        let run = if step == 1 { count } else { count.min(1) };
        Offsets {
            at: steps(step, count),
            last,
            shortest_run: run,
            longest_run: run,
            closest: if count > 1 { step } else { usize::MAX },
            closest_run: if run < count { step } else { usize::MAX },
        }
    }

    /// Pieces of so many places that follow one another, from each of these places on.
    ///
    /// # Panics
    /// As [`Offsets::every`].
    #[track_caller]
    pub fn pieces(starts: impl Iterator<Item = usize> + Clone, length: usize) -> Self {
        let count = starts.clone().count();
        let mut runs: Vec<(usize, usize)> = memory::room(count);
        let mut at = memory::room(count.saturating_mul(length));
        for start in starts.clone() {
            match runs.last_mut() {
                Some((first, count)) if *first + *count == start => *count += length,
                _ => runs.push((start, length)),
            }
        }
        at.extend(starts.flat_map(|start| start..start + length));
        Offsets::of_runs(at, &runs)
    }

    /// Offsets with where their runs begin, and how long these are.
    #[track_caller]
    fn of_runs(at: Vec<usize>, runs: &[(usize, usize)]) -> Self {
        let mut places = Offsets {
            at,
            last: 0,
            shortest_run: if runs.is_empty() { 0 } else { usize::MAX },
            longest_run: 0,
            closest: usize::MAX,
            closest_run: usize::MAX,
        };
        let mut before: Option<(usize, usize)> = None;
        for &(first, length) in runs {
            let last = first.checked_add(length - 1).filter(|&last| last <= isize::MAX as usize);
            let last = last.expect("places can be counted");
            places.last = places.last.max(last);
            places.shortest_run = places.shortest_run.min(length);
            places.longest_run = places.longest_run.max(length);
            if length > 1 {
                places.closest = places.closest.min(1);
            }
            if let Some((first_before, last_before)) = before.replace((first, last)) {
                places.closest = places.closest.min(first.saturating_sub(last_before));
                places.closest_run = places.closest_run.min(first.saturating_sub(first_before));
            }
        }
        places
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    pub fn as_slice(&self) -> &[usize] {
        &self.at
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.at.iter().copied()
    }

    /// The furthest of them, or 0.
    pub(super) fn last(&self) -> usize {
        self.last
    }

    /// Whether all of them follow one another.
    pub(super) fn is_run(&self) -> bool {
        self.shortest_run == self.len()
    }

    /// Whether some of them, neighbours in their order, follow one another.
    pub(super) fn are_run(&self, part: Range<usize>) -> bool {
        // Of places that rise only those that follow one another are so near.
        self.closest > 0 && self.at[part.end - 1] - self.at[part.start] == part.len() - 1
    }

    /// Whether no two sums of these and the other places are the same, as is certain where runs of these fit between the
    /// others, and all others between the beginnings of those runs.
    pub(super) fn is_apart_from(&self, others: &Offsets) -> bool {
        let first = others.at.first().copied().unwrap_or(0);
        self.closest > 0
            && self.longest_run <= others.closest
            && (others.last - first).saturating_add(self.longest_run) <= self.closest_run
    }
}

impl From<Vec<usize>> for Offsets {
    #[track_caller]
    fn from(at: Vec<usize>) -> Self {
        let mut list = memory::room(runs(&at).count());
        list.extend(runs(&at).map(|run| (run[0], run.len())));
        Offsets::of_runs(at, &list)
    }
}

/// The pieces of places that follow one another.
pub(super) fn runs(places: &[usize]) -> impl Iterator<Item = &[usize]> + Clone {
    places.chunk_by(|left, right| left + 1 == *right)
}

/// Numbers of the same distance from one another, from 0 on.
#[track_caller]
pub(super) fn steps(step: usize, count: usize) -> Vec<usize> {
    memory::listed((0..count).map(|i| i * step))
}
