//! `exp`: e to the power of each element.

use crate::base::element::Kind;
use crate::ops::prelude::*;

pub(crate) struct Exp;

impl<T: Float> Op<T> for Exp {
    type Arity = Fixed<1>;
    const NAME: &'static str = "exp";
    const FORMULA: &'static str = "eˣ";
    const DERIVATIVE: &'static str = "grad * eˣ";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Output;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        overflow(at)
    }

    fn forward(&self, [x]: [Array<T>; 1]) -> Array<T> {
        x.map_math(T::fast_exp)
    }

    // d eˣ/dx = eˣ
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad * saved.output())]
    }

    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let y = saved.output_values();
        // Common case: the gradient is 1 everywhere, as from `sum`.
        if grad.uniform() == Some(T::one()) && grad.shape() == y.shape() {
            into.add(0, y);
        } else {
            into.add_zip(0, grad, y, |grad, y| grad * y);
        }
        Ok(())
    }
}

/// The remedy when eˣ overflows.
pub(crate) fn overflow(at: &Anomaly<'_>) -> Option<&'static str> {
    at.input(0).filter(|&x| x > 0.0 && !at.is_backward)?;
    Some(match at.kind {
        Kind::F64 => {
            "eˣ is beyond f64 from x = 709.8: subtract the largest element first, as `softmax` and `logsumexp` do, \
             or work with logarithms"
        }
        _ => {
            "eˣ is beyond f32 from x = 88.7: subtract the largest element first, as `softmax` and `logsumexp` do, \
             or work with logarithms"
        }
    })
}

impl<T: Float> Tensor<T> {
    /// e to the power of each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0]).exp().to_vec(), [1.0]);
    /// ```
    #[track_caller]
    pub fn exp(&self) -> Tensor<T> {
        Exp.apply([self])
    }
}
