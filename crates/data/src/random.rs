//! Random numbers that depend only on a seed: the same on every machine and for any width of `usize`.

use std::mem;

use downhill_tensor::{Generator, with_generator};
use rand::{Rng, SeedableRng};

/// The generator of one of the streams of a seed.
///
/// The seed is mixed before the stream number is added, so that neighbouring seeds share no stream.
pub(crate) fn stream(seed: u64, number: u64) -> Generator {
    let mixed = Generator::seed_from_u64(seed).next_u64();
    Generator::seed_from_u64(mixed.wrapping_add(number))
}

/// A uniform whole number from 0 to `n - 1`: multiply and shift, and draw again in the few cases that would bias the
/// result (Lemire 2019, "Fast Random Integer Generation in an Interval").
pub(crate) fn below(n: usize, generator: &mut Generator) -> usize {
    let n = n as u64;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(n);
        let low = product as u64;
        if low >= n || low >= n.wrapping_neg() % n {
            return (product >> 64) as usize;
        }
    }
}

/// A uniformly random permutation of 0 to `n - 1` (Fisher-Yates, from the last position to the second).
pub(crate) fn permutation(n: usize, generator: &mut Generator) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for place in (1..n).rev() {
        order.swap(place, below(place + 1, generator));
    }
    order
}

/// A uniform number from `low` to `high`, made from the upper 53 bits of the next number.
pub(crate) fn uniform(low: f64, high: f64, generator: &mut Generator) -> f64 {
    let part = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    low + part * (high - low)
}

/// Runs `f` with another default generator for this thread, and restores the thread's own afterwards.
pub(crate) fn with_default_generator<R>(own: Generator, f: impl FnOnce() -> R) -> R {
    /// Restores the generator, even when `f` panics.
    struct Restore(Generator);
    impl Drop for Restore {
        fn drop(&mut self) {
            with_generator(|default| mem::swap(default, &mut self.0));
        }
    }
    let _restore = Restore(with_generator(|default| mem::replace(default, own)));
    f()
}
