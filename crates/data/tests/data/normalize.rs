//! Normalised images: values, shapes, and errors.

use downhill_data::{DataLoader, Dataset, Normalize, TensorDataset};
use downhill_tensor::Tensor;
use downhill_tests::assert_panics;

/// Two images of two channels of 1 by 2 pixels.
fn images() -> Tensor<f64> {
    Tensor::<f64>::from_vec(vec![1.0, 3.0, 10.0, 10.0, 5.0, 7.0, 30.0, 50.0], [2, 2, 1, 2]).unwrap()
}

#[test]
fn known_numbers() {
    let normalize = Normalize::new([1.0, 10.0], [2.0, 20.0]);
    let expected = [0.0, 1.0, 0.0, 0.0, 2.0, 3.0, 1.0, 2.0];
    let normalised = normalize.transform(&images());
    assert_eq!((normalised.shape(), normalised.to_vec()), (&[2, 2, 1, 2][..], expected.to_vec()));
    assert_eq!(normalize.inverse_transform(&normalised).to_vec(), images().to_vec());
    // One image alone.
    assert_eq!(normalize.transform(&images().select(0, 1)).to_vec(), expected[4..]);
}

#[test]
fn fitted_numbers() {
    let normalize = Normalize::fit(&images());
    // 1, 3, 5, 7 and 10, 10, 30, 50: the variances are 5 and 275.
    assert_eq!(normalize, Normalize::new([4.0, 25.0], [5_f64.sqrt(), 275_f64.sqrt()]));
    assert_eq!((normalize.mean(), normalize.std()), (&[4.0, 25.0][..], &[5_f64.sqrt(), 275_f64.sqrt()][..]));
    let again = Normalize::fit(&normalize.transform(&images()));
    assert!(
        again.mean().iter().all(|mean| mean.abs() < 1e-15) && again.std().iter().all(|std| (std - 1.0).abs() < 1e-15)
    );

    let constant = Normalize::fit(&Tensor::full([3, 1, 2, 2], 0.1));
    assert_eq!(constant, Normalize::new([f64::from(0.1_f32)], [1.0]));
    assert_eq!(constant.transform(&Tensor::full([3, 1, 2, 2], 0.1)).to_vec(), [0.0; 12]);
}

#[test]
fn with_a_data_set() {
    let images: Tensor = Tensor::from([1.0, 2.0, 3.0]).reshape([3, 1, 1, 1]);
    let normalize = Normalize::fit(&images);
    let once = normalize.transform(&images).to_vec();
    let dataset = TensorDataset::new(images, Tensor::from([0, 1, 2])).unwrap();
    let mapped = dataset.map(move |(x, y)| (normalize.transform(&x), y));
    assert_eq!(mapped.len(), 3);
    let loader = DataLoader::new(mapped, 2).workers(1);
    assert_eq!(loader.iter().flat_map(|(x, _)| x.to_vec()).collect::<Vec<_>>(), once);
    assert_eq!(loader.iter().flat_map(|(_, y)| y.to_vec()).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn errors() {
    let news = [
        (vec![], vec![], "expected one mean and one std for each channel, got 0 mean(s) and 0 std(s)"),
        (vec![0.0], vec![1.0, 2.0], "expected one mean and one std for each channel, got 1 mean(s) and 2 std(s)"),
    ];
    for (mean, std, text) in news {
        assert_panics(&format!("Normalize::new: {text}"), || Normalize::new(mean, std));
    }
    assert_panics("Normalize::new: mean is [NaN]; it must be finite", || Normalize::new([f64::NAN], [1.0]));
    for std in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let message = format!("Normalize::new: std is [{std:?}]; it must be finite and above 0");
        assert_panics(&message, || Normalize::new([0.0], [std]));
    }
    let fits: [(&[usize], &str); 2] = [(&[5, 5], "shape [5, 5]"), (&[0, 1, 28, 28], "shape [0, 1, 28, 28]")];
    for (shape, given) in fits {
        let message = format!(
            "Normalize::fit: expected images of shape [..., channels, height, width] with at least one pixel, got \
             {given}"
        );
        assert_panics(&message, || Normalize::fit(&Tensor::zeros(shape)));
    }
    let message = "Normalize::fit: expected finite pixels, got NaN";
    assert_panics(message, || Normalize::fit(&Tensor::full([1, 1, 1], f64::NAN)));
    let normalize = Normalize::new([0.0; 3], [1.0; 3]);
    let expected = "expected images of shape [..., 3, height, width], got a tensor of shape [2, 1, 4, 4]";
    assert_panics(&format!("Normalize::transform: {expected}"), || normalize.transform(&Tensor::zeros([2, 1, 4, 4])));
    let message = format!("Normalize::inverse_transform: {expected}");
    assert_panics(&message, || normalize.inverse_transform(&Tensor::zeros([2, 1, 4, 4])));
}
