//! The widest vector instructions of this machine, chosen while the program runs, so that a plain build is fast.
//!
//! A loop that is a [`SimdLoop`] is compiled once for every level, and the compiler writes the vectors.

#![allow(unsafe_code)]

use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of this architecture has.
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

    /// Implementations say `#[inline(always)]`, as do the functions that they call: only what is inlined gets the
    /// vectors.
    fn run(self, mul_add: MulAdd) -> Self::Output;
}

/// How `a * b + c` is computed: with one rounding where the level has an instruction for it. Without one, `mul_add`
/// of the standard library is a slow call, so there it is a product and a sum.
#[derive(Clone, Copy)]
pub struct MulAdd {
    fused: bool,
}

impl MulAdd {
    /// What every machine of this architecture has.
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
    /// Runs a kernel as it is compiled for this level.
    #[inline]
    pub fn apply<K: SimdLoop>(self, kernel: K) -> K::Output {
        match self {
            Level::Portable => kernel.run(MulAdd::PORTABLE),
            // SAFETY: levels that are run come from `available` and `widest` only, and they ask the processor.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { apply_avx2(kernel) },
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { apply_avx512(kernel) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => kernel.run(MulAdd::PORTABLE),
        }
    }

    /// As [`Level::apply`], with vectors of at most 256 bits: for loops that wait for memory, where wider ones gain
    /// nothing and would have to be compiled as well.
    #[inline]
    pub fn apply_avx2_at_most<K: SimdLoop>(self, kernel: K) -> K::Output {
        match self {
            Level::Portable => kernel.run(MulAdd::PORTABLE),
            // SAFETY: as in `apply`; whoever has 512 bits has 256.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => unsafe { apply_avx2(kernel) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => kernel.run(MulAdd::PORTABLE),
        }
    }

    /// All levels of this machine, the widest last.
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

/// Runs a kernel as it is compiled for the widest level of this machine.
#[inline]
pub fn vectorized<K: SimdLoop>(kernel: K) -> K::Output {
    widest().apply(kernel)
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

// Not inlined with `widest`, so that it is compiled once.
fn find_widest() -> Level {
    let limit = std::env::var_os("DOWNHILL_SIMD").map_or(Level::Avx512, |given| level_of(&given.to_string_lossy()));
    Level::available().into_iter().filter(|level| *level <= limit).max().unwrap_or(Level::Portable)
}

/// The limit that `DOWNHILL_SIMD` sets; the machine may have less.
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
fn apply_avx2<K: SimdLoop>(kernel: K) -> K::Output {
    kernel.run(MulAdd::FUSED)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn apply_avx512<K: SimdLoop>(kernel: K) -> K::Output {
    kernel.run(MulAdd::FUSED)
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
