//! `cross_entropy`: the negative log-likelihood of the right class, from logits and class indices.

use crate::array::strided::Strided;
use crate::ops::prelude::*;
use downhill_kernels::buffer;
use downhill_kernels::softmax;

pub(crate) struct CrossEntropy<T> {
    /// The class of each row; checked to be in range.
    labels: Array<i64>,
    /// The largest element m and Σ eˣ⁻ᵐ of each row.
    sums: Vec<(T, T)>,
}

impl<T: Float> CrossEntropy<T> {
    fn of(labels: Array<i64>, x: &Array<T>) -> Self {
        let sums = softmax::max_and_sum_exp(x.clone().contiguous().slice(), x.shape()[1]);
        CrossEntropy { labels, sums }
    }

    /// A matrix with 1 at the class of each row.
    fn one_hot(&self, classes: usize) -> Tensor<T> {
        let shape = [self.labels.numel(), classes].into_shape();
        let mut data = buffer::of_shape("cross_entropy", shape.slice());
        data.fill(T::zero());
        for (row, &label) in self.labels.slice().iter().enumerate() {
            data[row * classes + label as usize] = T::one();
        }
        Tensor::from_array(Array::own(shape, data))
    }
}

impl<T: Float> Op<T> for CrossEntropy<T> {
    type Arity = Fixed<1>;
    const NAME: &'static str = "cross_entropy";
    const FORMULA: &'static str = "ln Σ eˣ - x[label], for each row";
    const DERIVATIVE: &'static str = "grad * (softmax(x) - one_hot(label))";
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        let labels: Vec<_> = self.labels.slice().iter().take(6).map(i64::to_string).collect();
        format!("labels=[{}{}]", labels.join(", "), if self.labels.numel() > 6 { ", ..." } else { "" })
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        let Strided { data, offset, strides } = x.strided();
        let at = |row: usize, column: usize| data[offset + row * strides[0] + column * strides[1]];
        let loss = self.labels.slice().iter().zip(&self.sums).enumerate().map(|(row, (&label, &(max, sum)))| {
            // Subtract the two large numbers first: ln Σ may be smaller than the rounding error of either.
            sum.ln() - (at(row, label as usize) - max)
        });
        let data = buffer::collect(x.shape()[0], loss);
        Array::own([x.shape()[0]].into_shape(), data)
    }

    fn recompute(&self, [x]: [Array<T>; 1]) -> Array<T> {
        CrossEntropy::of(self.labels.clone(), &x).forward([x])
    }

    // ∂(ln Σ eˣ - x[label])/∂xᵢ = softmax(x)ᵢ - 1[i = label]
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let x = saved.input(0);
        let one_hot = self.one_hot(x.shape()[1]);
        [Some((x.softmax(1) - one_hot) * grad.unsqueeze(1))]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let x = saved.input_values(0).contiguous();
        let grad = grad.contiguous();
        let classes = x.shape()[1];
        let mut data = buffer::dirty(x.numel());
        let factors: Vec<(T, T)> =
            self.sums.iter().zip(grad.slice()).map(|(&(max, sum), &g)| (max, g / sum)).collect();
        softmax::scaled_exp_rows(x.slice(), classes, &factors, &mut data);
        for (row, (&label, &grad)) in self.labels.slice().iter().zip(grad.slice()).enumerate() {
            data[row * classes + label as usize] -= grad;
        }
        into.add(0, Array::own(x.shape_owned(), data));
        Ok(())
    }
}

impl<T: Float> Tensor<T> {
    /// The cross-entropy of each row of logits `[n, classes]` with its class label `[n]`: shape `[n]`, not averaged.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// let logits = Tensor::from([[0.0, 1000.0], [0.0, 1000.0]]);
    /// assert_eq!(logits.cross_entropy(&Tensor::from([1, 0])).to_vec(), [0.0, 1000.0]);
    /// ```
    ///
    /// # Panics
    /// When the logits are not a matrix, there is not one label for each row, or a label is not a class.
    #[track_caller]
    pub fn cross_entropy(&self, labels: &Tensor<i64>) -> Tensor<T> {
        let op = "cross_entropy";
        if self.ndim() != 2 || labels.shape() != &self.shape()[..1] {
            let expected = "logits [rows, classes] and labels [rows]";
            let given = format!("logits {:?} and labels {:?}", self.shape(), labels.shape());
            Error::expected(op, expected, given).raise();
        }
        let classes = self.shape()[1];
        let labels = labels.array().contiguous();
        let wrong = |&(_, &label): &(usize, &i64)| label < 0 || label as usize >= classes;
        if let Some((row, &label)) = labels.slice().iter().enumerate().find(wrong) {
            Error::Label { op, row, label, classes }.raise();
        }
        CrossEntropy::of(labels, &self.array()).apply([self])
    }
}
