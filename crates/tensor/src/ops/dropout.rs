//! `dropout`: sets elements to 0 at random and scales the others so that the expectation stays the same.

use rand::Rng;
use rand::distr::Bernoulli;

use crate::base::random::with_generator_of;
use crate::ops::prelude::*;

impl<T: Float> Tensor<T> {
    /// Each element becomes 0 with probability `p` and is divided by 1 - p otherwise. Draws from the default
    /// generator.
    ///
    /// With `p` = 0 the result is this tensor, and with `p` = 1 all zeros; neither draws a number.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let y = Tensor::ones([8]).dropout(0.5);
    /// assert!(y.to_vec().iter().all(|&y| y == 0.0 || y == 2.0));
    /// ```
    ///
    /// Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).
    ///
    /// # Panics
    /// When `p` is not between 0 and 1.
    #[track_caller]
    pub fn dropout(&self, p: f64) -> Tensor<T> {
        let Some(keep) = keep(p).or_raise() else { return self.all_or_nothing(p) };
        let kept = with_generator_of("dropout", |generator| Tensor::sample(self.shape(), keep, generator));
        self.enlarged_where(kept, p)
    }

    /// As [`Tensor::dropout`], with a generator of your own.
    ///
    /// ```
    /// use downhill_tensor::{Generator, Tensor};
    /// use rand::SeedableRng;
    /// let drop = || Tensor::ones([8]).dropout_with(0.5, &mut Generator::seed_from_u64(1));
    /// assert_eq!(drop().to_vec(), drop().to_vec());
    /// ```
    ///
    /// # Panics
    /// When `p` is not between 0 and 1.
    #[track_caller]
    pub fn dropout_with(&self, p: f64, rng: &mut impl Rng) -> Tensor<T> {
        let Some(keep) = keep(p).or_raise() else { return self.all_or_nothing(p) };
        self.enlarged_where(Tensor::sample(self.shape(), keep, rng), p)
    }

    /// The two cases without randomness. For `p` = 1 the input is multiplied by 0, so that elements that are not
    /// finite become NaN, as in PyTorch.
    #[track_caller]
    fn all_or_nothing(&self, p: f64) -> Tensor<T> {
        if p == 0.0 { self.clone() } else { self * (1.0 - p) }
    }

    #[track_caller]
    fn enlarged_where(&self, kept: Tensor<bool>, p: f64) -> Tensor<T> {
        let scale = T::of(1.0 / (1.0 - p));
        self * Tensor::from_array(kept.array().map_to(|kept| if kept { scale } else { T::zero() }))
    }
}

/// Which elements are kept; `None` if nothing is random.
fn keep(p: f64) -> Result<Option<Bernoulli>, Error> {
    match Bernoulli::new(1.0 - p) {
        Ok(keep) => Ok((p != 0.0 && p != 1.0).then_some(keep)),
        Err(_) => Err(Error::Argument { op: "dropout", name: "p", given: p.to_string(), expected: "from 0 to 1" }),
    }
}
