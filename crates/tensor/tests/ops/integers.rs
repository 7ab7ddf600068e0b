//! Integers and truth values: arithmetic, sums and `one_hot`, value by value.

use downhill_tensor::prelude::*;

#[test]
fn arithmetic_of_integers() {
    let (a, b) = (Tensor::from([[1, -2, 3], [4, 5, i64::MAX]]), Tensor::from([10, 20, 1]));
    let table: [(&str, Tensor<i64>, [i64; 6]); 9] = [
        ("a + b", &a + &b, [11, 18, 4, 14, 25, i64::MIN]),
        ("b - a", &b - &a, [9, 22, -2, 6, 15, 1 - i64::MAX]),
        ("a * b", &a * &b, [10, -40, 3, 40, 100, i64::MAX]),
        ("a + 1", &a + 1, [2, -1, 4, 5, 6, i64::MIN]),
        ("1 - a", 1 - &a, [0, 3, -2, -3, -4, 1 - i64::MAX]),
        ("a - 1", &a - 1, [0, -3, 2, 3, 4, i64::MAX - 1]),
        ("2 * a", 2 * &a, [2, -4, 6, 8, 10, -2]),
        ("given away", a.copy() + b.copy(), [11, 18, 4, 14, 25, i64::MIN]),
        ("one given away", a.copy() - &b + b.copy(), [1, -2, 3, 4, 5, i64::MAX]),
    ];
    for (name, got, want) in table {
        assert_eq!((got.shape(), got.to_vec()), (&[2, 3][..], want.to_vec()), "{name}");
    }
    assert_eq!(a.to_vec(), [1, -2, 3, 4, 5, i64::MAX], "an operand that is kept does not change");
}

#[test]
fn sums_of_integers_are_exact_and_truth_values_are_counted() {
    let x = Tensor::from([[9_007_199_254_740_993, 1], [-2, 5]]);
    assert_eq!(x.sum().item(), 9_007_199_254_740_997);
    assert_eq!(x.sum_dim(0).to_vec(), [9_007_199_254_740_991, 6]);
    assert_eq!(x.cumsum(1).to_vec(), [9_007_199_254_740_993, 9_007_199_254_740_994, -2, 3]);
    let mask = Tensor::from([[true, false, true], [false, false, true]]);
    let count: Tensor<i64> = mask.sum();
    assert_eq!((count.shape(), count.item()), (&[][..], 3));
    assert_eq!(mask.sum_dim(0).to_vec(), [1, 0, 2]);
    assert_eq!((mask.sum_keepdim(1).shape(), mask.sum_keepdim(1).to_vec()), (&[2, 1][..], vec![2, 1]));
    assert_eq!(mask.cumsum(-1).to_vec(), [1, 1, 2, 0, 0, 1]);
    assert_eq!(Tensor::<bool>::zeros([0]).sum().item(), 0);
    assert_eq!(Tensor::<i64>::zeros([2, 0]).sum_dim(1).to_vec(), [0, 0]);
}

#[test]
fn one_hot_rows() {
    let x = Tensor::from([[0, 2], [1, 1]]).one_hot(3);
    assert_eq!((x.shape(), x.to_vec()), (&[2, 2, 3][..], vec![1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0]));
    assert_eq!(Tensor::from([1, 0]).one_hot(-1).to_vec(), [0, 1, 1, 0]);
    assert_eq!(Tensor::from(2).one_hot(4).to_vec(), [0, 0, 1, 0]);
    assert_eq!(Tensor::<i64>::zeros([0]).one_hot(3).shape(), [0, 3]);
}

#[test]
fn parts_of_nothing_and_of_unequal_size() {
    let sizes = |parts: Vec<Tensor>| parts.iter().map(|part| part.shape()[0]).collect::<Vec<_>>();
    let (five, none) = (Tensor::zeros([5]), Tensor::zeros([0]));
    assert_eq!(sizes(five.split(2, 0)), [2, 2, 1]);
    assert_eq!(sizes(five.split(9, -1)), [5]);
    assert_eq!(sizes(five.chunk(4, 0)), [2, 2, 1], "fewer pieces than asked for");
    assert_eq!(sizes(five.split_with_sizes(&[0, 5], 0)), [0, 5]);
    assert_eq!((sizes(none.split(2, 0)), sizes(none.split(0, 0))), (vec![0], vec![0]));
    assert_eq!(sizes(none.chunk(3, 0)), [0, 0, 0]);
}
