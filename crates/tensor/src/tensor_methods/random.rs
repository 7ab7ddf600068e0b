//! Tensors of random numbers from any distribution.
//!
//! A function that draws from the [default generator](crate::with_generator) has a twin that takes any `rand`
//! generator: [`Tensor::sample`].

use rand::Rng;
use rand::distr::Distribution;

use crate::array::Array;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::random::with_generator_of;
use crate::base::shape::{IntoShape, Shape};
use downhill_kernels::buffer::{self, Buffer};

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
