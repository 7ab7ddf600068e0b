//! Operations that only move elements do the same with integers and truth values as with floating-point numbers.

use downhill_tensor::Element;
use downhill_tensor::prelude::*;

type Moved<T> = Vec<(&'static str, Tensor<T>)>;

/// Every operation that takes any type of element, on a tensor of shape [2, 3].
fn moved<T: Element>(x: &Tensor<T>) -> Moved<T> {
    let (a, b) = (x.narrow(1, 0, 1), x.select(0, 1));
    vec![
        ("cat of one", Tensor::cat(&[x], 0)),
        ("cat of two", Tensor::cat(&[x, &a], 1)),
        ("cat of three", Tensor::cat(&[x, &b.unsqueeze(0), x], 0)),
        ("stack of one", Tensor::stack(&[x], -1)),
        ("stack of two", Tensor::stack(&[x, x], 0)),
        ("stack of three", Tensor::stack(&[&b, &b, &x.select(0, 0)], 1)),
        ("copy", x.copy()),
        ("expand", a.expand([4, 2, 2])),
        ("flatten", x.t().flatten()),
        ("flip", x.flip([0, 1])),
        ("gather", x.gather(1, &Tensor::from([[2], [0]]))),
        ("index_select", x.index_select(1, &Tensor::from([2, 2, 0]))),
        ("narrow", x.narrow(-1, 1, 2)),
        ("pad", x.pad([1, -1], T::default().to_scalar())),
        ("permute", x.permute([1, 0])),
        ("reshape", x.t().reshape([-1, 2])),
        ("rows", x.rows(&Tensor::from([[1, 0], [1, 1]]))),
        ("select", x.select(1, -1)),
        ("slice", x.slice(1, ..=-2)),
        ("slice_step", x.slice_step(1, .., 2)),
        ("split", Tensor::cat(&x.split(2, 1).iter().rev().collect::<Vec<_>>(), 1)),
        ("squeeze", a.squeeze()),
        ("squeeze_dim", a.squeeze_dim(1)),
        ("transpose", x.transpose(0, 1)),
        ("unsqueeze", x.unsqueeze(1)),
    ]
}

fn compare<T: Element>(x: Tensor<T>) {
    for ((name, got), (_, want)) in moved(&x).into_iter().zip(moved(&x.cast::<f64>())) {
        assert_eq!(got.shape(), want.shape(), "{name} of {}", T::KIND);
        assert_eq!(got.cast::<f64>().to_vec(), want.to_vec(), "{name} of {}", T::KIND);
    }
}

#[test]
fn every_type_of_element_moves_alike() {
    compare(Tensor::from([[1, -2, 3], [i64::from(i32::MAX), 0, 6]]));
    compare(Tensor::from([[true, false, false], [false, true, true]]));
    compare(Tensor::from([[0.5, -1.5, 2.0], [3.0, -0.25, 8.0]]));
}

#[test]
fn integers_keep_every_digit() {
    let x = Tensor::from([[9_007_199_254_740_993, 1], [-9_007_199_254_740_993, 2]]);
    assert_eq!(Tensor::cat(&[&x, &x], 0).select(1, 0).at([3]), -9_007_199_254_740_993);
    assert_eq!(x.t().flatten().at([0]), 9_007_199_254_740_993);
    assert!(x.gt(9_007_199_254_740_992).at([0, 0]));
}
