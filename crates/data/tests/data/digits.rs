//! The generated digits: what they depend on, what an image contains, and how hard they are to classify.

use downhill_data::TensorDataset;
use downhill_data::synthetic::Digits;
use downhill_tensor::manual_seed;

const PIXELS: usize = 28 * 28;

fn pixels(dataset: &TensorDataset<f32, i64>) -> Vec<f32> {
    dataset.features().to_vec()
}

fn labels(dataset: &TensorDataset<f32, i64>) -> Vec<i64> {
    dataset.targets().to_vec()
}

/// FNV-1a of the 256 shades of grey.
fn checksum(dataset: &TensorDataset<f32, i64>) -> u64 {
    let shades = pixels(dataset).into_iter().map(|pixel| (pixel * 255.0).round() as u64);
    shades.fold(0xcbf2_9ce4_8422_2325, |hash, shade| (hash ^ shade).wrapping_mul(0x100_0000_01b3))
}

#[test]
fn the_same_images_on_every_machine() {
    let cases = [
        (Digits::new(200).seed(1), 0x7cd5_a75e_7f55_b18b),
        (Digits::new(200).seed(2), 0x5985_d1e0_b298_1843),
        (Digits::new(200).seed(1).balanced(false), 0x10d8_36e4_b92d_e6f6),
    ];
    let given = cases.clone().map(|(digits, _)| checksum(&digits.dataset()));
    assert_eq!(given, cases.map(|(_, expected)| expected), "{given:#x?}");
}

#[test]
fn an_image_depends_on_the_seed_and_its_position_only() {
    let (few, many) = (Digits::new(30).seed(5).dataset(), Digits::new(60).seed(5).dataset());
    assert_eq!(pixels(&few), pixels(&many)[..30 * PIXELS]);

    // No image of one seed occurs again with the next seed.
    let (one, next) = (pixels(&Digits::new(40).seed(5).dataset()), pixels(&Digits::new(40).seed(6).dataset()));
    assert!(one.chunks(PIXELS).all(|image| next.chunks(PIXELS).all(|other| image != other)));
}

#[test]
fn without_a_seed_the_default_generator_decides() {
    let images = |seed| {
        manual_seed(seed);
        let digits = Digits::new(10);
        [digits.dataset(), digits.dataset()].map(|dataset| pixels(&dataset))
    };
    assert_eq!(images(1), images(1));
    assert_ne!(images(1), images(2));
    let [first, second] = images(1);
    assert_ne!(first, second);
}

#[test]
fn balanced_and_random_labels() {
    let balanced = labels(&Digits::new(1000).seed(1).dataset());
    assert_eq!(balanced, (0..1000).map(|i| i % 10).collect::<Vec<_>>());

    // Of 1000 labels drawn at random, 100 of each class are expected, with a standard deviation of 9.5.
    let drawn = labels(&Digits::new(1000).balanced(false).seed(1).dataset());
    for digit in 0..10 {
        let count = drawn.iter().filter(|&&label| label == digit).count();
        assert!((60..140).contains(&count) && count != 100, "{count} times {digit}");
    }
    assert_eq!(labels(&Digits::new(0).dataset()), []);
}

#[test]
fn dark_strokes_inside_a_light_border() {
    let dataset = Digits::new(1000).seed(3).dataset();
    let mut cut = 0;
    for image in pixels(&dataset).chunks(PIXELS) {
        assert!(image.iter().all(|&pixel| (0.0..=1.0).contains(&pixel) && (pixel * 255.0).fract() == 0.0));
        let dark = image.iter().filter(|&&pixel| pixel > 0.5).count();
        assert!((10..300).contains(&dark), "{dark} dark pixels");
        let border = (0..PIXELS).filter(|i| [0, 27].contains(&(i / 28)) || [0, 27].contains(&(i % 28)));
        cut += usize::from(border.map(|i| image[i]).any(|pixel| pixel > 0.5));
    }
    assert!(cut < 30, "{cut} of 1000 digits are cut at the border");
}

/// The distance of an image to another.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The fraction of the test images whose nearest prototype has their label.
fn accuracy(prototypes: &[(i64, Vec<f32>)], test: &TensorDataset<f32, i64>) -> f64 {
    let (images, labels) = (pixels(test), labels(test));
    let right = images.chunks(PIXELS).zip(&labels).filter(|(image, label)| {
        let nearest = prototypes.iter().min_by(|a, b| distance(&a.1, image).total_cmp(&distance(&b.1, image)));
        nearest.unwrap().0 == **label
    });
    right.count() as f64 / labels.len() as f64
}

/// Comparing with the mean image of each digit is a linear classifier; comparing with all images is not.
#[test]
fn a_nonlinear_classifier_beats_a_linear_one() {
    let (train, test) = (Digits::new(2000).seed(1).dataset(), Digits::new(300).seed(2).dataset());
    let images: Vec<_> = labels(&train)
        .into_iter()
        .zip(pixels(&train).chunks(PIXELS).map(<[f32]>::to_vec).collect::<Vec<_>>())
        .collect();
    let means: Vec<(i64, Vec<f32>)> = (0..10)
        .map(|digit| {
            let of_digit: Vec<_> = images.iter().filter(|(label, _)| *label == digit).collect();
            let mean = |i: usize| of_digit.iter().map(|(_, image)| image[i]).sum::<f32>() / of_digit.len() as f32;
            (digit, (0..PIXELS).map(mean).collect())
        })
        .collect();
    let (linear, nearest) = (accuracy(&means, &test), accuracy(&images, &test));
    assert!((0.6..0.9).contains(&linear), "nearest mean: {linear}");
    assert!(nearest > 0.8 && nearest > linear + 0.1, "nearest image: {nearest}, nearest mean: {linear}");
}
