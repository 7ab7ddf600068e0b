//! Sums and other reductions of contiguous numbers, always in the same order.

use crate::array::Array;
use crate::buffer;
use crate::element::Element;
use crate::shape::Axes;

/// How the elements along one dimension lie in a row-major array: `outer` blocks of `n` rows of `inner` numbers.
#[derive(Clone, Copy)]
pub(crate) struct Lanes {
    pub(crate) outer: usize,
    pub(crate) n: usize,
    pub(crate) inner: usize,
}

impl Lanes {
    pub(crate) fn of(shape: &[usize], axis: usize) -> Lanes {
        Lanes { outer: shape[..axis].iter().product(), n: shape[axis], inner: shape[axis + 1..].iter().product() }
    }

    /// The place of the first element of each lane, if lanes have any; the next ones follow at a distance of `inner`.
    pub(crate) fn starts(self) -> impl Iterator<Item = usize> {
        let outer = if self.n == 0 { 0 } else { self.outer };
        (0..outer).flat_map(move |o| (0..self.inner).map(move |i| o * self.n * self.inner + i))
    }

    /// The elements of the lane that starts here.
    pub(crate) fn lane<T>(self, data: &[T], start: usize) -> impl Iterator<Item = &T> {
        data[start..].iter().step_by(self.inner.max(1)).take(self.n)
    }

    /// Replaces each element of the lane that starts here by `f` of its place and itself.
    #[inline]
    pub(crate) fn update<T: Copy>(self, data: &mut [T], start: usize, mut f: impl FnMut(usize, T) -> T) {
        for k in 0..self.n {
            let place = start + k * self.inner;
            data[place] = f(place, data[place]);
        }
    }
}

/// The sum by halves: the error grows with the logarithm of the length, and eight sums run side by side.
pub(crate) fn sum<T: Element>(data: &[T]) -> T {
    if data.len() > 1024 {
        let (left, right) = data.split_at((data.len() / 2).next_multiple_of(8));
        return sum(left).plus(sum(right));
    }
    let mut sums = [T::default(); 8];
    let chunks = data.chunks_exact(8);
    let rest = chunks.remainder().iter().fold(T::default(), |sum, &x| sum.plus(x));
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum = sum.plus(x);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    (a.plus(b).plus(c.plus(d))).plus(e.plus(f).plus(g.plus(h))).plus(rest)
}

/// Adds rows of `width` numbers into one, by halves as well.
fn sum_rows<T: Element>(rows: &[T], width: usize, out: &mut [T]) {
    let count = rows.len() / width;
    if count > 64 {
        let (left, right) = rows.split_at(count / 2 * width);
        sum_rows(left, width, out);
        let mut other = vec![T::default(); width];
        sum_rows(right, width, &mut other);
        out.iter_mut().zip(other).for_each(|(sum, x)| *sum = sum.plus(x));
        return;
    }
    for row in rows.chunks_exact(width) {
        out.iter_mut().zip(row).for_each(|(sum, &x)| *sum = sum.plus(x));
    }
}

/// The sums over some dimensions, in the row-major order of the dimensions that remain.
pub(crate) fn sum_axes<T: Element>(x: Array<T>, axes: Axes) -> Vec<T> {
    let x = x.contiguous();
    if axes == Axes::all(x.shape().len()) {
        return vec![sum(x.slice())];
    }
    reduce_axes(&x, axes, sum_lanes)
}

/// `f` of all elements over some dimensions, first to last, in the row-major order of the dimensions that remain.
/// There must be at least one element to each result.
pub(crate) fn fold_axes<T: Element>(x: Array<T>, axes: Axes, f: impl Fn(T, T) -> T) -> Vec<T> {
    reduce_axes(&x.contiguous(), axes, |data, lanes| {
        let first = |start: usize| lanes.lane(data, start).copied().reduce(&f);
        lanes.starts().filter_map(first).collect()
    })
}

fn reduce_axes<T: Element>(x: &Array<T>, axes: Axes, reduce: impl Fn(&[T], Lanes) -> Vec<T>) -> Vec<T> {
    let shape = x.shape();
    // Neighbouring dimensions are reduced together, the last ones first; each pass leaves fewer numbers.
    let mut reduced: Option<Vec<T>> = None;
    let mut inner = 1;
    let mut end = shape.len();
    while end > 0 {
        let summed = axes.contains(end - 1);
        let start = (0..end).rev().find(|&axis| axes.contains(axis) != summed).map_or(0, |axis| axis + 1);
        let n: usize = shape[start..end].iter().product();
        if summed {
            let outer = shape[..start].iter().product();
            reduced = Some(reduce(reduced.as_deref().unwrap_or(x.slice()), Lanes { outer, n, inner }));
        } else {
            inner *= n;
        }
        end = start;
    }
    reduced.unwrap_or_else(|| x.to_vec())
}

fn sum_lanes<T: Element>(data: &[T], lanes: Lanes) -> Vec<T> {
    let Lanes { outer, n, inner } = lanes;
    if inner == 1 && n > 0 {
        return buffer::collect(outer, data.chunks_exact(n).map(sum));
    }
    let mut out = buffer::zeroed(outer * inner);
    if n > 0 && inner > 0 {
        for (rows, out) in data.chunks_exact(n * inner).zip(out.chunks_exact_mut(inner)) {
            sum_rows(rows, inner, out);
        }
    }
    out
}
