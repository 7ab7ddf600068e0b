//! Newton's method against closed forms, and what it refuses.

use downhill_optim::{Newton, NewtonError, ParamGroups};
use downhill_tensor::Tensor;

type Loss = fn(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>;

fn leaves() -> [Tensor<f64>; 2] {
    [Tensor::<f64>::new([1.0, -2.0]), Tensor::<f64>::new(3.0)].map(|leaf| leaf.requires_grad_(true))
}

#[test]
fn a_quadratic_is_solved_in_one_step() {
    // Two parameters with mixed second derivatives. The gradient of 2 a² + b² + c² + a b - b c + a is 0 where
    // 4 a + b = -1, a + 2 b = c and 2 c = b: at a = -3/10, b = 2/10, c = 1/10.
    let loss: Loss = |ab, c| {
        let (a, b) = (ab.select(0, 0), ab.select(0, 1));
        2 * a.square() + b.square() + c.square() + &a * &b - &b * c + &a
    };
    let [ab, c] = leaves();
    let mut optimizer = Newton::new([&ab, &c], 1.0);
    let first = optimizer.step_with(|| loss(&ab, &c)).unwrap();
    assert_eq!(first.item(), 2.0 + 4.0 + 9.0 - 2.0 + 6.0 + 1.0);
    let found = [ab.to_vec(), c.to_vec()].concat();
    let expected = [-3.0 / 10.0, 2.0 / 10.0, 1.0 / 10.0];
    assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-14), "{found:?}");
    assert!(ab.grad().is_none() && c.grad().is_none(), "`.grad` is left alone");
}

#[test]
fn convergence_is_quadratic() {
    let x = Tensor::<f64>::new(0.5).requires_grad_(true);
    let mut optimizer = Newton::new([&x], 1.0);
    let errors: Vec<f64> = (0..5)
        .map(|_| {
            // The minimum of exp(x) - 2 x is ln 2.
            optimizer.step_with(|| x.exp() - 2 * &x).unwrap();
            (x.item() - 2f64.ln()).abs()
        })
        .collect();
    assert!(errors[0] < 0.03 && errors[1] < errors[0].powi(2) && errors[3] < 1e-15, "{errors:?}");
}

#[test]
fn damping_and_the_learning_rate_shorten_the_step() {
    for (lr, damping, expected) in [(1.0, 0.0, 0.0), (0.5, 0.0, 2.0), (1.0, 2.0, 2.0), (0.5, 2.0, 3.0)] {
        let x = Tensor::<f64>::new(4.0).requires_grad_(true);
        Newton::new([&x], lr).damping(damping).step_with(|| x.square()).unwrap();
        assert_eq!(x.item(), expected, "lr {lr}, damping {damping}");
    }
}

#[test]
fn no_step_without_a_minimum_to_go_to() {
    let (singular, indefinite) = ("is singular (with damping 0)", "is not positive definite (with damping 0)");
    let cases: [(&str, Loss, &str); 6] = [
        ("a valley", |ab, _| (ab.select(0, 0) + ab.select(0, 1)).square(), singular),
        ("a line", |ab, c| ab.sum() + c, singular),
        ("a parameter without influence", |ab, _| ab.square().sum(), singular),
        ("a saddle", |ab, c| ab.square().sum() - c.square(), indefinite),
        ("a saddle turned", |ab, c| ab.select(0, 0) * ab.select(0, 1) + c.square(), indefinite),
        ("a pole", |ab, c| (ab.select(0, 0) - 1).sqrt() + c.square(), "is infinite or not a number"),
    ];
    for (name, loss, text) in cases {
        let [ab, c] = leaves();
        let error = Newton::new([&ab, &c], 1.0).step_with(|| loss(&ab, &c)).unwrap_err();
        assert!(error.to_string().contains(text), "{name}: {error}");
        assert_eq!((ab.to_vec(), c.item()), (vec![1.0, -2.0], 3.0), "{name}");
    }
    // Enough damping makes a step of any of them.
    let [ab, c] = leaves();
    let mut damped = Newton::new([&ab, &c], 1.0).damping(4.0);
    damped.step_with(|| ab.square().sum() - c.square()).unwrap();
    assert_eq!(c.item(), 3.0 + 6.0 / 2.0);
    assert_eq!(damped.groups()[0].get("damping"), Some(4.0.into()));
}

#[test]
fn frozen_parameters_take_no_part() {
    let [ab, c] = leaves();
    c.requires_grad_(false);
    Newton::new([&ab, &c], 1.0).step_with(|| (ab.square() * &c).sum()).unwrap();
    assert_eq!((ab.to_vec(), c.item()), (vec![0.0, 0.0], 3.0));
    assert_eq!(NewtonError::NotFinite, NewtonError::NotFinite.clone());
}
