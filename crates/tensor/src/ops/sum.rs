//! `sum`: sums over all or some dimensions.

use std::any::Any;

use crate::array::reduce::sum_axes;
use crate::autograd::op::{Operand, apply};
use crate::base::shape::same;
use crate::ops::prelude::*;

pub(crate) struct Sum {
    pub(crate) axes: Axes,
    pub(crate) keepdim: bool,
}

impl<T: Element> Op<T> for Sum {
    type Arity = Fixed<1>;
    const NAME: &'static str = "sum";
    const FORMULA: &'static str = "Σ x";
    const DERIVATIVE: &'static str = "grad, repeated for each element";
    const KIND: OpKind = OpKind::Reduction;
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let shape = self.axes.reduced(x.shape(), self.keepdim);
        Array::own(shape, sum_axes(x, self.axes))
    }

    // ∂(Σ x)/∂xᵢ = 1
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad.spread(self.axes, &saved.input_shape(0)))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add(0, spread(grad, self.axes, &saved.input_shape(0)));
        Ok(())
    }
}

/// The tensor in the element type of its sums: truth values become integers, other types stay the same.
#[track_caller]
pub(crate) fn terms<T: Element>(x: &Tensor<T>) -> Tensor<T::Sum> {
    match (x as &dyn Any).downcast_ref::<Tensor<T::Sum>>() {
        Some(x) => x.clone(),
        None => x.cast(),
    }
}

/// As [`Tensor::spread`], for arrays.
pub(crate) fn spread<T: Element>(values: Array<T>, axes: Axes, shape: &Shape) -> Array<T> {
    values.reshaped(axes.kept(shape.slice())).expanded(shape.slice())
}

impl<T: Element> Tensor<T> {
    /// Broadcasts the result of a reduction over `axes` back to the shape of its input.
    #[track_caller]
    pub(crate) fn spread(self, axes: Axes, shape: &Shape) -> Tensor<T> {
        let kept = axes.kept(shape.slice());
        self.reshaped(kept).expanded(shape.clone())
    }

    /// The sum over the dimensions in which a tensor of this shape was broadcast to the shape of `self`.
    #[track_caller]
    pub(crate) fn sum_to(self, shape: &[usize]) -> Tensor<T> {
        if same(self.shape(), shape) {
            return self;
        }
        let axes = Axes::broadcast(self.shape(), shape);
        apply(Sum { axes, keepdim: false }, [Operand::Owned(self)]).reshaped(shape.into_shape())
    }
}

impl<T: Element> Tensor<T> {
    /// The sum of all elements, as a 0-d tensor. For truth values, the number that are true.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).sum().item(), 3.0);
    /// assert_eq!(Tensor::from([true, false, true]).sum().item(), 2);
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Tensor<T::Sum> {
        Sum { axes: Axes::all(self.ndim()), keepdim: false }.apply([&terms(self)])
    }

    /// The sums over some dimensions, which are removed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_dim(0).to_vec(), [4.0, 6.0]);
    /// assert_eq!(x.sum_dim([0, -1]).item(), 10.0);
    /// ```
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn sum_dim(&self, dims: impl IntoDims) -> Tensor<T::Sum> {
        let axes = Axes::new("sum_dim", &dims.into_dims(), self.ndim()).or_raise();
        Sum { axes, keepdim: false }.apply([&terms(self)])
    }

    /// The sums over some dimensions, which are kept with size 1.
    ///
    /// # Panics
    /// When a dimension does not exist or is named twice.
    #[track_caller]
    pub fn sum_keepdim(&self, dims: impl IntoDims) -> Tensor<T::Sum> {
        let axes = Axes::new("sum_keepdim", &dims.into_dims(), self.ndim()).or_raise();
        Sum { axes, keepdim: true }.apply([&terms(self)])
    }
}
