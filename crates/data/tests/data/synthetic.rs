//! The linear-regression data set: shapes, statistics, true parameters and seed.

use downhill_data::Dataset;
use downhill_data::synthetic::LinearRegression;
use downhill_tensor::{Tensor, manual_seed};
use downhill_tests::assert_panics;

fn assert_near(value: &Tensor, expected: f64, tolerance: f64) {
    assert!((value.item() - expected).abs() < tolerance, "{} is not near {expected}", value.item());
}

#[test]
fn the_set_of_the_chapter() {
    let truth = LinearRegression::default().seed(1);
    assert_eq!(truth, LinearRegression::new([2.0, -3.4], 4.2).examples(1000).noise(0.01).seed(1));
    assert_eq!((truth.weight().shape(), truth.weight().to_vec()), (&[2, 1][..], vec![2.0, -3.4]));
    assert_eq!((truth.bias().shape(), truth.bias().to_vec()), (&[1][..], vec![4.2]));

    let dataset = truth.dataset();
    let (features, targets) = (dataset.features(), dataset.targets());
    assert_eq!((features.shape(), targets.shape()), (&[1000, 2][..], &[1000, 1][..]));
    // Four standard errors of the mean and of the standard deviation of 2000 and of 1000 numbers.
    assert_near(&features.mean(), 0.0, 0.09);
    assert_near(&features.std(), 1.0, 0.063);
    let noise = targets - (features.matmul(&truth.weight()) + truth.bias());
    assert_near(&noise.mean(), 0.0, 0.0013);
    assert_near(&noise.std(), 0.01, 0.0009);
}

/// The numbers of a seed must not change between versions.
#[test]
fn golden() {
    let dataset = LinearRegression::default().examples(3).seed(1).dataset();
    let features = [-0.37848935, 0.2852707, -1.274179, 0.8323706, -0.4375293, -0.5603983];
    assert_eq!(dataset.features().to_vec(), features);
    assert_eq!(dataset.targets().to_vec(), [2.4779837, -1.1808774, 5.241234]);
}

#[test]
fn without_noise_the_targets_are_exact() {
    let dataset = LinearRegression::new([1.0, 2.0, -0.5], 3.0).examples(100).noise(0.0).seed(2).dataset();
    for (x, y) in dataset.features().to_vec().chunks(3).zip(dataset.targets().to_vec()) {
        let exact = f64::from(x[0]) + 2.0 * f64::from(x[1]) - 0.5 * f64::from(x[2]) + 3.0;
        assert!((f64::from(y) - exact).abs() <= f64::from(f32::EPSILON) * exact.abs());
    }
}

#[test]
fn more_examples_begin_with_the_same_ones() {
    let (few, many) = (LinearRegression::default().examples(5).seed(1), LinearRegression::default().seed(1));
    assert_eq!(many.dataset().batch(&[0, 1, 2, 3, 4]).1.to_vec(), few.dataset().targets().to_vec());
    assert!(LinearRegression::default().examples(0).dataset().is_empty());
}

#[test]
fn the_seed_decides_and_without_it_the_default_generator() {
    let targets = |seed| LinearRegression::default().seed(seed).dataset().targets().to_vec();
    assert_eq!(targets(1), targets(1));
    assert_ne!(targets(1), targets(2));

    let unseeded = LinearRegression::default();
    manual_seed(4);
    let first = unseeded.dataset().targets().to_vec();
    assert_ne!(unseeded.dataset().targets().to_vec(), first);
    manual_seed(4);
    assert_eq!(unseeded.dataset().targets().to_vec(), first);
}

#[test]
fn errors() {
    let message = "LinearRegression::new: weight is empty; it must be at least one number";
    assert_panics(message, || LinearRegression::new([], 1.0));
    let set = LinearRegression::default;
    assert_panics("LinearRegression::noise: noise is -1; it must be finite and not negative", || set().noise(-1.0));
    let message = "LinearRegression::noise: noise is NaN; it must be finite and not negative";
    assert_panics(message, || set().noise(f64::NAN));
}
