//! Tensors of random numbers from any distribution.
//!
//! Like the functions that draw from the [default generator](crate::with_generator), but with any `rand` generator:
//! [`Tensor::sample`].

use rand::Rng;
use rand::distr::Distribution;

use crate::array::Array;
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use crate::base::random::with_generator_of;
use crate::base::shape::{IntoShape, Shape};
use downhill_kernels::buffer::{self, Buffer};

impl<T: Element> Tensor<T> {
    /// Random numbers from a distribution of `rand` or `rand_distr`, drawn with your own generator.
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
    /// When the number of elements overflows or there is not enough memory.
    #[track_caller]
    pub fn sample(shape: impl IntoShape, distribution: impl Distribution<T>, rng: &mut impl Rng) -> Self {
        let (shape, mut data) = room("sample", shape);
        draw(&mut data, distribution, rng);
        Tensor::from_array(Array::own(shape, data))
    }

    /// Random numbers from a distribution, drawn with the default generator; errors name the function `op`.
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
