//! Random numbers that can be repeated: one default generator for each thread, and [`manual_seed`].
//!
//! The generator is Xoshiro256++ as `rand` documents it: portable, with the same stream on every machine. A function that
//! draws from the default generator has a twin that takes any `rand` generator: [`Tensor::sample`].

use std::cell::RefCell;
use std::hash::BuildHasher;

use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use crate::array::Array;
use crate::element::Element;
use crate::shape::{IntoShape, numel};
use crate::tensor::Tensor;
use ndarray::Dimension;

/// The generator behind `manual_seed`; make one of your own with `Generator::seed_from_u64`.
pub type Generator = Xoshiro256PlusPlus;

thread_local! {
    /// Unseeded programs differ from run to run: the operating system seeds the standard library's hashes.
    static DEFAULT: RefCell<Generator> = RefCell::new(Generator::seed_from_u64(
        std::hash::RandomState::new().hash_one("downhill"),
    ));
}

/// Starts the default generator of this thread at a seed: what follows is the same in every run.
///
/// ```
/// use downhill_tensor::{Tensor, manual_seed};
/// manual_seed(0);
/// let a = Tensor::randn([3]);
/// manual_seed(0);
/// assert_eq!(Tensor::randn([3]).to_vec(), a.to_vec());
/// ```
pub fn manual_seed(seed: u64) {
    DEFAULT.with_borrow_mut(|generator| *generator = Generator::seed_from_u64(seed));
}

/// Runs `f` with the default generator of this thread.
///
/// `f` must not draw from the default generator in another way (`Tensor::randn` and the like): it is lent to `f`.
///
/// ```
/// use downhill_tensor::with_generator;
/// use rand::RngExt;
/// let die = with_generator(|generator| generator.random_range(1..=6));
/// assert!((1..=6).contains(&die));
/// ```
pub fn with_generator<R>(f: impl FnOnce(&mut Generator) -> R) -> R {
    DEFAULT.with_borrow_mut(f)
}

impl<T: Element> Tensor<T> {
    /// Numbers drawn from a distribution of `rand` or `rand_distr` with a generator of your own.
    ///
    /// ```
    /// use downhill_tensor::{Generator, Tensor};
    /// use rand::SeedableRng;
    /// use rand_distr::Uniform;
    /// let mut generator = Generator::seed_from_u64(1);
    /// let die = Tensor::sample([10], Uniform::new_inclusive(1, 6i64).unwrap(), &mut generator);
    /// assert!(die.to_vec().iter().all(|&x| (1..=6).contains(&x)));
    /// ```
    pub fn sample(shape: impl IntoShape, distribution: impl Distribution<T>, rng: &mut impl Rng) -> Self {
        let shape = shape.into_shape();
        let count = numel(shape.slice());
        Tensor::from_array(Array::own(shape, distribution.sample_iter(rng).take(count).collect()))
    }
}
