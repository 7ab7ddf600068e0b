//! SIMD levels: picks the widest vector instructions of the machine at run time, so that a plain build is fast.
//!
//! A [`SimdLoop`] is compiled once for every level, and vectorized by the compiler.

#![allow(unsafe_code)]

use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of this architecture has.
    Portable,
    /// 256-bit vectors with fused multiply-add: x86 since 2013.
    Avx2,
    /// 512-bit vectors.
    Avx512,
}

/// A loop that is compiled for every level.
pub trait SimdLoop {
    /// What the loop computes.
    type Output;

    /// Runs the loop. Implementations are `#[inline(always)]`, as are the functions that they call: only what is
    /// inlined is compiled for the level.
    fn run(self, mul_add: MulAdd) -> Self::Output;
}

/// How to compute `a * b + c`: fused, with one rounding, where the level has an instruction for it. Elsewhere
/// `mul_add` of the standard library would be a slow function call, so it is a product and a sum.
#[derive(Clone, Copy)]
pub struct MulAdd {
    fused: bool,
}

impl MulAdd {
    /// What every processor of this architecture has.
    const PORTABLE: MulAdd = MulAdd { fused: cfg!(any(target_feature = "fma", target_arch = "aarch64")) };

    #[cfg(target_arch = "x86_64")]
    const FUSED: MulAdd = MulAdd { fused: true };

    /// `a * b + c`
    #[inline(always)]
    pub fn of(self, a: f32, b: f32, c: f32) -> f32 {
        if self.fused { a.mul_add(b, c) } else { a * b + c }
    }

    /// `c₀ + x (c₁ + x (c₂ + ...))`
    #[inline(always)]
    pub fn polynomial<const N: usize>(self, x: f32, coefficients: [f32; N]) -> f32 {
        let mut sum = coefficients[N - 1];
        let mut k = N - 1;
        while k > 0 {
            k -= 1;
            sum = self.of(sum, x, coefficients[k]);
        }
        sum
    }
}

impl Level {
    /// Runs a loop as it is compiled for this level.
    #[inline]
    pub fn apply<K: SimdLoop>(self, simd_loop: K) -> K::Output {
        match self {
            Level::Portable => simd_loop.run(MulAdd::PORTABLE),
            // SAFETY: levels come from `available` and `widest` only, which ask the processor, in release too.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { apply_avx2(simd_loop) },
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { apply_avx512(simd_loop) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => simd_loop.run(MulAdd::PORTABLE),
        }
    }

    /// As [`Level::apply`], with vectors of at most 256 bits: for memory-bound loops, which gain nothing from wider
    /// ones and would only take longer to compile.
    #[inline]
    pub fn apply_avx2_at_most<K: SimdLoop>(self, simd_loop: K) -> K::Output {
        match self {
            Level::Portable => simd_loop.run(MulAdd::PORTABLE),
            // SAFETY: as in `apply`; a processor with AVX-512 has AVX2.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => unsafe { apply_avx2(simd_loop) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => simd_loop.run(MulAdd::PORTABLE),
        }
    }

    /// The levels that this machine supports, the widest last.
    pub fn available() -> Vec<Level> {
        #[allow(unused_mut)]
        let mut levels = vec![Level::Portable];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            levels.push(Level::Avx2);
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx512 {
                levels.push(Level::Avx512);
            }
        }
        levels
    }
}

/// Runs a loop as it is compiled for the widest level of this machine.
#[inline]
pub fn vectorized<K: SimdLoop>(simd_loop: K) -> K::Output {
    widest().apply(simd_loop)
}

/// The widest level of this machine that the environment variable `DOWNHILL_SIMD` (`portable`, `avx2` or `avx512`)
/// allows.
///
/// # Panics
/// When `DOWNHILL_SIMD` is anything else.
#[inline]
pub fn widest() -> Level {
    static WIDEST: OnceLock<Level> = OnceLock::new();
    *WIDEST.get_or_init(find_widest)
}

// Apart from `widest`, which is inlined, so that this is compiled once.
fn find_widest() -> Level {
    let limit = std::env::var_os("DOWNHILL_SIMD").map_or(Level::Avx512, |given| level_of(&given.to_string_lossy()));
    Level::available().into_iter().filter(|level| *level <= limit).max().unwrap_or(Level::Portable)
}

/// The limit that `DOWNHILL_SIMD` sets; the machine may support less.
fn level_of(given: &str) -> Level {
    match given {
        "portable" => Level::Portable,
        "avx2" => Level::Avx2,
        "avx512" => Level::Avx512,
        _ => panic!("DOWNHILL_SIMD: given {given:?}; expected \"portable\", \"avx2\" or \"avx512\""),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn apply_avx2<K: SimdLoop>(simd_loop: K) -> K::Output {
    simd_loop.run(MulAdd::FUSED)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn apply_avx512<K: SimdLoop>(simd_loop: K) -> K::Output {
    simd_loop.run(MulAdd::FUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_named_exactly() {
        assert_eq!(["portable", "avx2", "avx512"].map(level_of), [Level::Portable, Level::Avx2, Level::Avx512]);
        for given in ["", "AVX2", "sse", "avx2 "] {
            let expected = format!("DOWNHILL_SIMD: given {given:?}; expected \"portable\", \"avx2\" or \"avx512\"");
            assert_eq!(downhill_tests::panic_of(|| level_of(given)).unwrap().text, expected);
        }
    }
}
