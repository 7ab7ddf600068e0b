//! Rows of two tensors: any element types and ranks, views, errors.

use downhill_data::{Dataset, TensorDataset};
use downhill_tensor::Tensor;
use downhill_tensor::prelude::*;
use downhill_tests::{assert_panics, panic_of};

#[test]
fn rows_of_any_rank_and_type() {
    let images = Tensor::arange(0, 24, 1).reshape([4, 2, 3]);
    let masks = Tensor::from([true, false, false, true]);
    let dataset = TensorDataset::new(images, masks).unwrap();
    assert_eq!((dataset.len(), dataset.is_empty()), (4, false));

    let (x, y) = dataset.batch(&[3, 0, 3]);
    assert_eq!((x.shape(), y.shape()), (&[3, 2, 3][..], &[3][..]));
    assert_eq!(x.select(0, 1).to_vec(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(x.select(0, 2).to_vec(), [18.0, 19.0, 20.0, 21.0, 22.0, 23.0]);
    assert_eq!(y.to_vec(), [true, true, true]);

    let (x, y) = dataset.row(1);
    assert_eq!((x.shape(), x.at([1, 2]), y.item()), (&[2, 3][..], 11.0, false));
    assert_eq!(dataset.row(-4).0.at([0, 0]), 0.0);
}

#[test]
fn batches_of_views_are_right_and_can_be_written_to() {
    let table = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let dataset = TensorDataset::new(table.t(), table.select(0, 0)).unwrap();
    let (x, y) = dataset.batch(&[2, 0]);
    assert_eq!((x.to_vec(), y.to_vec()), (vec![3.0, 6.0, 1.0, 4.0], vec![3.0, 1.0]));
    x.zero_();
    table.zero_();
    assert_eq!(dataset.batch(&[2]).0.to_vec(), [3.0, 6.0], "the set keeps its numbers");
}

#[test]
fn rows_without_elements_and_no_rows() {
    let dataset = TensorDataset::new(Tensor::zeros([3, 0]), Tensor::<i64>::zeros([3])).unwrap();
    assert_eq!(dataset.batch(&[1, 2]).0.shape(), [2, 0]);
    let dataset = TensorDataset::new(Tensor::zeros([0, 2]), Tensor::<f64>::zeros([0, 1])).unwrap();
    assert!(dataset.is_empty());
    assert_eq!(dataset.batch(&[]).0.shape(), [0, 2]);
}

#[test]
fn errors() {
    let rows = |n: usize| Tensor::zeros([n, 2]);
    let cases = [
        (
            rows(3),
            rows(4),
            "the features have 3 rows (shape [3, 2]), but the targets have 4 (shape [4, 2]); give one row of targets \
            for each row of features",
        ),
        (
            rows(3),
            Tensor::from(1.0),
            "the targets are a single number without dimensions; a data set needs rows along dimension 0",
        ),
        (
            rows(3).requires_grad_(true),
            rows(3),
            "the features require a gradient, which a data set cannot pass on; call `detach()` first",
        ),
    ];
    for (features, targets, text) in cases {
        assert_eq!(TensorDataset::new(features, targets).unwrap_err().to_string(), text);
    }
}

#[test]
fn positions_out_of_range() {
    let dataset = TensorDataset::new(Tensor::zeros([3, 2]), Tensor::zeros([3, 1])).unwrap();
    for index in [3, -4] {
        let text =
            format!("TensorDataset::row: index {index} is out of range for dimension 0 of size 3 (shape [3, 2])");
        assert_panics(&text, || dataset.row(index));
    }
    let text = panic_of(|| dataset.batch(&[0, 3])).unwrap().text;
    assert_eq!(text, "TensorDataset::batch: index 3 is out of range for dimension 0 of size 3 (shape [3, 2])");
}
