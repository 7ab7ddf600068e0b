//! Tests of the derivative check itself, with planted errors of one in two thousand.

use downhill_tensor::{Array, Fixed, Op, Saved, Saves, Tensor, gradcheck, gradgradcheck};

use super::leaf;

/// Sine whose first and second derivative can be made wrong by a factor; `Cos` is its derivative.
#[derive(Clone, Copy)]
struct Sin {
    first: f64,
    second: f64,
}

struct Cos(f64);

impl Op<f64> for Sin {
    type Arity = Fixed<1>;
    const NAME: &'static str = "planted_sin";
    const FORMULA: &'static str = "sin x";
    const DERIVATIVE: &'static str = "grad * factor * cos x";
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
        x.map(f64::sin)
    }

    fn backward(&self, grad: Tensor<f64>, saved: &Saved<'_, f64>) -> [Option<Tensor<f64>>; 1] {
        [Some(grad * self.first * Cos(self.second).apply([&saved.input(0)]))]
    }
}

impl Op<f64> for Cos {
    type Arity = Fixed<1>;
    const NAME: &'static str = "planted_cos";
    const FORMULA: &'static str = "cos x";
    const DERIVATIVE: &'static str = "-grad * factor * sin x";
    const SAVES: Saves = Saves::Inputs;

    fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
        x.map(f64::cos)
    }

    fn backward(&self, grad: Tensor<f64>, saved: &Saved<'_, f64>) -> [Option<Tensor<f64>>; 1] {
        [Some(-grad * self.0 * saved.input(0).sin())]
    }
}

#[test]
fn planted_errors_are_found_in_the_order_they_are_in() {
    let x = Tensor::<f64>::new([[0.4, -1.3], [2.0, 0.1]]);
    let table = [
        (Sin { first: 1.0, second: 1.0 }, None, None),
        (Sin { first: 1.0005, second: 1.0 }, Some(1), Some(1)),
        (Sin { first: 0.9995, second: 1.0 }, Some(1), Some(1)),
        (Sin { first: 1.0, second: 1.0005 }, None, Some(2)),
    ];
    for (sin, first, second) in table {
        let planted = (sin.first, sin.second);
        let order = |result: Result<(), downhill_tensor::GradcheckError>| result.err().map(|error| error.order);
        assert_eq!(order(gradcheck(|[x]| sin.apply([x]), [&x])), first, "{planted:?}");
        assert_eq!(order(gradgradcheck(|[x]| sin.apply([x]), [&x])), second, "{planted:?}");
    }
}

#[test]
fn the_error_names_input_and_element() {
    // Only element 2 of input 1 is wrong: half of its gradient is detached.
    let (a, b) = (Tensor::<f64>::new([1.0, 2.0, 3.0]), Tensor::<f64>::new([4.0, 5.0, 6.0]));
    let mask = Tensor::<f64>::new([0.0, 0.0, 1.0]);
    let error = gradcheck(|[a, b]| (a + b) * (1 - &mask) + (a + b + b.detach()) * &mask, [&a, &b]).unwrap_err();
    assert_eq!((error.order, error.input, error.element), (1, 1, 2));
    assert!((error.numeric / error.analytic - 2.0).abs() < 1e-6, "{error}");
    let expected = format!(
        "gradient of order 1 by element 2 of input 1: the rule gives {}, a finite difference {}",
        error.analytic, error.numeric
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_check_leaves_its_inputs_alone() {
    let x = leaf([0.5, 1.5]);
    gradgradcheck(|[x]| x.exp(), [&x]).unwrap();
    assert!(x.grad().is_none() && x.requires_grad());
    assert_eq!(x.to_vec(), [0.5, 1.5]);
}

#[test]
fn a_missing_gradient_and_a_gradient_of_nan_are_errors() {
    let x = Tensor::<f64>::new([0.5, 1.5]);
    assert!(gradcheck(|[x]| x.detach().exp(), [&x]).is_err(), "detached");
    assert!(gradcheck(|[x]| x.exp() + (x - x).abs().sqrt(), [&x]).is_err(), "0 * inf");
    gradcheck(|[x]| x.ones_like(), [&x]).expect("a constant has no gradient");
}
