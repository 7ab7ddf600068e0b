//! `flip`: the elements in reverse order along some dimensions.

use crate::ops::prelude::*;
use downhill_kernels::reduce::AxisLanes;

pub(crate) struct Flip {
    axes: Axes,
}

impl<T: Element> Op<T> for Flip {
    type Arity = Fixed<1>;
    const NAME: &'static str = "flip";
    const FORMULA: &'static str = "x in reverse order";
    const DERIVATIVE: &'static str = "grad in reverse order";
    const KIND: OpKind = OpKind::View;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let mut y = x.contiguous();
        for axis in (0..y.shape().len()).filter(|&axis| self.axes.contains(axis)) {
            let AxisLanes { n, inner, .. } = AxisLanes::of(y.shape(), axis);
            for block in y.slice_mut().chunks_exact_mut((n * inner).max(1)) {
                // Reverse the whole block, then each row again: the rows end up in reverse order, their elements in
                // order.
                block.reverse();
                block.chunks_exact_mut(inner).for_each(<[T]>::reverse);
            }
        }
        y
    }

    // flipping twice restores the order
    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(Flip { axes: self.axes }.apply([&grad]))]
    }
}

impl<T: Element> Tensor<T> {
    /// The elements in reverse order along some dimensions; `[]` flips none.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).flip(1).to_vec(), [2.0, 1.0, 4.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn flip(&self, dims: impl IntoDims) -> Tensor<T> {
        let axes = Axes::some("flip", &dims.into_dims(), self.ndim()).or_raise();
        Flip { axes }.apply([self])
    }
}
