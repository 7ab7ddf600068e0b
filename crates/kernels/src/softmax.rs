//! Rows of exponentials that cannot overflow, for `softmax`, its logarithm and the cross-entropy.

use super::reduce::{LANES, SUM_BLOCK, fold_lanes, sum};
use super::simd::{MulAdd, SimdLoop, widest};
use super::{memory, threads};
use crate::element::KernelFloat;

/// The number of elements of a part of the work, about; a row is never split.
const PART_ELEMENTS: usize = 1 << 14;

/// The smallest number of elements that is worth several threads.
const PARALLEL_MIN_ELEMENTS: usize = 1 << 16;

fn rows_of_part(columns: usize) -> usize {
    (PART_ELEMENTS / columns.max(1)).max(1)
}

/// The largest element m and Σ eˣ⁻ᵐ of each row.
#[track_caller]
pub fn max_and_sum_exp<T: KernelFloat>(x: &[T], columns: usize) -> Vec<(T, T)> {
    let columns = columns.max(1);
    let rows = rows_of_part(columns);
    let mut sums = memory::filled(x.len() / columns, (T::zero(), T::zero()));
    let parts = x.chunks(rows * columns).zip(sums.chunks_mut(rows)).collect();
    threads::for_each(parts, x.len() >= PARALLEL_MIN_ELEMENTS, |(x, sums)| {
        for (row, sums) in x.chunks_exact(columns).zip(sums) {
            let max = max(row);
            *sums = (max, sum_exp(row, max));
        }
    });
    sums
}

/// Writes `scale * eˣ⁻ᵐ` for each row, which has its own (m, scale).
#[track_caller]
pub fn scaled_exp_rows<T: KernelFloat>(x: &[T], columns: usize, factors: &[(T, T)], out: &mut [T]) {
    let columns = columns.max(1);
    let rows = rows_of_part(columns);
    let parts = x.chunks(rows * columns).zip(factors.chunks(rows)).zip(out.chunks_mut(rows * columns)).collect();
    threads::for_each(parts, x.len() >= PARALLEL_MIN_ELEMENTS, |((x, factors), out)| {
        for ((row, out), &(max, scale)) in x.chunks_exact(columns).zip(out.chunks_exact_mut(columns)).zip(factors) {
            scaled_exp(row, max, scale, out);
        }
    });
}

/// The largest element, NaN if there is a NaN, and minus infinity if there are no elements.
pub fn max<T: KernelFloat>(row: &[T]) -> T {
    struct Max<'a, T>(&'a [T]);
    impl<T: KernelFloat> SimdLoop for Max<'_, T> {
        type Output = T;

        #[inline(always)]
        fn run(self, _: MulAdd) -> T {
            let larger = |max: T, x: T| if x > max || x.is_nan() { x } else { max };
            let (chunks, rest) = self.0.as_chunks::<LANES>();
            let max = rest.iter().fold(T::neg_infinity(), |max, &x| larger(max, x));
            let Some((first, chunks)) = chunks.split_first() else { return max };
            let mut largest = *first;
            for chunk in chunks {
                for (max, &x) in largest.iter_mut().zip(chunk) {
                    *max = larger(*max, x);
                }
            }
            largest.iter().fold(max, |max, &x| larger(max, x))
        }
    }
    widest().apply(Max(row))
}

/// Σ eˣ⁻ᵐ for the largest element m, accumulated in lanes and blocks as by [`sum`].
pub fn sum_exp<T: KernelFloat>(row: &[T], max: T) -> T {
    struct SumExp<'a, T>(&'a [T], T);
    impl<T: KernelFloat> SimdLoop for SumExp<'_, T> {
        type Output = T;

        #[inline(always)]
        fn run(self, m: MulAdd) -> T {
            let (chunks, rest) = self.0.as_chunks::<LANES>();
            let mut sums = [T::zero(); LANES];
            for chunk in chunks {
                for (sum, &x) in sums.iter_mut().zip(chunk) {
                    *sum += (x - self.1).fast_exp(m);
                }
            }
            for (sum, &x) in sums.iter_mut().zip(rest) {
                *sum += (x - self.1).fast_exp(m);
            }
            fold_lanes(sums)
        }
    }
    if row.len() <= SUM_BLOCK {
        return widest().apply(SumExp(row, max));
    }
    sum(&row.chunks(SUM_BLOCK).map(|block| sum_exp(block, max)).collect::<Vec<T>>())
}

/// Writes `scale * eˣ⁻ᵐ` for each element x of `row`.
pub fn scaled_exp<T: KernelFloat>(row: &[T], max: T, scale: T, out: &mut [T]) {
    struct ScaledExp<'a, T>(&'a [T], T, T, &'a mut [T]);
    impl<T: KernelFloat> SimdLoop for ScaledExp<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run(self, m: MulAdd) {
            for (out, &x) in self.3.iter_mut().zip(self.0) {
                *out = (x - self.1).fast_exp(m) * self.2;
            }
        }
    }
    widest().apply(ScaledExp(row, max, scale, out));
}

/// Changes `grad` to `grad - sum * eʸ`.
pub fn subtract_exp<T: KernelFloat>(grad: &mut [T], y: &[T], sum: T) {
    struct SubtractExp<'a, T>(&'a mut [T], &'a [T], T);
    impl<T: KernelFloat> SimdLoop for SubtractExp<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run(self, m: MulAdd) {
            for (grad, &y) in self.0.iter_mut().zip(self.1) {
                *grad -= y.fast_exp(m) * self.2;
            }
        }
    }
    widest().apply(SubtractExp(grad, y, sum));
}
