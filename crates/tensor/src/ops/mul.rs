//! `mul`: elementwise products of two tensors, or of a tensor and a plain number; written `a * b`; also `prod`.

use crate::array::reduce::dot_axes;
use crate::ops::prelude::*;

pub(crate) struct Mul;

impl<T: Float> Op<T> for Mul {
    type Arity = Fixed<2>;
    const NAME: &'static str = "mul";
    const FORMULA: &'static str = "a * b";
    const DERIVATIVE: &'static str = "grad * b; grad * a";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::OtherInputs;
    const BROADCASTS: bool = true;

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("mul", b, |a, b| a * b)
    }

    // ∂(ab)/∂a = b, ∂(ab)/∂b = a
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        [saved.wants(0).then(|| &grad * saved.input(1)), saved.wants(1).then(|| grad * saved.input(0))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        if into.are_same(0, 1) {
            // d(a a)/da = a + a: one product for both.
            into.add_zip_twice(0, grad, saved.input_values(0), |grad, a| grad * a);
            return Ok(());
        }
        // The first product can reuse the buffer of its factor, the last one the buffer of the gradient.
        let order = if saved.can_reuse(0, grad.shape_ref()) { [1, 0] } else { [0, 1] };
        into.for_each_wanted(order, grad, |into, input, grad| add_product(into, input, grad, saved));
        Ok(())
    }
}

/// Accumulates `grad` times the other factor into the gradient of an input, summed over its broadcast dimensions.
fn add_product<T: Float>(into: &mut InputGrads<T>, input: usize, grad: Array<T>, saved: &Saved<T>) {
    let (shape, factor) = (saved.input_shape(input), saved.take_input(1 - input));
    if *grad.shape_ref() != shape {
        return into.add(input, product_to(grad, factor, shape.slice()));
    }
    // Fast path: the gradient is 1 everywhere, as from `sum`, so the factor itself is the gradient. Not for a leaf:
    // sharing its values would force its next update to copy them.
    if grad.uniform() == Some(T::one()) && *factor.shape_ref() == shape && !saved.is_leaf(1 - input) {
        return into.add(input, factor);
    }
    into.add_zip(input, grad, factor, |grad, factor| grad * factor);
}

/// `grad * other`, summed down to the shape before broadcasting.
pub(crate) fn product_to<T: Float>(grad: Array<T>, other: Array<T>, shape: &[usize]) -> Array<T> {
    if grad.shape() == shape {
        return grad.zip("mul", other, |grad, other| grad * other);
    }
    let axes = Axes::broadcast(grad.shape(), shape);
    Array::own(shape.into_shape(), dot_axes(grad, other, axes))
}

pub(crate) struct MulScalar(pub(crate) f64);

impl<T: Float> Op<T> for MulScalar {
    type Arity = Fixed<1>;
    const NAME: &'static str = "mul";
    const FORMULA: &'static str = "a * number";
    const DERIVATIVE: &'static str = "grad * number";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("number={}", self.0)
    }

    fn forward(&self, [a]: [Array<T>; 1]) -> Array<T> {
        let number = T::of(self.0);
        a.map(|a| a * number)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * self.0)]
    }

    fn backward_fused(&self, grad: Array<T>, _: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let number = T::of(self.0);
        into.add_map(0, grad, |grad| grad * number);
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The product of all elements, as a 0-d tensor. The gradient of each is the product of the others, even if one
    /// of them is 0.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([2.0, 3.0, 4.0]).prod().item(), 24.0);
    /// ```
    #[track_caller]
    pub fn prod(&self) -> Tensor<T> {
        self.flatten().prod_dim(0)
    }

    /// The products along a dimension, which is removed.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).prod_dim(0).to_vec(), [3.0, 8.0]);
    /// ```
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn prod_dim(&self, dim: isize) -> Tensor<T> {
        self.product("prod_dim", dim).squeeze_dim(dim)
    }

    /// The products along a dimension, which is kept with size 1.
    ///
    /// # Panics
    /// When the dimension does not exist.
    #[track_caller]
    pub fn prod_keepdim(&self, dim: isize) -> Tensor<T> {
        self.product("prod_keepdim", dim)
    }

    /// Multiplies the second half of the dimension into the first until one element is left: dividing the whole
    /// product by each element would fail at 0.
    #[track_caller]
    fn product(&self, op: &'static str, dim: isize) -> Tensor<T> {
        let axes = Axes::some(op, &[dim], self.ndim()).or_raise();
        let mut n = axes.count(self.shape());
        match n {
            // The empty product is 1: the empty sum, 0, plus 1.
            0 => return self.sum_keepdim(dim) + 1,
            1 => return self.copy(),
            _ => {}
        }
        let mut product = self.clone();
        while n > 1 {
            let half = n / 2;
            let pairs = product.narrow(dim, 0, half) * product.narrow(dim, half as isize, half);
            product = match n % 2 {
                0 => pairs,
                _ => Tensor::cat(&[&pairs, &product.narrow(dim, -1, 1)], dim),
            };
            n = half + n % 2;
        }
        product
    }
}
