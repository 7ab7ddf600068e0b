//! `div`: elementwise quotients of two tensors, or of a tensor and a plain number; written `a / b`; also
//! `reciprocal`.

use crate::ops::mul::product_to;
use crate::ops::prelude::*;

pub(crate) struct Div;

impl<T: Float> Op<T> for Div {
    type Arity = Fixed<2>;
    const NAME: &'static str = "div";
    const FORMULA: &'static str = "a / b";
    const DERIVATIVE: &'static str = "grad / b; -grad * a / b²";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;
    const BROADCASTS: bool = true;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        small_divisor(at, at.input(1))
    }

    fn forward(&self, [a, b]: [Array<T>; 2]) -> Array<T> {
        a.zip("div", b, |a, b| a / b)
    }

    // ∂(a/b)/∂a = 1/b, ∂(a/b)/∂b = -a/b²
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 2] {
        let b = saved.input(1);
        [
            saved.wants(0).then(|| &grad / &b),
            // Divide twice: b² would overflow sooner.
            saved.wants(1).then(|| -grad * (saved.input(0) / &b / &b)),
        ]
    }

    // The gradient of b is -(grad / b) a / b. b is constant along the broadcast dimensions, so sum first and divide
    // the smaller result by b.
    fn backward_fused(&self, grad: Array<T>, saved: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        let b = saved.input_values(1);
        let by_a = grad.zip("div", b.clone(), |grad, b| grad / b);
        if into.wants(1) {
            let product = product_to(by_a.clone(), saved.input_values(0), b.shape());
            into.add(1, product.zip("div", b, |product, b| -product / b));
        }
        into.add(0, by_a);
        Ok(())
    }
}

pub(crate) struct DivScalar(pub(crate) f64);

impl<T: Float> Op<T> for DivScalar {
    type Arity = Fixed<1>;
    const NAME: &'static str = "div";
    const FORMULA: &'static str = "a / number";
    const DERIVATIVE: &'static str = "grad / number";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Nothing;

    fn settings(&self) -> String {
        format!("number={}", self.0)
    }

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        match at.is_backward {
            true => small_divisor(at, None),
            false => Some("a division by 0: the plain number behind `/` is 0, or too small"),
        }
    }

    fn forward(&self, [a]: [Array<T>; 1]) -> Array<T> {
        let number = T::of(self.0);
        a.map(|a| a / number)
    }

    fn backward(&self, grad: Tensor<T>, _: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        [Some(grad / self.0)]
    }

    fn backward_fused(&self, grad: Array<T>, _: &Saved<T>, into: &mut InputGrads<T>) -> Result<(), Array<T>> {
        into.add(0, self.forward([grad]));
        Ok(())
    }
}

pub(crate) struct ScalarDiv(pub(crate) f64);

impl<T: Float> Op<T> for ScalarDiv {
    type Arity = Fixed<1>;
    const NAME: &'static str = "div";
    const FORMULA: &'static str = "number / b";
    const DERIVATIVE: &'static str = "-grad * number / b²";
    const KIND: OpKind = OpKind::Elementwise;
    const SAVES: Saves = Saves::Inputs;

    fn settings(&self) -> String {
        format!("number={}", self.0)
    }

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        small_divisor(at, at.input(0))
    }

    fn forward(&self, [b]: [Array<T>; 1]) -> Array<T> {
        let number = T::of(self.0);
        b.map(|b| number / b)
    }

    // d(k/b)/db = -k/b²
    fn backward(&self, grad: Tensor<T>, saved: &Saved<'_, T>) -> [Option<Tensor<T>>; 1] {
        let b = saved.input(0);
        [Some(-grad * (self.0 / &b / &b))]
    }
}

/// What to do where the divisor is 0 or almost 0.
fn small_divisor(at: &Anomaly<'_>, divisor: Option<f64>) -> Option<&'static str> {
    if at.is_backward {
        return Some(
            "the slope of a / b is a / b², too large for a divisor this small: add a small number to it, as in `a / \
             (b + 1e-8)`",
        );
    }
    (divisor == Some(0.0)).then_some(
        "a division by 0: add a small number to the divisor, as in `a / (b + 1e-8)`, or give it a harmless value \
         first with `masked_fill`",
    )
}

impl<T: Float> Tensor<T> {
    /// 1 / x for each element.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([4.0]).reciprocal().to_vec(), [0.25]);
    /// ```
    #[track_caller]
    pub fn reciprocal(&self) -> Tensor<T> {
        1 / self
    }
}
