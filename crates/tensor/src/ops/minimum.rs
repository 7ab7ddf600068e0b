//! `minimum`: the smaller of each pair of elements.

use crate::ops::prelude::*;

pub(crate) struct Minimum;

impl<T: Float> Op<T> for Minimum {
    type Arity = Fixed<2>;
    const NAME: &'static str = "minimum";
    const FORMULA: &'static str = "min(a, b)";
    const DERIVATIVE: &'static str = "grad where that input is the smaller, half of it where both are equal";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        // The comparison is false if either is NaN, and then their sum is NaN.
        a.zip("minimum", b, |a, b| {
            if a < b {
                a
            } else if b <= a {
                b
            } else {
                a + b
            }
        })
    }

    // 1 for the smaller, 0 for the other, 1/2 each if equal; both get the gradient if one is NaN
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        let (a, b) = (saved.input(0), saved.input(1));
        let grad = Tensor::where_(&a.eq(&b), &(&grad / 2), &grad);
        [
            saved.wants(0).then(|| grad.masked_fill(&a.gt(&b), 0)),
            saved.wants(1).then(|| grad.masked_fill(&b.gt(&a), 0)),
        ]
    }
}

impl<T: Float> Tensor<T> {
    /// The smaller of each pair of elements, with broadcasting. Equal elements share the gradient; NaN propagates.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0, 4.0]), Tensor::from([3.0, 2.0]));
    /// assert_eq!(a.minimum(&b).to_vec(), [1.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn minimum(&self, other: &Tensor<T>) -> Tensor<T> {
        Minimum.apply([self, other])
    }
}
