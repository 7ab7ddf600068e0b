//! Random numbers that can be repeated: one default generator for each thread, and [`manual_seed`].
//!
//! The generator is [`Generator`], xoshiro256++: portable, with the same stream on every machine. A function that
//! draws from the default generator has a twin that takes any `rand` generator: [`Tensor::sample`].

use std::cell::RefCell;
use std::hash::BuildHasher;

use rand::distr::Distribution;
use rand::{Rng, SeedableRng};

use crate::array::Array;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::shape::{IntoShape, Shape};
pub use crate::tensor_methods::generator::Generator;
use downhill_kernels::buffer::{self, Buffer};
use downhill_kernels::error::{Error, OrRaise};

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
/// Inside another `with_generator`: the generator is lent to `f`, which must not draw from it in another way, neither by
/// this function nor by `Tensor::randn` and the like.
#[track_caller]
pub fn with_generator<R>(f: impl FnOnce(&mut Generator) -> R) -> R {
    with_generator_of("with_generator", f)
}

/// As [`with_generator`], for a function of this name.
#[track_caller]
pub(crate) fn with_generator_of<R>(op: &'static str, f: impl FnOnce(&mut Generator) -> R) -> R {
    let drawn = DEFAULT.with(|default| default.try_borrow_mut().map(|mut generator| f(&mut generator)));
    drawn.or(Err(Error::GeneratorInUse { op })).or_raise()
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
    ///
    /// # Panics
    /// When they are more than can be counted or than there is memory for.
    #[track_caller]
    pub fn sample(shape: impl IntoShape, distribution: impl Distribution<T>, rng: &mut impl Rng) -> Self {
        let (shape, mut data) = room("sample", shape);
        draw(&mut data, distribution, rng);
        Tensor::from_array(Array::own(shape, data))
    }

    /// Numbers drawn from a distribution with the default generator, for a function of this name.
    #[track_caller]
    pub(crate) fn drawn(op: &'static str, shape: impl IntoShape, distribution: impl Distribution<T>) -> Self {
        let (shape, mut data) = room(op, shape);
        with_generator_of(op, |generator| draw(&mut data, distribution, generator));
        Tensor::from_array(Array::own(shape, data))
    }
}

#[track_caller]
fn room<T: Element>(op: &'static str, shape: impl IntoShape) -> (Shape, Buffer<T>) {
    let shape = shape.into_shape();
    let data = buffer::of_shape(op, shape.slice());
    (shape, data)
}

fn draw<T>(data: &mut [T], distribution: impl Distribution<T>, rng: &mut impl Rng) {
    data.iter_mut().zip(distribution.sample_iter(rng)).for_each(|(place, x)| *place = x);
}
