//! SIMD vectors, for loops that must keep their sums in registers.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use crate::simd::Level;

/// The largest number of lanes of any vector.
pub const MAX_LANES: usize = 16;

/// A vector of numbers.
///
/// # Safety
/// Methods may only be called if the processor has the instructions of the vector.
pub trait SimdVector: Copy {
    /// The type of a lane.
    type Number: Copy + Default;

    /// The number of lanes.
    const COUNT: usize;

    /// A vector with this number in every lane.
    unsafe fn splat(x: Self::Number) -> Self;

    /// Loads `COUNT` numbers, all of which must be readable.
    unsafe fn load(from: *const Self::Number) -> Self;

    /// Stores `COUNT` numbers, all of which must be writable.
    unsafe fn store(self, to: *mut Self::Number);

    /// Loads these lanes; lane i is at `from + i`. Only they must be readable, and the others are 0.
    unsafe fn load_part(from: *const Self::Number, lanes: Range<usize>) -> Self;

    /// Stores the first `count` lanes; only they must be writable.
    unsafe fn store_part(self, to: *mut Self::Number, count: usize);

    /// `self + other`
    unsafe fn plus(self, other: Self) -> Self;

    /// `self + a * b`, with one rounding where the level has a fused multiply-add.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;

    /// The same vector, computed before anything that follows is loaded: without this the compiler hoists the loads
    /// of many steps, and the sums spill from the registers.
    #[inline(always)]
    unsafe fn pinned(self) -> Self {
        self
    }
}

/// A type of number with its vectors of each level.
pub trait Vectors: Copy + Default + Send + Sync + std::ops::AddAssign + 'static {
    /// What every processor can compute with.
    type Portable: SimdVector<Number = Self>;

    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx2: SimdVector<Number = Self>;

    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx512: SimdVector<Number = Self>;

    /// Writes four columns of four numbers as four rows with a stride of `step`.
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

/// Prefetches the cache line of an address that will be used soon. The address need not be valid.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint to the processor, which is ignored for addresses without memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// As [`prefetch`], but into the second-level cache only: for what is used later, or would fill the first level.
#[inline(always)]
pub fn prefetch_far<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint to the processor, which is ignored for addresses without memory.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// The number of lanes of the vectors of a level.
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
    /// The processor has the instructions of the vector. Implementations are `#[inline(always)]`.
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
    // SAFETY: levels come from `available` and `widest` only, which ask the processor, in release too.
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

/// [`SimdVector::store_part`] for levels without an instruction for it.
#[inline(always)]
unsafe fn store_one_by_one<V: SimdVector>(vector: V, to: *mut V::Number, count: usize) {
    let mut numbers = [V::Number::default(); MAX_LANES];
    // SAFETY: no vector has more than `MAX_LANES` lanes; the rest is the caller's.
    unsafe {
        vector.store(numbers.as_mut_ptr());
        for (i, &number) in numbers[..count].iter().enumerate() {
            *to.add(i) = number;
        }
    }
}

/// An array that the compiler turns into vectors of the base level of the architecture.
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
        // SAFETY: the caller vouches for N numbers; an array has the alignment of its elements.
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
