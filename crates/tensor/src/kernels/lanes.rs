//! Vectors of numbers: what a kernel needs that must hold its sums in registers.

#![allow(unsafe_code)]

/// A vector of numbers.
///
/// # Safety
/// Every method may only be called where the instructions of the vector exist.
pub trait Lanes: Copy {
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

    /// `self + other`
    unsafe fn plus(self, other: Self) -> Self;

    /// `self + a * b`, rounded once where the machine can.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;

    /// The same vector, computed before anything that follows is read: without this the compiler reads the numbers of many
    /// steps ahead, and the sums no longer fit into the registers.
    #[inline(always)]
    unsafe fn pinned(self) -> Self {
        self
    }
}

/// A type of number with its vectors.
pub trait Vectors: Copy + Default + Send + Sync + std::ops::AddAssign + 'static {
    /// What every machine can compute with.
    type Portable: Lanes<Number = Self>;

    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Lanes<Number = Self>;

    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Lanes<Number = Self>;

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

/// A vector that the compiler translates to what every machine of the architecture has.
#[derive(Clone, Copy)]
pub struct Plain<T, const N: usize>([T; N]);

impl<T, const N: usize> Lanes for Plain<T, N>
where
    T: Copy + Default + std::ops::Add<Output = T> + std::ops::Mul<Output = T>,
{
    type Number = T;
    const COUNT: usize = N;

    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        Plain([x; N])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for N numbers from here on; an array has the alignment of its members.
        Plain(unsafe { *from.cast::<[T; N]>() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as for `load`.
        unsafe { *to.cast::<[T; N]>() = self.0 }
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::*;

    use super::{Lanes, Plain, Vectors};

    macro_rules! lanes {
        ($vector:ty, $feature:literal, $register:ident, $number:ty, $count:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $fma:ident) => {
            // SAFETY of all calls: the caller vouches for the instructions and for the memory.
            impl Lanes for $vector {
                type Number = $number;
                const COUNT: usize = $count;

                #[inline(always)]
                unsafe fn splat(x: $number) -> Self {
                    unsafe { $splat(x) }
                }

                #[inline(always)]
                unsafe fn load(from: *const $number) -> Self {
                    unsafe { $load(from) }
                }

                #[inline(always)]
                unsafe fn store(self, to: *mut $number) {
                    unsafe { $store(to, self) }
                }

                #[inline(always)]
                unsafe fn plus(self, other: Self) -> Self {
                    unsafe { $add(self, other) }
                }

                #[inline(always)]
                unsafe fn plus_product(self, a: Self, b: Self) -> Self {
                    unsafe { $fma(a, b, self) }
                }

                #[inline(always)]
                unsafe fn pinned(self) -> Self {
                    #[inline]
                    #[target_feature(enable = $feature)]
                    fn pin(mut vector: $vector) -> $vector {
                        // SAFETY: no instruction at all, only a place that the vector passes.
                        unsafe { asm!("/* {0} */", inout($register) vector, options(nostack, preserves_flags)) }
                        vector
                    }
                    unsafe { pin(self) }
                }
            }
        };
    }

    lanes!(
        __m256,
        "avx2",
        ymm_reg,
        f32,
        8,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_fmadd_ps
    );
    lanes!(
        __m256d,
        "avx2",
        ymm_reg,
        f64,
        4,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_add_pd,
        _mm256_fmadd_pd
    );
    lanes!(
        __m512,
        "avx512f",
        zmm_reg,
        f32,
        16,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_fmadd_ps
    );
    lanes!(
        __m512d,
        "avx512f",
        zmm_reg,
        f64,
        8,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_add_pd,
        _mm512_fmadd_pd
    );

    impl Vectors for f32 {
        type Portable = Plain<f32, 4>;
        type Avx2 = __m256;
        type Avx512 = __m512;

        #[inline(always)]
        unsafe fn transpose(columns: [*const f32; 4], rows: *mut f32, step: usize) {
            // SAFETY: the caller's; every x86-64 has these instructions.
            unsafe {
                let [a, b, c, d] = columns.map(|column| _mm_loadu_ps(column));
                let (ab, cd) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
                _mm_storeu_ps(rows, _mm_movelh_ps(ab, cd));
                _mm_storeu_ps(rows.add(step), _mm_movehl_ps(cd, ab));
                let (ab, cd) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
                _mm_storeu_ps(rows.add(2 * step), _mm_movelh_ps(ab, cd));
                _mm_storeu_ps(rows.add(3 * step), _mm_movehl_ps(cd, ab));
            }
        }
    }

    impl Vectors for f64 {
        type Portable = Plain<f64, 2>;
        type Avx2 = __m256d;
        type Avx512 = __m512d;
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Vectors for f32 {
    type Portable = Plain<f32, 4>;
}

#[cfg(not(target_arch = "x86_64"))]
impl Vectors for f64 {
    type Portable = Plain<f64, 2>;
}
