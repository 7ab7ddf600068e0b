//! `copy`: a copy that shares no memory with the original.

use crate::ops::prelude::*;

pub(crate) struct Copy;

impl<T: Element> Op<T> for Copy {
    type Arity = Fixed<1>;
    const NAME: &'static str = "copy";
    const FORMULA: &'static str = "x";
    const DERIVATIVE: &'static str = "grad";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        Array::own(x.shape_owned(), x.copied())
    }

    // the gradient passes through
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad)]
    }
}

impl<T: Element> Tensor<T> {
    /// A new tensor with the same values; later changes of one are not seen in the other. Gradients flow through.
    ///
    /// PyTorch calls this `clone`; in Rust a clone is another handle to the same tensor.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let a = Tensor::zeros([2]);
    /// let b = a.copy();
    /// a.fill_(1.0);
    /// assert_eq!(b.to_vec(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn copy(&self) -> Tensor<T> {
        Copy.apply([self])
    }
}
