//! Vectors of numbers: what a kernel needs that must hold its sums in registers.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use crate::simd::Level;

/// No vector has more numbers.
pub const MAX_LANES: usize = 16;

/// A vector of numbers.
///
/// # Safety
/// Every method may only be called where the instructions of the vector exist.
pub trait SimdVector: Copy {
    /// One number.
    type Number: Copy + Default;

    /// How many numbers there are in a vector.
    const COUNT: usize;

    /// A vector of one number.
    unsafe fn splat(x: Self::Number) -> Self;

    /// The numbers from this place on, all of which must be readable.
    unsafe fn load(from: *const Self::Number) -> Self;

    /// Writes the numbers from this place on, all of which must be writable.
    unsafe fn store(self, to: *mut Self::Number);

    /// The numbers of these lanes, counted from this place; only they must be readable. The others are 0.
    unsafe fn load_part(from: *const Self::Number, lanes: Range<usize>) -> Self;

    /// Writes the first numbers from this place on, so many of which must be writable.
    unsafe fn store_part(self, to: *mut Self::Number, count: usize);

    /// `self + other`
    unsafe fn plus(self, other: Self) -> Self;

    /// `self + a * b`, rounded once where the machine can.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;

    /// The same vector, computed before anything that follows is read: without this the compiler reads the numbers of
    /// many steps ahead, and the sums no longer fit into the registers.
    #[inline(always)]
    unsafe fn pinned(self) -> Self {
        self
    }
}

/// A type of number with its vectors.
pub trait Vectors: Copy + Default + Send + Sync + std::ops::AddAssign + 'static {
    /// What every machine can compute with.
    type Portable: SimdVector<Number = Self>;

    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx2: SimdVector<Number = Self>;

    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx512: SimdVector<Number = Self>;

    /// Writes four columns of four numbers as four rows that begin `step` apart.
    ///
    /// # Safety
    /// Each column must be readable and each row writable.
    #[inline(always)]
    unsafe fn transpose(columns: [*const Self; 4], rows: *mut Self, step: usize) {
        for (j, column) in columns.into_iter().enumerate() {
            for i in 0..4 {
                // SAFETY: the caller's.
                unsafe { *rows.add(i * step + j) = *column.add(i) }
            }
        }
    }
}

/// Asks for the line of the cache around a place that will be used soon, which need not exist.
#[inline(always)]
pub fn prefetch<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a wish, which does nothing where there is no memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// As [`prefetch`], but into the second-level cache only: for what will be used later, or would fill the first one.
#[inline(always)]
pub fn prefetch_far<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a wish, which does nothing where there is no memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// How many numbers a vector of a level has.
pub fn lanes<T: Vectors>(level: Level) -> usize {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => T::Avx512::COUNT,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => T::Avx2::COUNT,
        _ => T::Portable::COUNT,
    }
}

/// A loop over vectors, compiled for each level.
pub trait VectorLoop<T> {
    /// # Safety
    /// The instructions of the vector exist. Implementations say `#[inline(always)]`.
    unsafe fn run<V: SimdVector<Number = T>>(self);
}

/// Runs a loop with the widest vectors of a level of this machine.
pub fn with_vectors<T: Vectors>(level: Level, work: impl VectorLoop<T>) {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2<V: SimdVector>(work: impl VectorLoop<V::Number>) {
        // SAFETY: the caller's.
        unsafe { work.run::<V>() }
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn avx512<V: SimdVector>(work: impl VectorLoop<V::Number>) {
        // SAFETY: the caller's.
        unsafe { work.run::<V>() }
    }
    // SAFETY: levels come from `available` and `widest` only, and they ask the processor.
    unsafe {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::<T::Avx512>(work),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::<T::Avx2>(work),
            _ => work.run::<T::Portable>(),
        }
    }
}

/// [`SimdVector::store_part`] without an instruction for it.
#[inline(always)]
unsafe fn store_one_by_one<V: SimdVector>(vector: V, to: *mut V::Number, count: usize) {
    let mut numbers = [V::Number::default(); MAX_LANES];
    // SAFETY: no vector is longer; the rest is the caller's.
    unsafe {
        vector.store(numbers.as_mut_ptr());
        for (i, &number) in numbers[..count].iter().enumerate() {
            *to.add(i) = number;
        }
    }
}

/// A vector that the compiler translates to what every machine of the architecture has.
#[derive(Clone, Copy)]
pub struct ScalarVector<T, const N: usize>([T; N]);

impl<T, const N: usize> SimdVector for ScalarVector<T, N>
where
    T: Copy + Default + std::ops::Add<Output = T> + std::ops::Mul<Output = T>,
{
    type Number = T;
    const COUNT: usize = N;

    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        ScalarVector([x; N])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for N numbers from here on; an array has the alignment of its members.
        ScalarVector(unsafe { *from.cast::<[T; N]>() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as for `load`.
        unsafe { *to.cast::<[T; N]>() = self.0 }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const T, lanes: Range<usize>) -> Self {
        let mut numbers = [T::default(); N];
        for (i, number) in numbers.iter_mut().enumerate() {
            if lanes.contains(&i) {
                // SAFETY: the caller's.
                *number = unsafe { *from.wrapping_add(i) };
            }
        }
        ScalarVector(numbers)
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut T, count: usize) {
        // SAFETY: the caller's.
        unsafe { store_one_by_one(self, to, count) }
    }

    #[inline(always)]
    unsafe fn plus(mut self, other: Self) -> Self {
        for (x, y) in self.0.iter_mut().zip(other.0) {
            *x = *x + y;
        }
        self
    }

    #[inline(always)]
    unsafe fn plus_product(mut self, a: Self, b: Self) -> Self {
        for ((x, a), b) in self.0.iter_mut().zip(a.0).zip(b.0) {
            *x = *x + a * b;
        }
        self
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Vectors for f32 {
    type Portable = ScalarVector<f32, 4>;
}

#[cfg(not(target_arch = "x86_64"))]
impl Vectors for f64 {
    type Portable = ScalarVector<f64, 2>;
}
