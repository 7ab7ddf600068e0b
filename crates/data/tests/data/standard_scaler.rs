//! Scaling columns to mean 0 and standard deviation 1, new data, and the inverse.

use downhill_data::{Normalize, StandardScaler};
use downhill_tensor::{Tensor, manual_seed};
use downhill_tests::{assert_panics, panic_of};

#[test]
fn columns_against_the_closed_form() {
    // Mean 5 and population variance 4; mean 0 and variance 8/3 of three numbers repeated.
    let x = Tensor::<f64>::new([[3.0, -2.0], [7.0, 0.0], [3.0, 2.0], [7.0, -2.0], [3.0, 0.0], [7.0, 2.0]]);
    let scaler = StandardScaler::fit(&x);
    assert_eq!(scaler.mean().to_vec(), [5.0, 0.0]);
    assert_eq!(scaler.std().to_vec(), [2.0, (8.0f64 / 3.0).sqrt()]);
    let scaled = scaler.transform(&x);
    assert_eq!(scaled.select(1, 0).to_vec(), [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0]);
    assert!((scaled.select(1, 1).square().mean().item() - 1.0).abs() < 1e-15);
}

#[test]
fn many_rows_far_from_zero() {
    manual_seed(1);
    let x = Tensor::normal(2000.0, 10.0, [10_000, 3]);
    let scaled = StandardScaler::fit(&x).transform(&x);
    for column in 0..3 {
        let column = scaled.select(1, column);
        assert!(column.mean().item().abs() < 1e-4 && (column.std().item() - 1.0).abs() < 1e-3);
    }
}

#[test]
fn columns_that_do_not_vary_become_zero() {
    let x = Tensor::<f64>::new([[0.1, 0.0], [0.1, 0.0], [0.1, 0.0]]);
    let scaler = StandardScaler::fit(&x);
    assert_eq!(scaler.std().to_vec(), [1.0, 1.0]);
    assert_eq!(scaler.transform(&x).to_vec(), [0.0; 6]);
    assert_eq!(scaler.inverse_transform(&scaler.transform(&x)).to_vec(), x.to_vec());

    let one_row = Tensor::from([[5.0, 6.0]]);
    assert_eq!(StandardScaler::fit(&one_row).transform(&one_row).to_vec(), [0.0, 0.0]);
}

#[test]
fn any_rank_and_views() {
    let x = Tensor::from([1.0, 3.0]);
    assert_eq!(StandardScaler::fit(&x).transform(&x).to_vec(), [-1.0, 1.0]);

    let x = Tensor::arange(0, 24, 1).reshape([4, 2, 3]);
    let scaler = StandardScaler::fit(&x);
    assert_eq!((scaler.mean().shape(), scaler.mean().at([1, 2])), (&[2, 3][..], 14.0));
    assert_eq!(scaler.inverse_transform(&scaler.transform(&x)).to_vec(), x.to_vec());

    let wide = Tensor::from([[1.0, 3.0], [10.0, 50.0]]);
    assert_eq!(StandardScaler::fit(&wide.t()).mean().to_vec(), [2.0, 30.0]);
}

#[test]
fn errors() {
    let fit = |x: Tensor| panic_of(|| StandardScaler::fit(&x)).unwrap().text;
    assert_eq!(fit(Tensor::zeros([0, 2])), "StandardScaler::fit: expected at least one row, got shape [0, 2]");
    assert_eq!(fit(Tensor::from(1.0)), "StandardScaler::fit: expected at least one row, got shape []");

    let scaler = StandardScaler::fit(&Tensor::zeros([3, 2]));
    let (column, text) = (Tensor::zeros([5, 1]), "expected rows of shape [2], got a tensor of shape [5, 1]");
    assert_panics(&format!("StandardScaler::transform: {text}"), || scaler.transform(&column));
    assert_panics(&format!("StandardScaler::inverse_transform: {text}"), || scaler.inverse_transform(&column));
}

/// Columns of 1, -1, 1, -1, ... shifted and scaled over many magnitudes; and images of the same numbers.
#[test]
fn columns_of_any_size() {
    let close = (1_u64 << 50) as f64;
    for (middle, unit, rows, tolerance) in [
        (0.0, 1.0, 2, 0.0),
        (0.0, 1e200, 2, 1e-15),
        (0.0, 1.7e308, 2, 1e-15),
        (0.0, 1e-200, 2, 1e-15),
        (0.0, 5e-324, 2, 0.0),
        (1e200, 1e190, 4, 1e-5),
        (1e-190, 1e-200, 4, 1e-5),
        (close, 1.0, 2, 0.0),
        (close, 1.0, 10_000, 1e-12),
        (1e6, 0.5, 10_000, 1e-12),
    ] {
        let column: Vec<f64> = (0..rows).map(|i| middle + unit * f64::from(1 - i % 2 * 2)).collect();
        let what = format!("{rows} rows of {middle} +- {unit}");
        let near = |found: f64, right: f64| (found - right).abs() <= tolerance * right.abs();
        let x = Tensor::<f64>::from_vec(column, [rows as usize, 1]).unwrap();
        let scaler = StandardScaler::fit(&x);
        assert!(near(scaler.std().item(), unit), "{what}: {}", scaler.std().item());
        assert!(near(scaler.mean().item(), middle), "{what}: {}", scaler.mean().item());
        assert!(near(scaler.transform(&x).to_vec()[0], 1.0), "{what}: {}", scaler.transform(&x).to_vec()[0]);
        let images = x.reshape([-1, 1, 1, 1]);
        let normalize = Normalize::fit(&images);
        assert_eq!(
            (normalize.mean(), normalize.std()),
            (&scaler.mean().to_vec()[..], &scaler.std().to_vec()[..]),
            "{what}"
        );
    }
}
