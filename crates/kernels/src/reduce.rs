//! Sums and other reductions of contiguous numbers, always in the same order.

use crate::buffer::{self, Buffer};
use crate::element::{KernelElement, KernelFloat};
use crate::memory;
use crate::simd::{MulAdd, SimdLoop, widest};

/// The lanes along one dimension of a row-major array, which is `outer` blocks of `n` rows of `inner` elements. A
/// lane is the `n` elements that differ only in their index along that dimension.
#[derive(Clone, Copy)]
pub struct AxisLanes {
    /// The number of blocks.
    pub outer: usize,
    /// The number of elements of each lane.
    pub n: usize,
    /// The stride of a lane, which is also the number of lanes in a block.
    pub inner: usize,
}

impl AxisLanes {
    /// The lanes along a dimension of an array of this shape.
    pub fn of(shape: &[usize], axis: usize) -> AxisLanes {
        AxisLanes { outer: shape[..axis].iter().product(), n: shape[axis], inner: shape[axis + 1..].iter().product() }
    }

    /// The offset of the first element of each lane, if lanes have any; `inner` is the stride of the next ones.
    pub fn starts(self) -> impl Iterator<Item = usize> {
        let outer = if self.n == 0 || self.inner == 0 { 0 } else { self.outer };
        (0..outer).flat_map(move |o| (0..self.inner).map(move |i| o * self.n * self.inner + i))
    }

    /// The elements of the lane that starts here.
    pub fn lane<T>(self, data: &[T], start: usize) -> impl Iterator<Item = &T> {
        data[start..].iter().step_by(self.inner.max(1)).take(self.n)
    }

    /// Replaces each element of the lane that starts here by `f` of its offset and its value.
    #[inline]
    pub fn update<T: Copy>(self, data: &mut [T], start: usize, mut f: impl FnMut(usize, T) -> T) {
        for k in 0..self.n {
            let offset = start + k * self.inner;
            data[offset] = f(offset, data[offset]);
        }
    }

    /// Calls `f` with each lane of `data`, to change it, and the same lane of `partner`. A lane that is not
    /// contiguous is copied to a buffer and back.
    #[track_caller]
    pub fn for_each<T: Copy>(self, data: &mut [T], partner: &[T], mut f: impl FnMut(&mut [T], &[T])) {
        let AxisLanes { n, inner, .. } = self;
        if n * inner == 0 {
            return;
        }
        if inner == 1 {
            return data
                .chunks_exact_mut(n)
                .zip(partner.chunks_exact(n))
                .for_each(|(lane, partner)| f(lane, partner));
        }
        let (mut lane, mut partner_lane) = (memory::room(n), memory::room(n));
        for (block, partner) in data.chunks_exact_mut(n * inner).zip(partner.chunks_exact(n * inner)) {
            for start in 0..inner {
                lane.clear();
                lane.extend(block[start..].iter().step_by(inner));
                partner_lane.clear();
                partner_lane.extend(partner[start..].iter().step_by(inner));
                f(&mut lane, &partner_lane);
                block[start..].iter_mut().step_by(inner).zip(&lane).for_each(|(element, &x)| *element = x);
            }
        }
    }
}

/// The number of partial sums or maxima that run in parallel.
pub const LANES: usize = 32;

/// Adds the partial sums pairwise, by halves.
#[inline(always)]
pub fn fold_lanes<T: KernelElement>(mut sums: [T; LANES]) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] = sums[i].plus(sums[i + half]);
        }
        half /= 2;
    }
    sums[0]
}

/// The number of elements of a block, whose sum is computed before it is added to others. The rounding error grows
/// with it, but only slowly with the number of blocks, because their sums are summed in the same way.
pub const SUM_BLOCK: usize = 4096;

/// The sum of all elements. The order of the additions depends on the indices alone.
pub fn sum<T: KernelElement>(data: &[T]) -> T {
    struct Sum<'a, T>(&'a [T]);
    impl<T: KernelElement> SimdLoop for Sum<'_, T> {
        type Output = T;

        #[inline(always)]
        fn run(self, _: MulAdd) -> T {
            let (chunks, rest) = self.0.as_chunks::<LANES>();
            let mut sums = [T::default(); LANES];
            for chunk in chunks {
                for (sum, &x) in sums.iter_mut().zip(chunk) {
                    *sum = sum.plus(x);
                }
            }
            for (sum, &x) in sums.iter_mut().zip(rest) {
                *sum = sum.plus(x);
            }
            fold_lanes(sums)
        }
    }
    if data.len() < LANES {
        return data.iter().fold(T::default(), |sum, &x| sum.plus(x));
    }
    if data.len() <= SUM_BLOCK {
        return widest().apply(Sum(data));
    }
    sum(&data.chunks(SUM_BLOCK).map(sum).collect::<Vec<T>>())
}

/// The sum of the products of pairs, added in the order of [`sum`].
pub fn dot<T: KernelFloat>(x: &[T], y: &[T]) -> T {
    sum_pairs(x, y, |x, y| x * y)
}

/// The sum of `f` of all pairs, added in the order of [`sum`].
pub fn sum_pairs<T: KernelFloat>(x: &[T], y: &[T], f: impl Fn(T, T) -> T + Copy) -> T {
    struct SumPairs<'a, T, F>(&'a [T], &'a [T], F);
    impl<T: KernelFloat, F: Fn(T, T) -> T> SimdLoop for SumPairs<'_, T, F> {
        type Output = T;

        #[inline(always)]
        fn run(self, _: MulAdd) -> T {
            let SumPairs(x, y, f) = self;
            let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
            let mut sums = [T::zero(); LANES];
            for (xs, ys) in xs.iter().zip(ys) {
                for ((sum, &x), &y) in sums.iter_mut().zip(xs).zip(ys) {
                    *sum += f(x, y);
                }
            }
            for ((sum, &x), &y) in sums.iter_mut().zip(x_rest).zip(y_rest) {
                *sum += f(x, y);
            }
            fold_lanes(sums)
        }
    }
    match x.len() {
        0..LANES => x.iter().zip(y).fold(T::zero(), |sum, (&x, &y)| sum + f(x, y)),
        LANES..=SUM_BLOCK => widest().apply(SumPairs(x, y, f)),
        _ => sum(&x.chunks(SUM_BLOCK).zip(y.chunks(SUM_BLOCK)).map(|(x, y)| sum_pairs(x, y, f)).collect::<Vec<T>>()),
    }
}

/// The sum and the sum of squares, added in the order of [`sum`].
pub fn sum_and_squares<T: KernelFloat>(row: &[T]) -> [T; 2] {
    struct SumAndSquares<'a, T>(&'a [T]);
    impl<T: KernelFloat> SimdLoop for SumAndSquares<'_, T> {
        type Output = [T; 2];

        #[inline(always)]
        fn run(self, _: MulAdd) -> [T; 2] {
            let (chunks, rest) = self.0.as_chunks::<LANES>();
            let (mut sums, mut squares) = ([T::zero(); LANES], [T::zero(); LANES]);
            for chunk in chunks {
                for ((sum, square), &x) in sums.iter_mut().zip(&mut squares).zip(chunk) {
                    *sum += x;
                    *square += x * x;
                }
            }
            for ((sum, square), &x) in sums.iter_mut().zip(&mut squares).zip(rest) {
                *sum += x;
                *square += x * x;
            }
            [fold_lanes(sums), fold_lanes(squares)]
        }
    }
    match row.len() {
        0..LANES => row.iter().fold([T::zero(); 2], |[sum, square], &x| [sum + x, square + x * x]),
        LANES..=SUM_BLOCK => widest().apply(SumAndSquares(row)),
        _ => {
            let (sums, squares): (Vec<T>, Vec<T>) =
                row.chunks(SUM_BLOCK).map(sum_and_squares).map(Into::into).unzip();
            [sum(&sums), sum(&squares)]
        }
    }
}

/// Adds rows of the length of `out` to it.
fn add_rows<T: KernelElement>(rows: &[T], out: &mut [T]) {
    struct AddRows<'a, T>(&'a [T], &'a mut [T]);
    impl<T: KernelElement> SimdLoop for AddRows<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            let AddRows(rows, out) = self;
            let width = out.len();
            // Four rows at a time, so that the sum is loaded and stored less often.
            let fours = rows.chunks_exact(4 * width);
            let rest = fours.remainder().chunks_exact(width);
            for four in fours {
                let (ab, cd) = four.split_at(2 * width);
                let ((a, b), (c, d)) = (ab.split_at(width), cd.split_at(width));
                for ((((sum, &a), &b), &c), &d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *sum = sum.plus(a.plus(b).plus(c.plus(d)));
                }
            }
            for row in rest {
                for (sum, &x) in out.iter_mut().zip(row) {
                    *sum = sum.plus(x);
                }
            }
        }
    }
    widest().apply(AddRows(rows, out));
}

/// Sums rows of `width` elements pairwise, by halves.
#[track_caller]
fn sum_rows<T: KernelElement>(rows: &[T], width: usize, out: &mut [T]) {
    let count = rows.len() / width;
    if count > 256 {
        let (left, right) = rows.split_at((count / 2).next_multiple_of(256) * width);
        sum_rows(left, width, out);
        let mut other = memory::filled(width, T::default());
        sum_rows(right, width, &mut other);
        out.iter_mut().zip(other).for_each(|(sum, x)| *sum = sum.plus(x));
        return;
    }
    add_rows(rows, out);
}

/// The largest number of terms that are added to one sum of the same type; more would add up visible rounding errors.
pub const MAX_TERMS_OF_NARROW_SUM: usize = 64;

/// Adds each row of `width` elements to the row of `out` with the given index. Rows with many terms are accumulated
/// in a wider type.
#[track_caller]
pub fn add_rows_at<T: KernelElement>(
    rows: &[T],
    width: usize,
    indices: impl ExactSizeIterator<Item = usize> + Clone,
    out: &mut [T],
) {
    if width == 0 {
        return;
    }
    let rows = indices.clone().zip(rows.chunks_exact(width));
    let mut counts = Vec::new();
    if indices.len() > MAX_TERMS_OF_NARROW_SUM {
        counts = memory::filled(out.len() / width, 0_usize);
        indices.for_each(|index| counts[index] += 1);
    }
    let is_wide = |index: usize| counts.get(index).is_some_and(|&count| count > MAX_TERMS_OF_NARROW_SUM);
    // The start of the wide sum of each row.
    let wide_rows = counts.iter().filter(|&&count| count > MAX_TERMS_OF_NARROW_SUM).count();
    let mut starts = memory::filled(if wide_rows > 0 { counts.len() } else { 0 }, 0);
    let mut sums: Vec<T::Wide> = memory::room(wide_rows * width);
    for (index, start) in starts.iter_mut().enumerate().filter(|(index, _)| is_wide(*index)) {
        *start = sums.len();
        sums.extend(out[index * width..][..width].iter().map(|&x| x.widen()));
    }
    for (index, row) in rows {
        if is_wide(index) {
            sums[starts[index]..].iter_mut().zip(row).for_each(|(sum, &x)| *sum = sum.plus(x.widen()));
        } else {
            out[index * width..].iter_mut().zip(row).for_each(|(sum, &x)| *sum = sum.plus(x));
        }
    }
    for (index, &start) in starts.iter().enumerate().filter(|(index, _)| is_wide(*index)) {
        out[index * width..].iter_mut().zip(&sums[start..][..width]).for_each(|(out, &sum)| *out = T::narrow(sum));
    }
}

/// The sums along one dimension, in row-major order.
#[track_caller]
pub fn sum_lanes<T: KernelElement>(data: &[T], lanes: AxisLanes) -> Buffer<T> {
    let mut out = buffer::dirty(lanes.outer * lanes.inner);
    write_sums(data, lanes, &mut out);
    out
}

/// Writes the sums along one dimension, in row-major order.
#[track_caller]
pub fn write_sums<T: KernelElement>(data: &[T], lanes: AxisLanes, out: &mut [T]) {
    let AxisLanes { n, inner, .. } = lanes;
    if inner == 1 && n > 0 {
        return out.iter_mut().zip(data.chunks_exact(n)).for_each(|(out, lane)| *out = sum(lane));
    }
    out.fill(T::default());
    if n > 0 && inner > 0 {
        for (rows, out) in data.chunks_exact(n * inner).zip(out.chunks_exact_mut(inner)) {
            sum_rows(rows, inner, out);
        }
    }
}
