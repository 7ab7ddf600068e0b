//! Loops over each element and over pairs of elements of slices, compiled for every level of vector instructions.
//!
//! All slices of a call have the same length. What a loop writes at a place depends on that place alone, so a caller may
//! cut the slices as it likes. The loops are written with `for`: what is handed to `for_each` is a function of its own, which
//! the compiler may leave outside, and then without the vectors.

use super::simd::{Kernel, Level, MulAdd, widest};
use super::threads::{self, num_threads};

/// The level for a loop of this length: a short one ends before a call of its own would pay.
#[inline(always)]
fn level(length: usize) -> Level {
    if length < 16 { Level::Portable } else { widest() }
}

/// A loop that can be cut into parts, which are computed each for themselves.
trait Parts: Kernel<Output = ()> + Send + Sized {
    /// The first elements, so many, and the others.
    fn split_at(self, count: usize) -> (Self, Self);
}

/// How many elements a part has that a thread computes, and from how many on several threads pay.
const PART: usize = 1 << 15;
const PARALLEL: usize = 1 << 16;

/// Runs a loop of this length. Its parts are kernels themselves: a closure that calls a closure would be compiled without the
/// vectors.
#[inline]
fn run(kernel: impl Parts, length: usize) {
    if length < PARALLEL || num_threads() == 1 {
        return level(length).apply_narrow(kernel);
    }
    let mut parts = Vec::with_capacity(length.div_ceil(PART));
    let mut rest = kernel;
    for _ in 1..length.div_ceil(PART) {
        let (part, others) = rest.split_at(PART);
        parts.push(part);
        rest = others;
    }
    parts.push(rest);
    threads::for_each(parts, true, |part| widest().apply_narrow(part));
}

/// Replaces each element of `x` by `f` of it.
#[inline]
pub(crate) fn map_assign<T: Copy + Send>(x: &mut [T], f: impl Fn(T) -> T + Copy + Send) {
    struct MapAssign<'a, T, F>(&'a mut [T], F);
    impl<T: Copy + Send, F: Fn(T) -> T + Copy + Send> Kernel for MapAssign<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for x in self.0 {
                *x = (self.1)(*x);
            }
        }
    }
    impl<T: Copy + Send, F: Fn(T) -> T + Copy + Send> Parts for MapAssign<'_, T, F> {
        fn split_at(self, count: usize) -> (Self, Self) {
            let (x, more_x) = self.0.split_at_mut(count);
            (MapAssign(x, self.1), MapAssign(more_x, self.1))
        }
    }
    let length = x.len();
    run(MapAssign(x, f), length);
}

/// Replaces each element of `x` by `f` of it, a function of [`Maths`](super::maths::Maths) or a short formula of them.
pub(crate) fn map_wide<T: Copy>(x: &mut [T], f: impl Fn(T, MulAdd) -> T) {
    struct MapWide<'a, T, F>(&'a mut [T], F);
    impl<T: Copy, F: Fn(T, MulAdd) -> T> Kernel for MapWide<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, mul_add: MulAdd) {
            for x in self.0 {
                *x = (self.1)(*x, mul_add);
            }
        }
    }
    widest().apply(MapWide(x, f));
}

/// Writes `f` of each element of `x` to `out`, a function of [`Maths`](super::maths::Maths) or a short formula of them.
pub(crate) fn map_wide_to<T: Copy>(x: &[T], out: &mut [T], f: impl Fn(T, MulAdd) -> T) {
    struct MapWideTo<'a, T, F>(&'a [T], &'a mut [T], F);
    impl<T: Copy, F: Fn(T, MulAdd) -> T> Kernel for MapWideTo<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, mul_add: MulAdd) {
            for (out, &x) in self.1.iter_mut().zip(self.0) {
                *out = (self.2)(x, mul_add);
            }
        }
    }
    widest().apply(MapWideTo(x, out, f));
}

/// Writes `f` of each element of `x` to `out`.
#[inline]
pub(crate) fn map<A: Copy + Sync, B: Send>(x: &[A], out: &mut [B], f: impl Fn(A) -> B + Copy + Send) {
    struct Map<'a, A, B, F>(&'a [A], &'a mut [B], F);
    impl<A: Copy + Sync, B: Send, F: Fn(A) -> B + Copy + Send> Kernel for Map<'_, A, B, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for (out, &x) in self.1.iter_mut().zip(self.0) {
                *out = (self.2)(x);
            }
        }
    }
    impl<A: Copy + Sync, B: Send, F: Fn(A) -> B + Copy + Send> Parts for Map<'_, A, B, F> {
        fn split_at(self, count: usize) -> (Self, Self) {
            let ((x, more_x), (out, more_out)) = (self.0.split_at(count), self.1.split_at_mut(count));
            (Map(x, out, self.2), Map(more_x, more_out, self.2))
        }
    }
    run(Map(x, out, f), x.len());
}

/// Replaces each element of `x` by `f` of it and its partner in `y`.
#[inline]
pub(crate) fn zip_assign<A: Copy + Send, B: Copy + Sync>(x: &mut [A], y: &[B], f: impl Fn(A, B) -> A + Copy + Send) {
    struct ZipAssign<'a, A, B, F>(&'a mut [A], &'a [B], F);
    impl<A: Copy + Send, B: Copy + Sync, F: Fn(A, B) -> A + Copy + Send> Kernel for ZipAssign<'_, A, B, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for (x, &y) in self.0.iter_mut().zip(self.1) {
                *x = (self.2)(*x, y);
            }
        }
    }
    impl<A: Copy + Send, B: Copy + Sync, F: Fn(A, B) -> A + Copy + Send> Parts for ZipAssign<'_, A, B, F> {
        fn split_at(self, count: usize) -> (Self, Self) {
            let ((x, more_x), (y, more_y)) = (self.0.split_at_mut(count), self.1.split_at(count));
            (ZipAssign(x, y, self.2), ZipAssign(more_x, more_y, self.2))
        }
    }
    let length = x.len();
    run(ZipAssign(x, y, f), length);
}

/// Writes `f` of each pair from `x` and `y` to `out`.
#[inline]
pub(crate) fn zip<A: Copy + Sync, B: Copy + Sync, C: Send>(
    x: &[A],
    y: &[B],
    out: &mut [C],
    f: impl Fn(A, B) -> C + Copy + Send,
) {
    struct Zip<'a, A, B, C, F>(&'a [A], &'a [B], &'a mut [C], F);
    impl<A: Copy + Sync, B: Copy + Sync, C: Send, F: Fn(A, B) -> C + Copy + Send> Kernel for Zip<'_, A, B, C, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for ((out, &x), &y) in self.2.iter_mut().zip(self.0).zip(self.1) {
                *out = (self.3)(x, y);
            }
        }
    }
    impl<A: Copy + Sync, B: Copy + Sync, C: Send, F: Fn(A, B) -> C + Copy + Send> Parts for Zip<'_, A, B, C, F> {
        fn split_at(self, count: usize) -> (Self, Self) {
            let ((x, more_x), (y, more_y)) = (self.0.split_at(count), self.1.split_at(count));
            let (out, more_out) = self.2.split_at_mut(count);
            (Zip(x, y, out, self.3), Zip(more_x, more_y, more_out, self.3))
        }
    }
    run(Zip(x, y, out, f), x.len());
}
