//! `accuracy`: the fraction of correct rows, for every shape of outputs, and what it refuses.

use downhill_nn::accuracy;
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::assert_panics;

#[test]
fn the_share_of_rows_that_are_right() {
    let outputs = Tensor::from([[0.1, 0.7, 0.2], [3.0, -1.0, 2.0], [0.0, 0.0, 0.0], [-3.0, -2.0, -1.0]]);
    let rows = [([1, 0, 0, 2], 1.0), ([1, 0, 1, 2], 0.75), ([0, 1, 2, 0], 0.0), ([1, -100, 0, 7], 0.5)];
    for (labels, share) in rows {
        assert_eq!(accuracy(&outputs, &Tensor::from(labels)), share, "{labels:?}");
    }
    // Outputs of a network in training, and of another type.
    let outputs = outputs.cast::<f64>().requires_grad_(true);
    assert_eq!(accuracy(&(&outputs * 2), &Tensor::from([1, 0, 1, 1])), 0.5);
}

#[test]
fn outputs_of_other_shapes() {
    assert_eq!(accuracy(&Tensor::from([0.0, 1.0]), &Tensor::from(1)), 1.0, "one row");
    // Classes are dimension 1: the classes of the four places are 1, 0, 0, 1.
    let outputs = Tensor::from([[[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]);
    assert_eq!(accuracy(&outputs, &Tensor::from([[1, 0], [0, 0]])), 0.75);
    assert!(accuracy(&Tensor::zeros([0, 3]), &Tensor::<i64>::zeros([0])).is_nan(), "the mean of no rows");
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let (outputs, scalar) = (Tensor::zeros([4, 3]), Tensor::from(1.0));
    let (labels, column) = (Tensor::from([0, 1]), Tensor::from([[0], [1], [2], [0]]));
    let text = "accuracy: expected labels of shape [4] for outputs of shape [4, 3], got";
    assert_panics(&format!("{text} [2]"), || accuracy(&outputs, &labels));
    assert_panics(&format!("{text} [4, 1]; call `reshape([4])` on them"), || accuracy(&outputs, &column));
    let text = "accuracy: expected outputs [classes] or [rows, classes, ...], got []";
    assert_panics(text, || accuracy(&scalar, &labels));
}
