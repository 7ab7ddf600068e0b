//! Reproducible random numbers: one default generator for each thread, and [`manual_seed`].

use std::cell::RefCell;
use std::hash::BuildHasher;

use rand::SeedableRng;

use crate::base::generator::Generator;
use downhill_kernels::error::{Error, OrRaise};

thread_local! {
    /// Without `manual_seed` every run differs: the seed comes from the standard library's hasher, which the
    /// operating system seeds.
    static DEFAULT: RefCell<Generator> = RefCell::new(Generator::seed_from_u64(
        std::hash::RandomState::new().hash_one("downhill"),
    ));
}

/// Seeds the default generator of this thread, so that the random numbers after it are the same in every run.
///
/// ```
/// use downhill_tensor::{Tensor, manual_seed};
/// manual_seed(0);
/// let a = Tensor::randn([3]);
/// manual_seed(0);
/// assert_eq!(Tensor::randn([3]).to_vec(), a.to_vec());
/// ```
///
/// # Panics
/// Inside [`with_generator`].
#[track_caller]
pub fn manual_seed(seed: u64) {
    with_generator_of("manual_seed", |generator| *generator = Generator::seed_from_u64(seed));
}

/// Runs `f` with the default generator of this thread.
///
/// ```
/// use downhill_tensor::with_generator;
/// use rand::RngExt;
/// let die = with_generator(|generator| generator.random_range(1..=6));
/// assert!((1..=6).contains(&die));
/// ```
///
/// # Panics
/// Inside another `with_generator`: while `f` runs, it is the only user of the generator and must not call this
/// function, `Tensor::randn` and the like.
#[track_caller]
pub fn with_generator<R>(f: impl FnOnce(&mut Generator) -> R) -> R {
    with_generator_of("with_generator", f)
}

/// As [`with_generator`]; errors name the function `op`.
#[track_caller]
pub(crate) fn with_generator_of<R>(op: &'static str, f: impl FnOnce(&mut Generator) -> R) -> R {
    let drawn = DEFAULT.with(|default| default.try_borrow_mut().map(|mut generator| f(&mut generator)));
    drawn.or(Err(Error::GeneratorInUse { op })).or_raise()
}
