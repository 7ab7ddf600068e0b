//! The vectors of AVX2 and AVX-512.

#![allow(unsafe_code)]

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

use super::{ScalarVector, SimdVector, Vectors, store_one_by_one};

macro_rules! lanes {
    (
        $vector:ty, $feature:literal, $register:ident, $number:ty, $count:literal, $splat:ident, $load:ident,
        $store:ident, $add:ident, $fma:ident, $load_part:ident, $store_part:ident
    ) => {
        // SAFETY of all calls: the caller vouches for the instructions and for the memory.
        impl SimdVector for $vector {
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
            unsafe fn load_part(from: *const $number, lanes: Range<usize>) -> Self {
                unsafe { $load_part(from, lanes) }
            }

            #[inline(always)]
            unsafe fn store_part(self, to: *mut $number, count: usize) {
                unsafe { $store_part(self, to, count) }
            }

            #[inline(always)]
            unsafe fn pinned(self) -> Self {
                #[inline]
                #[target_feature(enable = $feature)]
                fn pin(mut vector: $vector) -> $vector {
                    // SAFETY: an empty instruction: it only forces the vector into a register here.
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
    _mm256_fmadd_ps,
    part_of_f32x8,
    store_one_by_one
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
    _mm256_fmadd_pd,
    part_of_f64x4,
    store_one_by_one
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
    _mm512_fmadd_ps,
    part_of_f32x16,
    store_f32x16
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
    _mm512_fmadd_pd,
    part_of_f64x8,
    store_f64x8
);

/// A mask with a bit for each of these lanes.
#[inline(always)]
fn mask(lanes: Range<usize>) -> u32 {
    (1 << lanes.end) - (1 << lanes.start)
}

#[inline(always)]
unsafe fn part_of_f32x16(from: *const f32, lanes: Range<usize>) -> __m512 {
    unsafe { _mm512_maskz_loadu_ps(mask(lanes) as __mmask16, from) }
}

#[inline(always)]
unsafe fn part_of_f64x8(from: *const f64, lanes: Range<usize>) -> __m512d {
    unsafe { _mm512_maskz_loadu_pd(mask(lanes) as __mmask8, from) }
}

#[inline(always)]
unsafe fn store_f32x16(vector: __m512, to: *mut f32, count: usize) {
    unsafe { _mm512_mask_storeu_ps(to, mask(0..count) as __mmask16, vector) }
}

#[inline(always)]
unsafe fn store_f64x8(vector: __m512d, to: *mut f64, count: usize) {
    unsafe { _mm512_mask_storeu_pd(to, mask(0..count) as __mmask8, vector) }
}

#[inline(always)]
unsafe fn part_of_f32x8(from: *const f32, lanes: Range<usize>) -> __m256 {
    unsafe {
        let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let before = _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes.start as i32), lane);
        let not_behind = _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes.end as i32), lane);
        _mm256_maskload_ps(from, _mm256_andnot_si256(before, not_behind))
    }
}

#[inline(always)]
unsafe fn part_of_f64x4(from: *const f64, lanes: Range<usize>) -> __m256d {
    unsafe {
        let lane = _mm256_setr_epi64x(0, 1, 2, 3);
        let before = _mm256_cmpgt_epi64(_mm256_set1_epi64x(lanes.start as i64), lane);
        let not_behind = _mm256_cmpgt_epi64(_mm256_set1_epi64x(lanes.end as i64), lane);
        _mm256_maskload_pd(from, _mm256_andnot_si256(before, not_behind))
    }
}

impl Vectors for f32 {
    type Portable = ScalarVector<f32, 4>;
    type Avx2 = __m256;
    type Avx512 = __m512;

    #[inline(always)]
    unsafe fn transpose(columns: [*const f32; 4], rows: *mut f32, step: usize) {
        // SAFETY: the caller's; every x86-64 processor has these instructions.
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
    type Portable = ScalarVector<f64, 2>;
    type Avx2 = __m256d;
    type Avx512 = __m512d;
}
