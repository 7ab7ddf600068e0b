//! The ends of the range of every function of one or two arguments: `f32` against the same function of `f64`, which
//! is wide enough for all of them, and `f64` against exact values. Values and first derivatives.

use downhill_tensor::{Float, Tensor, grad};

/// Every kind of `f32`: zeros, subnormal, small, ordinary, where exponentials and squares overflow, the largest, not
/// finite.
const POINTS: [f64; 36] = [
    0.0,
    -0.0,
    1e-45,
    1e-40,
    1.2e-38,
    1e-30,
    1e-20,
    1e-7,
    3e-4,
    0.1,
    0.5,
    1.0,
    1.5,
    2.0,
    3.0,
    5.0,
    9.0,
    15.0,
    17.5,
    20.5,
    30.0,
    41.0,
    87.0,
    88.5,
    89.0,
    100.0,
    104.0,
    1e4,
    1e10,
    1.8e19,
    3e19,
    1e20,
    1e38,
    3.402_823_4e38,
    f64::INFINITY,
    f64::NAN,
];

/// A call for both types, and how far from the reference values and derivatives may be besides 4 units in the last
/// place: a part of 1, where 1 is cancelled in the formula.
struct Row {
    call: &'static str,
    f32: fn(&Tensor<f32>) -> Tensor<f32>,
    f64: fn(&Tensor<f64>) -> Tensor<f64>,
    value: f64,
    slope: f64,
}

macro_rules! rows {
    ($(|$x:ident| $call:expr, $value:expr, $slope:expr;)+) => {
        [$(Row { call: stringify!($call), f32: |$x| $call, f64: |$x| $call, value: $value, slope: $slope }),+]
    };
}

fn value_and_slope<T: Float>(call: fn(&Tensor<T>) -> Tensor<T>, x: f64) -> [f64; 2] {
    let x = Tensor::<T>::new(x).requires_grad_(true);
    let y = call(&x);
    let [dx] = grad(&y, [&x]);
    [y.item(), dx.expect("y depends on x").item()]
}

/// A number rounded to `f32`: beyond its range it is infinite.
fn rounded(x: f64) -> f64 {
    f64::from(x as f32)
}

fn close(got: f64, want: f64, slack: f64) -> bool {
    let want = rounded(want);
    let bound = 4.0 * f64::from(f32::EPSILON) * want.abs() + f64::from(f32::EPSILON) * slack + 3e-45;
    got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= bound
}

#[test]
fn f32_is_right_to_the_ends_of_its_range() {
    // The slopes of sigmoid, tanh and expm1 are computed from their values, which are 1 or -1 to the last digit long
    // before the slope is 0; gelu is a product with 1 + erf x, and silu has the same in its slope. In its value a
    // subnormal sigmoid is multiplied by x.
    let rows = rows![
        |x| x.abs(), 0.0, 0.0;
        |x| x.neg(), 0.0, 0.0;
        |x| x.sign(), 0.0, 0.0;
        |x| x.relu(), 0.0, 0.0;
        |x| x.leaky_relu(0.01), 0.0, 0.0;
        |x| x.clamp(-1, 1), 0.0, 0.0;
        |x| x.square(), 0.0, 0.0;
        |x| x.sqrt(), 0.0, 0.0;
        |x| x.rsqrt(), 0.0, 0.0;
        |x| x.reciprocal(), 0.0, 0.0;
        |x| x.exp(), 0.0, 0.0;
        |x| x.expm1(), 0.0, 1.0;
        |x| x.log(), 1.0, 0.0;
        |x| x.log1p(), 0.0, 0.0;
        |x| x.sin(), 1.0, 1.0;
        |x| x.cos(), 1.0, 1.0;
        |x| x.tanh(), 0.0, 2.0;
        |x| x.sigmoid(), 0.0, 1.0;
        |x| x.log_sigmoid(), 0.0, 0.0;
        |x| x.silu(), 2e-36, 8.0;
        |x| x.erf(), 0.0, 0.0;
        |x| x.gelu(), 5.0, 8.0;
        |x| x.elu(1), 0.0, 0.0;
        |x| x.elu(0.5), 0.0, 0.0;
        |x| x.softplus(1, 20), 0.0, 0.0;
        |x| x.softplus(1, 1e9), 0.0, 0.0;
        |x| x.softplus(2, f64::INFINITY), 0.0, 0.0;
        |x| x.softplus(0.5, f64::INFINITY), 0.0, 0.0;
        |x| x.softplus(-1, 1e9), 0.0, 0.0;
        |x| x.pow(0), 0.0, 0.0;
        |x| x.pow(1), 0.0, 0.0;
        |x| x.pow(2), 0.0, 0.0;
        |x| x.pow(3), 0.0, 0.0;
        |x| x.pow(-1), 0.0, 0.0;
        |x| x.pow(-2), 0.0, 0.0;
        |x| x.pow(0.5), 0.0, 0.0;
        |x| x.pow(1.5), 0.0, 0.0;
        |x| x.pow(-0.5), 0.0, 0.0;
        |x| x + 1, 0.0, 0.0;
        |x| 1 - x, 0.0, 0.0;
        |x| x * 3, 0.0, 0.0;
        |x| x / 3, 0.0, 0.0;
        |x| x.maximum(&Tensor::new(0.5)), 0.0, 0.0;
        |x| x.minimum(&Tensor::new(0.5)), 0.0, 0.0;
        |x| x.pow(&Tensor::new(2.0)), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(1.5), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(3), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(-1), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(-2), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(f64::INFINITY), 0.0, 0.0;
        |x| x.unsqueeze(0).norm_p(0), 0.0, 0.0;
        |x| x.unsqueeze(0).logsumexp(0), 0.0, 0.0;
    ];
    let mut wrong = Vec::new();
    for Row { call, f32, f64, value, slope } in &rows {
        for x in POINTS.iter().flat_map(|&x| [x, -x]) {
            // Both types get a number that f32 can represent.
            let x = rounded(x);
            let (got, want) = (value_and_slope(*f32, x), value_and_slope(*f64, x));
            for (what, got, want, slack) in [("value", got[0], want[0], value), ("slope", got[1], want[1], slope)] {
                if !close(got, want, *slack) {
                    wrong.push(format!("{what} of {call} at {x:e}: {got:e} instead of {want:e}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} points:\n{}", wrong.len(), wrong.join("\n"));
}

/// Values and slopes at the ends of the range of `f64`, from the formulas by hand.
#[test]
fn f64_is_right_where_a_formula_would_overflow() {
    type Call = fn(&Tensor<f64>) -> Tensor<f64>;
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let small = (-740f64).exp();
    let table: [(&str, Call, f64, [f64; 2]); 20] = [
        ("softplus", |x| x.softplus(1, 1e9), 710.0, [710.0, 1.0]),
        ("softplus", |x| x.softplus(1, 1e9), 1e308, [1e308, 1.0]),
        ("softplus", |x| x.softplus(2, 1e9), 500.0, [500.0, 1.0]),
        ("softplus", |x| x.softplus(1, f64::INFINITY), inf, [inf, 1.0]),
        ("softplus", |x| x.softplus(-1, 1e9), -800.0, [-800.0, 1.0]),
        ("softplus", |x| x.softplus(1, 1e9), -740.0, [small, small]),
        ("log_sigmoid", |x| x.log_sigmoid(), -1e308, [-1e308, 1.0]),
        ("log_sigmoid", |x| x.log_sigmoid(), 740.0, [-small, small]),
        ("sigmoid", |x| x.sigmoid(), -740.0, [small, small]),
        ("sigmoid", |x| x.sigmoid(), -inf, [0.0, 0.0]),
        ("tanh", |x| x.tanh(), 1e308, [1.0, 0.0]),
        ("elu", |x| x.elu(1), 1e308, [1e308, 1.0]),
        ("log1p", |x| x.log1p(), -1.0, [-inf, inf]),
        ("expm1", |x| x.expm1(), -inf, [-1.0, 0.0]),
        ("erf", |x| x.erf(), inf, [1.0, 0.0]),
        ("pow(-2)", |x| x.pow(-2), 1e160, [1e-320, -0.0]),
        ("pow(-3)", |x| x.pow(-3), -1e105, [-1e-315, -0.0]),
        ("logsumexp", |x| x.unsqueeze(0).logsumexp(0), 1e308, [1e308, 1.0]),
        ("logsumexp", |x| x.unsqueeze(0).logsumexp(0), -inf, [-inf, nan]),
        ("maximum", |x| x.maximum(&Tensor::<f64>::new(f64::NAN)), 1.0, [nan, 1.0]),
    ];
    for (name, call, x, want) in table {
        let got = value_and_slope(call, x);
        for (got, want) in got.into_iter().zip(want) {
            let close = got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= 1e-15 * want.abs();
            // Subnormal numbers have few digits.
            assert!(
                close || (want.abs() < 1e-307 && (got - want).abs() < 1e-323),
                "{name} of {x}: {got:e}, not {want:e}"
            );
        }
    }
}

/// Norms of every kind: the value of the vector, as it is defined.
#[test]
fn norms_at_their_edges() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let table: &[(f64, &[f64], f64)] = &[
        (-1.0, &[f64::INFINITY, f64::INFINITY], inf),
        (-2.0, &[f64::INFINITY], inf),
        (-0.5, &[f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY], inf),
        (-1.0, &[f64::INFINITY, 1.0], 1.0),
        (-1.0, &[0.0, 1.0], 0.0),
        (-1.0, &[0.0, f64::INFINITY], 0.0),
        (-2.0, &[1e200], 1e200),
        (-2.0, &[1e-200], 1e-200),
        (-2.0, &[1e200, 1e200], 1e200 / 2f64.sqrt()),
        (3.0, &[1e200, 1e200], 1e200 * 2f64.cbrt()),
        (3.0, &[1e-200, 1e-200], 1e-200 * 2f64.cbrt()),
        (2.0, &[3e200, 4e200], 5e200),
        (2.0, &[3e-200, 4e-200], 5e-200),
        (1.5, &[f64::MAX], f64::MAX),
        (7.0, &[5e-324], 5e-324),
        (0.5, &[1e-300], 1e-300),
        (100.0, &[-3.0], 3.0),
        (3.0, &[7.0], 7.0),
        (0.0, &[f64::NAN, 1.0, 0.0], 2.0),
        (0.0, &[f64::INFINITY, -0.0], 1.0),
        (1.0, &[f64::NAN, 1.0], nan),
        (3.0, &[f64::NAN, f64::INFINITY], nan),
        (f64::INFINITY, &[1.0, f64::NAN], nan),
        (f64::NEG_INFINITY, &[1.0, f64::NAN], nan),
        (f64::NEG_INFINITY, &[-3.0, f64::INFINITY], 3.0),
        (f64::INFINITY, &[-1e308, 1.0], 1e308),
        (3.0, &[f64::NEG_INFINITY, 1.0], inf),
        (0.5, &[f64::INFINITY, 0.0], inf),
        (0.5, &[], 0.0),
    ];
    for &(p, x, want) in table {
        let x = Tensor::from_vec(x.to_vec(), [x.len()]).unwrap().requires_grad_(true);
        let norms = [x.norm_p(p), x.norm_p_dim(p, 0), x.norm_p_keepdim(p, -1).squeeze()];
        for norm in norms {
            let got = norm.item();
            let close = got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= 4e-16 * want.abs();
            assert!(close, "the {p}-norm of {:?}: {got:e} instead of {want:e}", x.to_vec());
            let [dx] = grad(&norm, [&x]);
            let dx = dx.unwrap().to_vec();
            // The norm of one element is its magnitude for every p.
            if x.numel() == 1 && want.is_finite() && p != 0.0 {
                assert_eq!(got, x.to_vec()[0].abs(), "the {p}-norm of {:?}", x.to_vec());
                assert!((dx[0] - x.to_vec()[0].signum()).abs() < 1e-12, "its gradient: {dx:?}");
            }
        }
    }
}

/// A correction of n or more leaves nothing to divide by: the variance and the deviation of different elements are
/// infinite, those of equal ones NaN, and no gradient is finite.
#[test]
fn corrections_above_the_number_of_elements() {
    type Call = fn(&Tensor<f64>, usize) -> Tensor<f64>;
    let table: [(&str, Call); 6] = [
        ("var_dim", |x, correction| x.var_dim(0, correction)),
        ("var_dim of all", |x, correction| x.var_dim([], correction)),
        ("var_keepdim", |x, correction| x.var_keepdim(-1, correction)),
        ("std_dim", |x, correction| x.std_dim(0, correction)),
        ("std_dim of all", |x, correction| x.std_dim([], correction)),
        ("std_keepdim", |x, correction| x.std_keepdim(-1, correction)),
    ];
    for (name, call) in table {
        for correction in [3, 4, 5, usize::MAX] {
            for (values, infinite) in [([1.0, 2.0, 4.0], true), ([2.0, 2.0, 2.0], false)] {
                let x = Tensor::<f64>::new(values).requires_grad_(true);
                let y = call(&x, correction).sum();
                let found = y.item();
                assert!(if infinite { found == f64::INFINITY } else { found.is_nan() }, "{name}: {found}");
                let [dx] = grad(&y, [&x]);
                let dx = dx.unwrap().to_vec();
                assert!(dx.iter().all(|dx| !dx.is_finite()), "{name} with {correction} of {values:?}: {dx:?}");
            }
        }
    }
}
