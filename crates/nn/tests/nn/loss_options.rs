//! What losses refuse, in full, and how they are printed and visited as parts of a module.

use downhill_nn::{
    AnyTensor, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, Module, NLLLoss, Reduction,
    SmoothL1Loss, Visitor, functional,
};
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::assert_panics;

#[test]
fn targets_of_another_shape_are_refused_though_they_would_broadcast() {
    let (column, row) = (Tensor::zeros([4, 1]), Tensor::zeros([4]));
    let remedy = "call `reshape([4, 1])` on them";
    let text = |op: &str| format!("{op}: expected targets of shape [4, 1], as the outputs have, got [4]; {remedy}");
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        assert_panics(&text("mse_loss"), || MSELoss::new().reduction(reduction).forward(&column, &row));
        assert_panics(&text("l1_loss"), || L1Loss::new().reduction(reduction).forward(&column, &row));
        assert_panics(&text("smooth_l1_loss"), || SmoothL1Loss::new().reduction(reduction).forward(&column, &row));
        assert_panics(&text("huber_loss"), || HuberLoss::new().reduction(reduction).forward(&column, &row));
        let bce = BCEWithLogitsLoss::new().reduction(reduction);
        assert_panics(&text("binary_cross_entropy_with_logits"), || bce.forward(&column, &row));
    }
    assert_panics(&text("mse_loss"), || functional::mse_loss(&column, &row));
    assert_panics(&text("l1_loss"), || functional::l1_loss(&column, &row));
    assert_panics(&text("smooth_l1_loss"), || functional::smooth_l1_loss(&column, &row));
    assert_panics(&text("huber_loss"), || functional::huber_loss(&column, &row));
    let bce = functional::binary_cross_entropy_with_logits;
    assert_panics(&text("binary_cross_entropy_with_logits"), || bce(&column, &row));
    let text = "cross_entropy: expected probabilities of shape [4, 1], as the outputs have, got [4]; \
                class labels are integers: `labels.cast::<i64>()`";
    assert_panics(text, || CrossEntropyLoss::new().forward(&column, &row));
    assert_panics(text, || functional::cross_entropy(&column, &row));
}

#[test]
fn labels_that_do_not_fit_are_refused() {
    let (matrix, scalar, places) = (Tensor::zeros([2, 3]), Tensor::from(0.0), Tensor::zeros([2, 3, 2]));
    let (three, wrong) = (Tensor::from([0, 1, 2]), Tensor::from([-100, 3]));
    let wrong_place = Tensor::from([[0, 1], [2, -1]]);
    let text = |op: &str, text: &str| format!("{op}: {text}");

    let shape = "expected labels of shape [2] for outputs of shape [2, 3], got [3]";
    assert_panics(&text("cross_entropy", shape), || functional::cross_entropy(&matrix, &three));
    assert_panics(&text("nll_loss", shape), || functional::nll_loss(&matrix, &three));
    let shape = "expected labels of shape [2, 2] for outputs of shape [2, 3, 2], got [3]";
    assert_panics(&text("cross_entropy", shape), || CrossEntropyLoss::new().forward(&places, &three));
    assert_panics(&text("nll_loss", shape), || NLLLoss::new().forward(&places, &three));
    let shape = "expected outputs [classes] or [rows, classes, ...], got []";
    assert_panics(&text("cross_entropy", shape), || CrossEntropyLoss::new().forward(&scalar, &three));
    assert_panics(&text("cross_entropy", shape), || CrossEntropyLoss::new().forward(&scalar, &scalar));
    assert_panics(&text("nll_loss", shape), || NLLLoss::new().forward(&scalar, &three));

    let label = "label 3 in row 1 is out of range; with 3 classes labels run from 0 to 2";
    assert_panics(&text("cross_entropy", label), || CrossEntropyLoss::new().forward(&matrix, &wrong));
    assert_panics(&text("nll_loss", label), || NLLLoss::new().forward(&matrix, &wrong));
    let smooth = CrossEntropyLoss::new().label_smoothing(0.1);
    assert_panics(&text("cross_entropy", label), || smooth.forward(&matrix, &wrong));
    let label = "label -100 in row 0 is out of range; with 3 classes labels run from 0 to 2";
    assert_panics(&text("cross_entropy", label), || CrossEntropyLoss::new().ignore_index(3).forward(&matrix, &wrong));
    let label = "expected labels from 0 to 2, got label -1 at [1, 1]";
    assert_panics(&text("cross_entropy", label), || CrossEntropyLoss::new().forward(&places, &wrong_place));
    assert_panics(&text("nll_loss", label), || NLLLoss::new().forward(&places, &wrong_place));
}

#[test]
fn options_that_do_not_fit_are_refused() {
    for beta in [-1.0, f64::NAN] {
        let text = format!("smooth_l1_loss: beta is {beta}; it must be 0 or positive");
        assert_panics(&text, || SmoothL1Loss::new().beta(beta));
    }
    for delta in [0.0, -1.0, f64::NAN] {
        let text = format!("huber_loss: delta is {delta}; it must be positive");
        assert_panics(&text, || HuberLoss::new().delta(delta));
    }
    for smoothing in [1.1, f64::NAN] {
        let text = format!("cross_entropy: label_smoothing is {smoothing}; it must be between 0 and 1");
        assert_panics(&text, || CrossEntropyLoss::new().label_smoothing(smoothing));
    }

    let (outputs, labels, weight) = (Tensor::zeros([2, 3]), Tensor::from([0, 1]), Tensor::ones([2]));
    let text = "cross_entropy: expected a weight of shape [3], one for each class, got [2]";
    assert_panics(text, || CrossEntropyLoss::new().weight(&weight).forward(&outputs, &labels));
    assert_panics(text, || CrossEntropyLoss::new().weight(&weight).forward(&outputs, &outputs));
    let text = text.replace("cross_entropy", "nll_loss");
    assert_panics(&text, || NLLLoss::new().weight(&weight).forward(&outputs, &labels));
    let text = "cross_entropy: ignore_index is 1; it must be left out when the targets are probabilities";
    assert_panics(text, || CrossEntropyLoss::new().ignore_index(1).forward(&outputs, &outputs));

    // A weight that would broadcast the outputs to a larger shape is refused like one that does not fit.
    for shape in [&[2][..], &[2, 2, 3], &[1, 1, 1]] {
        let weight = Tensor::ones(shape);
        let text = |name: &str| {
            format!(
                "binary_cross_entropy_with_logits: expected {name} that broadcasts to [2, 3], the shape of the \
                outputs, got {shape:?}"
            )
        };
        assert_panics(&text("a weight"), || BCEWithLogitsLoss::new().weight(&weight).forward(&outputs, &outputs));
        let bce = BCEWithLogitsLoss::new().pos_weight(&weight);
        assert_panics(&text("a pos_weight"), || bce.forward(&outputs, &outputs));
    }
}

/// A weight is a constant of the loss: later changes do not affect it, it gets no gradient, and it may have another
/// type.
#[test]
fn weights_are_constants() {
    let weight = Tensor::from([1.0, 3.0]).requires_grad_(true);
    let criterion = CrossEntropyLoss::new().weight(&weight);
    no_grad(|| weight.fill_(7.0));
    let outputs = Tensor::<f64>::zeros([2, 2]).requires_grad_(true);
    let loss = criterion.reduction(Reduction::None).forward(&outputs, &Tensor::from([0, 1]));
    assert_eq!(loss.to_vec(), [2f64.ln(), 3.0 * 2f64.ln()]);
    loss.sum().backward();
    assert!(weight.grad().is_none() && outputs.grad().is_some());
}

#[derive(Default)]
struct Buffers(Vec<String>);

impl Visitor for Buffers {
    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        self.0.push(format!("{name} {:?}", buffer.shape()));
    }
}

#[test]
fn losses_are_modules_whose_weights_are_buffers() {
    let weight = Tensor::ones([3]);
    let rows: [(Box<dyn Module>, &str, &[&str]); 10] = [
        (Box::new(MSELoss::new()), "MSELoss", &[]),
        (Box::new(L1Loss::new()), "L1Loss", &[]),
        (Box::new(SmoothL1Loss::new().beta(0.5)), "SmoothL1Loss", &[]),
        (Box::new(HuberLoss::new().delta(2)), "HuberLoss", &[]),
        (Box::new(NLLLoss::new()), "NLLLoss", &[]),
        (Box::new(NLLLoss::new().weight(&weight)), "NLLLoss", &["weight [3]"]),
        (Box::new(CrossEntropyLoss::new()), "CrossEntropyLoss", &[]),
        (Box::new(CrossEntropyLoss::new().weight(&weight)), "CrossEntropyLoss", &["weight [3]"]),
        (Box::new(BCEWithLogitsLoss::new().pos_weight(&weight)), "BCEWithLogitsLoss", &["pos_weight [3]"]),
        (
            Box::new(BCEWithLogitsLoss::new().weight(&weight).pos_weight(&weight)),
            "BCEWithLogitsLoss",
            &["weight [3]", "pos_weight [3]"],
        ),
    ];
    for (loss, name, expected) in rows {
        let mut buffers = Buffers::default();
        loss.visit(&mut buffers);
        assert_eq!(
            (loss.name(), loss.num_parameters(), buffers.0),
            (name, 0, expected.iter().map(|x| x.to_string()).collect())
        );
        assert_eq!(downhill_nn::summary(&*loss), format!("{name}()"));
    }
    assert_eq!(CrossEntropyLoss::new().weight(&weight).to_string(), "CrossEntropyLoss()");
}
