//! `where_`: elements of one tensor where a condition is true, of another where it is false.

use crate::base::shape;
use crate::ops::prelude::*;
use downhill_kernels::buffer;

pub(crate) struct Where {
    condition: Array<bool>,
}

impl<T: Float> Op<T> for Where {
    type Arity = Fixed<2>;
    const NAME: &'static str = "where";
    const FORMULA: &'static str = "a where the condition holds, else b";
    const DERIVATIVE: &'static str = "grad where the condition holds; grad where it does not";
    const KIND: OpKind = OpKind::Masked;
    const SAVES: Saves = Saves::Nothing;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        let shape = shape::broadcast("where", a.shape(), b.shape()).or_raise();
        let shape = shape::broadcast("where", self.condition.shape(), shape.slice()).or_raise();
        let condition = self.condition.clone().expanded(shape.slice()).contiguous();
        let (a, b) = (a.expanded(shape.slice()).contiguous(), b.expanded(shape.slice()).contiguous());
        let pairs = a.slice().iter().zip(b.slice());
        let out = condition.slice().iter().zip(pairs).map(|(&condition, (&a, &b))| if condition { a } else { b });
        let data = buffer::collect(a.numel(), out);
        Array::own(shape, data)
    }

    // each input gets the gradient where it was selected
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        let condition = Tensor::from_array(self.condition.clone());
        [
            saved.wants(0).then(|| grad.masked_fill(&condition.not(), 0)),
            saved.wants(1).then(|| grad.masked_fill(&condition, 0)),
        ]
    }
}

impl<T: Float> Tensor<T> {
    /// `a` where the condition is true and `b` where it is false, with broadcasting of all three.
    ///
    /// Elements that were not selected get the gradient 0, and 0 times an infinite slope is NaN: that happens to
    /// `where_(&x.gt(0), &x.log(), &y)` at 0, as in PyTorch. Mask the input of the logarithm instead:
    /// `x.masked_fill(&x.le(0), 1).log()`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([10.0, 20.0]));
    /// assert_eq!(Tensor::where_(&Tensor::from([true, false]), &a, &b).to_vec(), [1.0, 20.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes cannot be broadcast.
    #[track_caller]
    pub fn where_(condition: &Tensor<bool>, a: &Tensor<T>, b: &Tensor<T>) -> Tensor<T> {
        Where { condition: condition.array() }.apply([a, b])
    }
}
