//! The random-number generator xoshiro256++, whose state can be saved and restored.
//!
//! Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021, doi:10.1145/3460772). It gives the
//! same numbers as `rand::rngs::Xoshiro256PlusPlus`, which does not expose its state.

use std::convert::Infallible;

use rand::rand_core::utils;
use rand::{SeedableRng, TryRng};

use downhill_kernels::error::Error;

/// The generator behind `manual_seed`; make one of your own with `Generator::seed_from_u64`.
///
/// ```
/// use downhill_tensor::Generator;
/// use rand::{Rng, SeedableRng};
/// let mut generator = Generator::seed_from_u64(1);
/// generator.next_u64();
/// let mut restored = Generator::from_state(generator.state());
/// assert_eq!(restored.next_u64(), generator.next_u64());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    state: [u64; 4],
}

impl Generator {
    /// The complete state, which determines all numbers to come.
    pub fn state(&self) -> [u64; 4] {
        self.state
    }

    /// A generator that continues from a [`state`](Generator::state).
    ///
    /// # Panics
    /// When the state is all zeros, which xoshiro256++ does not allow.
    #[track_caller]
    pub fn from_state(state: [u64; 4]) -> Self {
        if state == [0; 4] {
            let (op, given) = ("Generator::from_state", "zeros".to_owned());
            Error::Argument { op, name: "state", given, expected: "what `state()` gave" }.raise();
        }
        Generator { state }
    }
}

impl SeedableRng for Generator {
    type Seed = [u8; 32];

    /// The state is the seed in little-endian order, except for a seed of zeros.
    fn from_seed(seed: [u8; 32]) -> Self {
        let state = utils::read_words(&seed);
        if state == [0; 4] { Generator::seed_from_u64(0) } else { Generator { state } }
    }

    /// SplitMix64 fills the state (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195, with the constants of
    /// Vigna's splitmix64.c).
    fn seed_from_u64(seed: u64) -> Self {
        let word = |i| {
            let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(i));
            let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Generator { state: [1, 2, 3, 4].map(word) }
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    /// The upper half, whose bits are of better quality.
    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d] = self.state;
        let number = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (even, odd) = (c ^ a, d ^ b);
        self.state = [a ^ odd, b ^ even, even ^ (b << 17), odd.rotate_left(45)];
        Ok(number)
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}
