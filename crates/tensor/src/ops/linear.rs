//! `linear`: `x Wᵀ + b`, fused.

use crate::array::matmul::{as_matrix, product};
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::reduce::{AxisLanes, sum_lanes};

pub(crate) struct Linear;

impl<T: Float> Op<T> for Linear {
    type Arity = Fixed<3>;
    const NAME: &'static str = "linear";
    const FORMULA: &'static str = "X Wᵀ + b";
    const DERIVATIVE: &'static str = "grad W; gradᵀ X; Σ grad over the rows";
    const SAVES: Saves = Saves::OtherInputs;

    /// `[n, in]`, `[out, in]` and `[out]` give `[n, out]`.
    fn forward(&self, [x, weight, bias]: [Array<T>; 3]) -> Array<T> {
        let shape = [x.shape()[0], weight.shape()[0]];
        let mut out = buffer::of_shape("linear", &shape);
        let bias = bias.contiguous();
        match bias.slice() {
            &[bias] => out.fill(bias),
            bias => out.chunks_exact_mut(bias.len().max(1)).for_each(|row| row.copy_from_slice(bias)),
        }
        as_matrix(&x).write_product(as_matrix(&weight).transposed(), &mut out, true);
        Array::own(shape.into_shape(), out)
    }

    // Y = X Wᵀ + b:  ∂L/∂X = ∂L/∂Y W,  ∂L/∂W = (∂L/∂Y)ᵀ X,  ∂L/∂b = Σ ∂L/∂Y over the rows
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 3] {
        [
            saved.wants(0).then(|| grad.matmul(&saved.input(1))),
            saved.wants(1).then(|| grad.t().matmul(&saved.input(0))),
            saved.wants(2).then(|| grad.sum_dim(0)),
        ]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let by_rows = as_matrix(&grad);
        into.add_with(0, || product(by_rows, as_matrix(&saved.input_values(1))));
        into.add_with(1, || product(by_rows.transposed(), as_matrix(&saved.input_values(0))));
        into.add_with(2, || {
            let columns = AxisLanes { outer: 1, n: grad.shape()[0], inner: grad.shape()[1] };
            Array::own([columns.inner].into_shape(), sum_lanes(grad.clone().contiguous().slice(), columns))
        });
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// `x Wᵀ + b` for inputs `[..., in]`, a weight `[out, in]` and a bias `[out]`: shape `[..., out]`. A weight
    /// `[in]` without a bias gives shape `[...]`.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let weight = Tensor::from([[3.0, 4.0]]);
    /// assert_eq!(x.linear(&weight, Some(&Tensor::from([5.0]))).to_vec(), [16.0]);
    /// ```
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn linear(&self, weight: &Tensor<T>, bias: Option<&Tensor<T>>) -> Tensor<T> {
        if weight.ndim() == 1 && bias.is_none() {
            return self.matmul(weight);
        }
        let fits = weight.ndim() == 2
            && self.shape().last() == Some(&weight.shape()[1])
            && bias.is_none_or(|bias| bias.shape() == &weight.shape()[..1]);
        if !fits {
            let bias = bias.map_or("no bias".to_owned(), |bias| format!("a bias {:?}", bias.shape()));
            let remedy = remedy(self.shape(), weight.shape());
            let given = format!("an input {:?}, a weight {:?} and {bias}{remedy}", self.shape(), weight.shape());
            let expected = "an input [..., in], a weight [out, in] and a bias [out]";
            Error::expected("linear", expected, given).raise();
        }
        let Some(bias) = bias else { return self.matmul(&weight.t()) };
        if self.ndim() == 2 {
            return Linear.apply([self, weight, bias]);
        }
        let (outer, features) = self.shape().split_at(self.ndim() - 1);
        let rows = self.clone().reshaped([outer.iter().product(), features[0]].into_shape());
        let shape = Shape::checked("linear", [outer, bias.shape()].concat()).or_raise();
        Linear.apply([&rows, weight, bias]).reshaped(shape)
    }
}

/// The remedy when an input and a weight do not fit.
fn remedy(input: &[usize], weight: &[usize]) -> String {
    match (input, weight) {
        ([_, rest @ .., last], [_, features])
            if !rest.is_empty() && rest.iter().product::<usize>() * last == *features =>
        {
            format!("; `flatten_dims(1, -1)` makes [{}, {features}] of the input", input[0])
        }
        ([.., last], [out, features]) if last != features => {
            format!("; the last size of the input must be {features}, or the layer `Linear::new({last}, {out})`")
        }
        _ => String::new(),
    }
}
