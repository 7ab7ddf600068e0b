//! What `layer_norm`, `batch_norm` and `embedding` refuse.

use downhill_tensor::Tensor;

use super::{check, zeros};

#[test]
fn layer_norm() {
    let text = |sizes: &str, given: &str| {
        format!(
            "layer_norm: expected an input whose shape ends in {sizes}, and a weight and a bias {sizes}, \
             got a normalized shape {sizes}, {given}"
        )
    };
    check(
        &[
            (line!(), text("[2]", "an input [1, 3], no weight and no bias"), || {
                drop(zeros([1, 3]).layer_norm(2, None, None, 1e-5));
            }),
            (line!(), text("[4, 3]", "an input [3], no weight and no bias"), || {
                drop(zeros([3]).layer_norm([4, 3], None, None, 1e-5));
            }),
            (line!(), text("[3]", "an input [1, 3], a weight [2] and a bias [3]"), || {
                drop(zeros([1, 3]).layer_norm(3, Some(&zeros([2])), Some(&zeros([3])), 1e-5));
            }),
            (line!(), text("[3]", "an input [1, 3], no weight and a bias []"), || {
                drop(zeros([1, 3]).layer_norm(3, None, Some(&zeros([])), 1e-5));
            }),
            (
                line!(),
                "layer_norm: expected a normalized shape of at least one dimension, got a normalized shape [], an \
                input [3], no weight and no bias"
                    .to_owned(),
                || drop(zeros([3]).layer_norm([], None, None, 1e-5)),
            ),
        ],
        line!(),
    );
}

#[test]
fn batch_norm() {
    fn norm(x: &Tensor, channels: [usize; 4], training: bool) -> Tensor {
        let [mean, variance, weight, bias] = channels.map(|channels| zeros([channels]));
        x.batch_norm(Some((&mean, &variance)), Some(&weight), Some(&bias), training, 0.1, 1e-5)
    }
    // These calls go through a function of the test, so that only their text is compared.
    let rows: [(&str, &[usize], [usize; 4], bool); 4] = [
        ("running mean [2], a running variance [3], a weight [3], a bias [3]", &[4, 3], [2, 3, 3, 3], true),
        ("running mean [3], a running variance [1], a weight [3], a bias [3]", &[4, 3, 5], [3, 1, 3, 3], false),
        ("running mean [3], a running variance [3], a weight [5], a bias [3]", &[4, 3, 5], [3, 3, 5, 3], true),
        ("running mean [3], a running variance [3], a weight [3], a bias [4]", &[4, 3], [3, 3, 3, 4], false),
    ];
    for (given, shape, channels, training) in rows {
        let expected = "batch_norm: expected running mean, running variance, weight and bias of shape [3]";
        let raised = super::panic_of(|| drop(norm(&Tensor::zeros(shape), channels, training))).expect("a panic");
        assert_eq!(raised.text, format!("{expected}, got an input {shape:?}, a {given}"));
    }
    check(
        &[
            (line!(), "batch_norm: expected an input [n, channels, ...], got an input [3]".to_owned(), || {
                drop(zeros([3]).batch_norm(None, None, None, true, 0.1, 1e-5));
            }),
            (
                line!(),
                "batch_norm: expected more than one value per channel in training (or `eval()`), got an input [1, 3, \
                1]"
                    .to_owned(),
                || drop(zeros([1, 3, 1]).batch_norm(None, None, None, true, 0.1, 1e-5)),
            ),
            (
                line!(),
                "batch_norm: expected a running mean and variance outside training, got an input [2, 3]".to_owned(),
                || drop(zeros([2, 3]).batch_norm(None, None, None, false, 0.1, 1e-5)),
            ),
        ],
        line!(),
    );
}

#[test]
fn embedding() {
    check(
        &[
            (line!(), "embedding: index 3 is out of range for dimension 0 of size 3 (shape [3, 2])".to_owned(), || {
                drop(zeros([3, 2]).embedding(&Tensor::from([0, 3]), None))
            }),
            (
                line!(),
                "embedding: index -1 is out of range for dimension 0 of size 3 (shape [3, 2]); positions in a tensor \
                are not counted from the end: write 2"
                    .to_owned(),
                || drop(zeros([3, 2]).embedding(&Tensor::from(-1), 1)),
            ),
            (
                line!(),
                "embedding (padding_idx): index 3 is out of range for dimension 0 of size 3 (shape [3, \
                2])".to_owned(),
                || drop(zeros([3, 2]).embedding(&Tensor::from([0]), 3)),
            ),
            (line!(), "embedding: expected a table [n, d], got [3]".to_owned(), || {
                drop(zeros([3]).embedding(&Tensor::from([0]), None));
            }),
        ],
        line!(),
    );
}
