//! Elementwise loops over slices and pairs of slices, compiled for every SIMD level.
//!
//! All slices of a call have the same length. Each output element depends on the input elements of the same index
//! alone, so a caller may split the slices anywhere. The loops are plain `for`: a closure passed to `for_each` is a
//! function of its own, and if the compiler does not inline it, it is compiled for the base level.

use super::simd::{Level, MulAdd, SimdLoop, widest};

/// The level for a loop of this length: for a short one, calling the function of another level does not pay.
#[inline(always)]
fn level(length: usize) -> Level {
    if length < 16 { Level::Portable } else { widest() }
}

/// Replaces each element of `x` by `f` of it.
#[inline]
pub fn map_assign<T: Copy>(x: &mut [T], f: impl Fn(T) -> T) {
    struct MapAssign<'a, T, F>(&'a mut [T], F);
    impl<T: Copy, F: Fn(T) -> T> SimdLoop for MapAssign<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for x in self.0 {
                *x = (self.1)(*x);
            }
        }
    }
    level(x.len()).apply_avx2_at_most(MapAssign(x, f));
}

/// Replaces each element of `x` by `f` of it; `f` is a function of [`Maths`](super::maths::Maths) or a short formula
/// of such functions.
pub fn map_math<T: Copy>(x: &mut [T], f: impl Fn(T, MulAdd) -> T) {
    struct MapMath<'a, T, F>(&'a mut [T], F);
    impl<T: Copy, F: Fn(T, MulAdd) -> T> SimdLoop for MapMath<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, mul_add: MulAdd) {
            for x in self.0 {
                *x = (self.1)(*x, mul_add);
            }
        }
    }
    widest().apply(MapMath(x, f));
}

/// Writes `f` of each element of `x` to `out`; `f` is a function of [`Maths`](super::maths::Maths) or a short formula
/// of such functions.
pub fn map_math_to<T: Copy>(x: &[T], out: &mut [T], f: impl Fn(T, MulAdd) -> T) {
    struct MapMathTo<'a, T, F>(&'a [T], &'a mut [T], F);
    impl<T: Copy, F: Fn(T, MulAdd) -> T> SimdLoop for MapMathTo<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, mul_add: MulAdd) {
            for (out, &x) in self.1.iter_mut().zip(self.0) {
                *out = (self.2)(x, mul_add);
            }
        }
    }
    widest().apply(MapMathTo(x, out, f));
}

/// Writes `f` of each element of `x` to `out`.
#[inline]
pub fn map<A: Copy, B>(x: &[A], out: &mut [B], f: impl Fn(A) -> B) {
    struct Map<'a, A, B, F>(&'a [A], &'a mut [B], F);
    impl<A: Copy, B, F: Fn(A) -> B> SimdLoop for Map<'_, A, B, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for (out, &x) in self.1.iter_mut().zip(self.0) {
                *out = (self.2)(x);
            }
        }
    }
    level(x.len()).apply_avx2_at_most(Map(x, out, f));
}

/// Replaces each element of `x` by `f` of it and the corresponding element of `y`.
#[inline]
pub fn zip_assign<A: Copy, B: Copy>(x: &mut [A], y: &[B], f: impl Fn(A, B) -> A) {
    struct ZipAssign<'a, A, B, F>(&'a mut [A], &'a [B], F);
    impl<A: Copy, B: Copy, F: Fn(A, B) -> A> SimdLoop for ZipAssign<'_, A, B, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for (x, &y) in self.0.iter_mut().zip(self.1) {
                *x = (self.2)(*x, y);
            }
        }
    }
    level(x.len()).apply_avx2_at_most(ZipAssign(x, y, f));
}

/// Writes `f` of each pair from `x` and `y` to `out`.
#[inline]
pub fn zip<A: Copy, B: Copy, C>(x: &[A], y: &[B], out: &mut [C], f: impl Fn(A, B) -> C) {
    struct Zip<'a, A, B, C, F>(&'a [A], &'a [B], &'a mut [C], F);
    impl<A: Copy, B: Copy, C, F: Fn(A, B) -> C> SimdLoop for Zip<'_, A, B, C, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for ((out, &x), &y) in self.2.iter_mut().zip(self.0).zip(self.1) {
                *out = (self.3)(x, y);
            }
        }
    }
    level(x.len()).apply_avx2_at_most(Zip(x, y, out, f));
}

/// Replaces each element of `sum` by `f` of it and the corresponding elements of `x` and `y`.
#[inline]
pub fn zip_onto<T: Copy>(sum: &mut [T], x: &[T], y: &[T], f: impl Fn(T, T, T) -> T) {
    struct ZipOnto<'a, T, F>(&'a mut [T], &'a [T], &'a [T], F);
    impl<T: Copy, F: Fn(T, T, T) -> T> SimdLoop for ZipOnto<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn run(self, _: MulAdd) {
            for ((sum, &x), &y) in self.0.iter_mut().zip(self.1).zip(self.2) {
                *sum = (self.3)(*sum, x, y);
            }
        }
    }
    level(x.len()).apply_avx2_at_most(ZipOnto(sum, x, y, f));
}
