//! What an operation has not chosen gets the gradient 0, also of an upstream gradient that is infinite or NaN.

use downhill_tensor::{MaxPool2dOptions, Tensor};

use super::leaf;

type Choice = fn(&Tensor<f64>) -> Tensor<f64>;

#[test]
fn elements_that_were_not_chosen_get_the_gradient_zero() {
    // Of [1, 4, 2, 4] the positions of what is chosen, and its share.
    let table: &[(&str, Choice, [f64; 4])] = &[
        ("max", |x| x.max(), [0.0, 0.5, 0.0, 0.5]),
        ("min", |x| x.min(), [1.0, 0.0, 0.0, 0.0]),
        ("amax", |x| x.amax(0), [0.0, 0.5, 0.0, 0.5]),
        ("amin_keepdim", |x| x.amin_keepdim(0), [1.0, 0.0, 0.0, 0.0]),
        ("max_dim", |x| x.max_dim(0).0, [0.0, 1.0, 0.0, 0.0]),
        ("maximum", |x| x.maximum(&Tensor::<f64>::new([3.0; 4])), [0.0, 1.0, 0.0, 1.0]),
        ("minimum", |x| x.minimum(&Tensor::<f64>::new([3.0; 4])), [1.0, 0.0, 1.0, 0.0]),
        ("clamp", |x| x.clamp(1.5, 3), [0.0, 0.0, 1.0, 0.0]),
        ("relu", |x| (x - 3).relu(), [0.0, 1.0, 0.0, 1.0]),
        ("where_", |x| Tensor::where_(&x.gt(3), x, &x.detach()), [0.0, 1.0, 0.0, 1.0]),
        ("masked_fill", |x| x.masked_fill(&x.gt(3), 0), [1.0, 0.0, 1.0, 0.0]),
        ("index_select", |x| x.index_select(0, &Tensor::from([1])), [0.0, 1.0, 0.0, 0.0]),
        ("slice", |x| x.slice(0, 2..3), [0.0, 0.0, 1.0, 0.0]),
        ("max_pool2d", |x| x.reshape([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(2)), [0.0, 1.0, 0.0, 0.0]),
    ];
    for (name, choice, shares) in table {
        for upstream in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let x = leaf([1.0, 4.0, 2.0, 4.0]);
            choice(&x).backward_with(&choice(&x).detach().full_like(upstream));
            let expected = shares.map(|share| if share == 0.0 { 0.0 } else { upstream });
            let grad = x.grad().unwrap().to_vec();
            let same = grad.iter().zip(expected).all(|(&a, b)| a == b || (a.is_nan() && b.is_nan()));
            assert!(same, "{name}, upstream {upstream}: {grad:?}, expected {expected:?}");
        }
    }
}

/// The smallest program of this kind: the reciprocal of the number that divides the maximum is infinite.
#[test]
fn the_gradient_of_a_maximum_that_becomes_infinite() {
    let x = leaf([2.0, 1.0]);
    (x.max() / 5e-324).backward();
    assert_eq!(x.grad().unwrap().to_vec(), [f64::INFINITY, 0.0]);
}
