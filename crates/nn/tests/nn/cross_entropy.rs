//! `CrossEntropyLoss` against PyTorch's numbers, in `f64` and in `f32`, and its errors for wrong labels.

use downhill_nn::{CrossEntropyLoss, Reduction};
use downhill_tensor::{Float, Tensor, gradgradcheck};
use downhill_tests::assert_panics;

/// Logits with their labels, and PyTorch's answer.
struct Case {
    shape: [usize; 2],
    logits: Vec<f64>,
    labels: Tensor<i64>,
    losses: Vec<f64>,
    mean: f64,
    sum: f64,
    /// The gradient of the mean by the logits.
    gradient: Vec<f64>,
}

fn cases() -> Vec<Case> {
    let lines: Vec<&str> = include_str!("cross_entropy.txt").lines().filter(|line| !line.starts_with('#')).collect();
    let numbers = |text: &str| text.split_whitespace().map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
    let case = |lines: &[&str]| {
        let (shape, logits) = lines[0].split_once(": ").unwrap();
        let (rows, classes) = shape.split_once('x').unwrap();
        let labels: Vec<i64> = lines[1].split_whitespace().map(|label| label.parse().unwrap()).collect();
        let reduced = numbers(lines[3]);
        Case {
            shape: [rows.parse().unwrap(), classes.parse().unwrap()],
            logits: numbers(logits),
            labels: Tensor::from_vec(labels, [rows.parse::<usize>().unwrap()]).unwrap(),
            losses: numbers(lines[2]),
            mean: reduced[0],
            sum: reduced[1],
            gradient: numbers(lines[4]),
        }
    };
    lines.chunks(5).map(case).collect()
}

fn agrees_with_pytorch<T: Float>(tolerance: f64) {
    let cases = cases();
    assert_eq!(cases.len(), 7);
    for Case { shape, logits, labels, losses, mean, sum, gradient } in cases {
        let check = |what: &str, tensor: &Tensor<T>, wanted: &[f64]| {
            let got = tensor.detach().cast::<f64>().to_vec();
            assert_eq!(got.len(), wanted.len(), "{what} of {shape:?}");
            for (got, wanted) in got.iter().zip(wanted) {
                let close = (got - wanted).abs() <= tolerance * wanted.abs().max(1.0);
                assert!(close, "{what} of {logits:?}: {got} instead of {wanted}");
            }
        };
        let data = logits.iter().map(|&x| T::of(x)).collect();
        let logits = Tensor::from_vec(data, shape).unwrap().requires_grad_(true);
        let loss = |reduction| CrossEntropyLoss::new().reduction(reduction).forward(&logits, &labels);
        let default = CrossEntropyLoss::new().forward(&logits, &labels);
        check("mean", &default, &[mean]);
        check("mean", &loss(Reduction::Mean), &[mean]);
        check("sum", &loss(Reduction::Sum), &[sum]);
        check("losses", &loss(Reduction::None), &losses);

        default.backward();
        check("gradient of the mean", &logits.grad().unwrap(), &gradient);
        logits.zero_grad();
        loss(Reduction::Sum).backward();
        let rows = shape[0] as f64;
        check("gradient of the sum", &(logits.grad().unwrap() / rows), &gradient);
    }
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    agrees_with_pytorch::<f64>(1e-14);
    // The logits of the cases are up to 1e4: an error in the last place of 9999.5 is 5e-4, but that number is exact.
    agrees_with_pytorch::<f32>(2e-6);
}

#[test]
fn large_logits_stay_finite() {
    for scale in [1e2, 1e4, 1e30] {
        let logits = (Tensor::from([[1.0, -1.0, 0.5], [-1.0, 1.0, 1.0]]) * scale).requires_grad_(true);
        let loss = CrossEntropyLoss::new().forward(&logits, &Tensor::from([1, 0]));
        loss.backward();
        assert!(loss.item().is_finite(), "{scale}: {loss}");
        assert!(
            logits.grad().unwrap().to_vec().iter().all(|x| x.abs() <= 0.5),
            "{scale}: {}",
            logits.grad().unwrap()
        );
    }
}

#[test]
fn derivatives_of_both_orders_agree_with_finite_differences() {
    let (logits, labels) = (Tensor::<f64>::new([[0.3, -1.2, 0.8], [1.5, 0.1, -0.4]]), Tensor::from([2, 1]));
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        let criterion = CrossEntropyLoss::new().reduction(reduction);
        gradgradcheck(|[x]| criterion.forward(x, &labels), [&logits]).unwrap();
    }
}

#[test]
fn wrong_labels_and_shapes_are_refused() {
    let criterion = CrossEntropyLoss::new();
    let (logits, vector) = (Tensor::zeros([3, 10]), Tensor::zeros([3]));
    let check = |labels: Tensor<i64>, text: &str| {
        let panic = downhill_tests::panic_of(|| criterion.forward(&logits, &labels)).expect(text);
        assert_eq!(panic.text, text);
    };
    let range = "is out of range; with 10 classes labels run from 0 to 9";
    check(Tensor::from([0, 9, 10]), &format!("cross_entropy: label 10 in row 2 {range}"));
    check(Tensor::from([0, -1, 10]), &format!("cross_entropy: label -1 in row 1 {range}"));
    let expected = "cross_entropy: expected labels of shape";
    check(Tensor::from([0, 1]), &format!("{expected} [3] for outputs of shape [3, 10], got [2]"));
    let given = "got [3, 1]; call `reshape([3])` on them";
    check(Tensor::from([[0], [1], [2]]), &format!("{expected} [3] for outputs of shape [3, 10], {given}"));

    // The panic names the line that asked for the loss.
    let labels = Tensor::from([0, 1, 2]);
    let text = format!("{expected} [] for outputs of shape [3], got [3]");
    assert_panics(&text, || criterion.forward(&vector, &labels));
    let labels = Tensor::from([0, 1, 12]);
    assert_panics(&format!("cross_entropy: label 12 in row 2 {range}"), || criterion.forward(&logits, &labels));
}

#[test]
fn classes_in_the_last_dimension() {
    let (outputs, labels) = (Tensor::zeros([2, 3, 5]), Tensor::zeros([2, 3]).cast::<i64>());
    let text = "cross_entropy: expected labels of shape [2, 5] for outputs of shape [2, 3, 5], got [2, 3]; if the \
        classes are the last dimension, call `flatten_dims(0, 1)` on the outputs and on the labels, which makes 6 \
        rows of them";
    assert_panics(text, || CrossEntropyLoss::new().forward(&outputs, &labels));
    CrossEntropyLoss::new().forward(&outputs.flatten_dims(0, 1), &labels.flatten_dims(0, 1));
}
