//! `expand`: dimensions of size 1 repeated without copying.

use crate::autograd::op::{Operand, apply};
use crate::base::shape::broadcast;
use crate::ops::prelude::*;

pub(crate) struct Expand {
    shape: Shape,
}

impl<T: Element> Op<T> for Expand {
    type Arity = Fixed<1>;
    const NAME: &'static str = "expand";
    const FORMULA: &'static str = "x, repeated";
    const DERIVATIVE: &'static str = "grad, summed over the repetitions";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.expanded(self.shape.slice())
    }

    // an element that is used several times gets the sum of the gradients of its uses
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad.sum_to(saved.input_shape(0).slice()))]
    }
}

impl<T: Element> Tensor<T> {
    /// This tensor broadcast to a shape; the caller has checked that it fits.
    #[track_caller]
    pub(crate) fn expanded(self, shape: Shape) -> Tensor<T> {
        if self.shape() == shape.slice() {
            return self;
        }
        apply(Expand { shape }, [Operand::Owned(self)])
    }

    /// A view in which dimensions of size 1 are repeated; -1 keeps a size, and new dimensions are added at the front.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::zeros([3, 1]).expand([2, -1, 4]).shape(), [2, 3, 4]);
    /// ```
    ///
    /// # Panics
    /// When a size other than 1 would change.
    #[track_caller]
    pub fn expand(&self, sizes: impl IntoDims) -> Tensor<T> {
        let sizes = sizes.into_dims();
        let new = sizes.len().saturating_sub(self.ndim());
        let wrong = || {
            Error::expected(
                "expand",
                format!("sizes that {:?} can be repeated to (-1 keeps a size)", self.shape()),
                format!("{sizes:?}"),
            )
        };
        let size = |(axis, &size): (usize, &isize)| match size {
            -1 if axis >= new => Some(self.shape()[axis - new]),
            _ => usize::try_from(size).ok(),
        };
        let Some(shape) = sizes.iter().enumerate().map(size).collect::<Option<Vec<usize>>>() else { wrong().raise() };
        let shape = Shape::checked("expand", shape).or_raise();
        match broadcast("expand", self.shape(), shape.slice()) {
            Ok(joint) if joint == shape => Expand { shape }.apply([self]),
            _ => wrong().raise(),
        }
    }
}
