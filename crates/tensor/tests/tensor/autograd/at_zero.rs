//! Derivatives at 0, the point where a rule may multiply 0 by infinity: every order up to four, and Hessians.

use downhill_tensor::{Backward, Create, Tensor, hessian};

use super::leaf;

/// A function of one variable.
type Form = fn(&Tensor<f64>) -> Tensor<f64>;

/// The first four derivatives; 0 where a derivative does not depend on x any more.
fn derivatives(form: Form, at: f64) -> [f64; 4] {
    let x = leaf(at);
    let mut y = form(&x).sum();
    std::array::from_fn(|_| {
        if !y.requires_grad() {
            return 0.0;
        }
        let [dx] = Backward::of(&y).create_graph().grads([&x]);
        y = dx.unwrap_or_else(|| x.zeros_like());
        y.item()
    })
}

fn both(x: &Tensor<f64>) -> Tensor<f64> {
    Tensor::stack(&[x, &-x], 0)
}

fn times_itself(y: &Tensor<f64>) -> Tensor<f64> {
    y * y
}

#[test]
fn derivatives_at_zero_to_order_four() {
    // φ(0), the density of the normal distribution.
    let phi = 0.398_942_280_401_432_7;
    let exponents = |x: &Tensor<f64>| x.pow(&Tensor::<f64>::new([1.0, 2.0, 3.0, 4.0]));
    let table: &[(&str, Form, [f64; 4])] = &[
        ("powers in a tensor", exponents, [1.0, 2.0, 6.0, 24.0]),
        ("power 0 in a tensor", |x| x.pow(&Tensor::<f64>::new([0.0, 2.0])), [0.0, 2.0, 0.0, 0.0]),
        ("powers", |x| x.pow(0) + x.pow(1) + x.pow(2) + x.pow(3) + x.pow(4), [1.0, 2.0, 6.0, 24.0]),
        ("a base in a tensor", |x| Tensor::<f64>::new([2.0, 0.0]).pow(&(x + 1)), {
            let l = std::f64::consts::LN_2;
            [2.0 * l, 2.0 * l * l, 2.0 * l * l * l, 2.0 * l * l * l * l]
        }),
        ("both in tensors", |x| (x + 1).pow(x), [0.0, 2.0, -3.0, 20.0]),
        ("0 to the power of 1 + x²", |x| (x * 0.0).pow(&(x.square() + 1)), [0.0; 4]),
        ("products", |x| Tensor::stack(&[x, x, x], 0).prod(), [0.0, 0.0, 6.0, 0.0]),
        ("square", |x| x.square(), [0.0, 2.0, 0.0, 0.0]),
        ("abs", |x| x.abs(), [0.0; 4]),
        ("relu", |x| x.relu(), [0.0; 4]),
        ("clamp", |x| x.clamp(-1, 1), [1.0, 0.0, 0.0, 0.0]),
        ("exp", |x| x.exp(), [1.0; 4]),
        ("expm1", |x| x.expm1(), [1.0; 4]),
        ("log1p", |x| x.log1p(), [1.0, -1.0, 2.0, -6.0]),
        ("sin", |x| x.sin(), [1.0, 0.0, -1.0, 0.0]),
        ("cos", |x| x.cos(), [0.0, -1.0, 0.0, 1.0]),
        ("tanh", |x| x.tanh(), [1.0, 0.0, -2.0, 0.0]),
        ("sigmoid", |x| x.sigmoid(), [0.25, 0.0, -0.125, 0.0]),
        ("log_sigmoid", |x| x.log_sigmoid(), [0.5, -0.25, 0.0, 0.125]),
        ("softplus", |x| x.softplus(1, 20), [0.5, 0.25, 0.0, -0.125]),
        ("logsumexp", |x| Tensor::stack(&[x, &(x * 0.0)], 0).logsumexp(0), [0.5, 0.25, 0.0, -0.125]),
        ("erf", |x| x.erf(), {
            let slope = std::f64::consts::FRAC_2_SQRT_PI;
            [slope, 0.0, -2.0 * slope, 0.0]
        }),
        ("gelu", |x| x.gelu(), [0.5, 2.0 * phi, 0.0, -4.0 * phi]),
        ("a quotient", |x| x / (x + 1), [1.0, -2.0, 6.0, -24.0]),
        ("a norm", |x| both(x).norm(), [0.0; 4]),
        ("a squared norm", |x| both(x).norm().square(), [0.0, 4.0, 0.0, 0.0]),
        ("a standard deviation", |x| both(x).std(), [0.0; 4]),
        ("its square", |x| both(x).std().square(), [0.0, 4.0, 0.0, 0.0]),
        ("norm_p(4)⁴", |x| both(x).norm_p(4).pow(4), [0.0; 4]),
        ("norm_p(1.5)", |x| both(x).norm_p(1.5), [0.0; 4]),
        ("norm_p(-1)", |x| both(x).norm_p(-1), [0.0; 4]),
    ];
    for (name, form, want) in table {
        let got = derivatives(*form, 0.0);
        let close = got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12);
        assert!(close, "{name}: {got:?} instead of {want:?}");
    }
}

/// Products of a norm with itself are smooth at 0, though the norm is not.
#[test]
fn hessians_at_zero() {
    type Rows = fn(usize, usize) -> f64;
    let twice: Rows = |i, j| if i == j { 2.0 } else { 0.0 };
    let nothing: Rows = |_, _| 0.0;
    let table: &[(&str, Form, Rows)] = &[
        ("norm().square()", |x| x.norm().square(), twice),
        ("norm().pow(2)", |x| x.norm().pow(2), twice),
        ("a norm times itself", |x| times_itself(&x.norm()), twice),
        ("norm_keepdim", |x| x.norm_keepdim(0).square().sum(), twice),
        ("exp of the square", |x| x.norm().square().exp(), twice),
        ("norm_p(2)", |x| x.norm_p(2).square(), twice),
        ("rows", |x| x.reshape([2, 2]).norm_dim(1).square().sum(), twice),
        ("norm().pow(3)", |x| x.norm().pow(3), nothing),
        ("norm().pow(4)", |x| x.norm().pow(4), nothing),
        ("norm()", |x| x.norm(), nothing),
        ("std()", |x| x.std(), nothing),
        ("std().square()", |x| x.std().square(), |i, j| 2.0 / 3.0 * (f64::from(u8::from(i == j)) - 0.25)),
        ("std_dim(0, 0).square()", |x| x.std_dim(0, 0).square(), |i, j| 0.5 * (f64::from(u8::from(i == j)) - 0.25)),
        ("var()", |x| x.var(), |i, j| 2.0 / 3.0 * (f64::from(u8::from(i == j)) - 0.25)),
    ];
    for (name, form, want) in table {
        let got = hessian(*form, &Tensor::<f64>::zeros([4]));
        for i in 0..4 {
            for j in 0..4 {
                let (got, want) = (got.at([i, j]), want(i as usize, j as usize));
                assert!((got - want).abs() < 1e-12, "{name}: {got} instead of {want} at [{i}, {j}]");
            }
        }
    }
    // A row that is 0 beside one that is not: I - u uᵀ, over the length, is the Hessian of a norm.
    let x = Tensor::<f64>::new([[0.0, 0.0], [3.0, 4.0]]);
    let got = hessian(|x| x.norm_dim(1).square().sum(), &x);
    for (i, value) in got.to_vec().into_iter().enumerate() {
        assert!((value - if i % 5 == 0 { 2.0 } else { 0.0 }).abs() < 1e-12, "{value} at {i}");
    }
}

/// Other factors of the upstream gradient are differentiated as well: ∂³(c‖x‖²)/∂x²∂c = 2.
#[test]
fn a_factor_of_a_squared_norm_at_zero() {
    let (x, c) = (leaf([0.0, 0.0]), leaf(3.0));
    let [first] = Backward::of(&(x.norm().square() * &c)).create_graph().grads([&x]);
    let [second] = Backward::of(&first.unwrap().select(0, 0)).create_graph().grads([&x]);
    let second = second.unwrap().select(0, 0);
    assert_eq!(second.item(), 6.0);
    let [third] = Backward::of(&second).grads([&c]);
    assert_eq!(third.unwrap().item(), 2.0);
}
