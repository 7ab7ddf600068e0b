//! Every loss with every option against PyTorch's numbers, in `f64` and in `f32`, and against finite differences.

use downhill_nn::{
    BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss, Reduction, SmoothL1Loss, functional,
};
use downhill_tensor::{Float, Tensor, gradgradcheck};

type Call<T> = fn(Reduction, &[Tensor<T>], &Tensor<i64>) -> Tensor<T>;

/// One way to call a loss, for both types of floating-point numbers.
struct Row {
    /// The text of the call, its key in `losses.txt`.
    call: &'static str,
    f64: Call<f64>,
    f32: Call<f32>,
}

macro_rules! rows {
    ($(|$r:ident, $labels:tt, $($x:ident),+| $call:expr;)+) => {
        &[$(Row {
            call: stringify!($call),
            f64: |$r, inputs, $labels| rows!(@ inputs, $($x),+; $call),
            f32: |$r, inputs, $labels| rows!(@ inputs, $($x),+; $call),
        }),+]
    };
    (@ $inputs:ident, $($x:ident),+; $call:expr) => {{
        let [$($x),+] = $inputs else { panic!("the row takes another number of inputs than the case has") };
        $call
    }};
}

const ROWS: &[Row] = rows! {
    |r, _, x, y| MSELoss::new().reduction(r).forward(x, y);
    |r, _, x, y| L1Loss::new().reduction(r).forward(x, y);
    |r, _, x, y| SmoothL1Loss::new().reduction(r).forward(x, y);
    |r, _, x, y| SmoothL1Loss::new().beta(0.5).reduction(r).forward(x, y);
    |r, _, x, y| SmoothL1Loss::new().beta(0).reduction(r).forward(x, y);
    |r, _, x, y| HuberLoss::new().reduction(r).forward(x, y);
    |r, _, x, y| HuberLoss::new().delta(0.5).reduction(r).forward(x, y);
    |r, _, x, y| HuberLoss::new().delta(2).reduction(r).forward(x, y);

    |r, labels, x| CrossEntropyLoss::new().reduction(r).forward(x, labels);
    |r, labels, x, w| CrossEntropyLoss::new().weight(w).reduction(r).forward(x, labels);
    |r, labels, x, w| CrossEntropyLoss::new().weight(w).ignore_index(1).reduction(r).forward(x, labels);
    |r, labels, x| CrossEntropyLoss::new().ignore_index(255).reduction(r).forward(x, labels);
    |r, labels, x| CrossEntropyLoss::new().label_smoothing(0.1).reduction(r).forward(x, labels);
    |r, labels, x| CrossEntropyLoss::new().label_smoothing(1.0).reduction(r).forward(x, labels);
    |r, labels, x| CrossEntropyLoss::new().label_smoothing(-0.2).reduction(r).forward(x, labels);
    |r, labels, x, w| CrossEntropyLoss::new().weight(w).label_smoothing(0.2).reduction(r).forward(x, labels);
    |r, _, x, y| CrossEntropyLoss::new().reduction(r).forward(x, y);
    |r, _, x, y, w| CrossEntropyLoss::new().weight(w).label_smoothing(0.2).reduction(r).forward(x, y);

    |r, labels, x| NLLLoss::new().reduction(r).forward(x, labels);
    |r, labels, x, w| NLLLoss::new().weight(w).reduction(r).forward(x, labels);
    |r, labels, x, w| NLLLoss::new().weight(w).ignore_index(1).reduction(r).forward(x, labels);
    |r, labels, x| NLLLoss::new().ignore_index(255).reduction(r).forward(x, labels);

    |r, _, x, y| BCEWithLogitsLoss::new().reduction(r).forward(x, y);
    |r, _, x, y, w| BCEWithLogitsLoss::new().weight(w).reduction(r).forward(x, y);
    |r, _, x, y, w| BCEWithLogitsLoss::new().pos_weight(w).reduction(r).forward(x, y);
    |r, _, x, y, w, p| BCEWithLogitsLoss::new().weight(w).pos_weight(p).reduction(r).forward(x, y);
};

/// A call with some inputs, and PyTorch's answers.
struct Case {
    row: &'static Row,
    smooth: bool,
    leaves: Vec<Numbers>,
    constants: Vec<Numbers>,
    labels: Tensor<i64>,
    answers: Vec<Answer>,
}

struct Answer {
    reduction: Reduction,
    loss: Numbers,
    seed: Numbers,
    /// The gradient of each leaf.
    grads: Vec<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Numbers {
    /// `[2,3] 1 2 3 nan -inf -0`.
    fn parse(text: &str) -> Self {
        let (shape, data) = text.split_once(' ').unwrap_or((text, ""));
        let sizes = shape.trim_matches(['[', ']']).split(',').filter(|size| !size.is_empty());
        Numbers {
            shape: sizes.map(|size| size.parse().unwrap()).collect(),
            data: data.split_whitespace().map(|x| x.parse().unwrap()).collect(),
        }
    }

    fn tensor<T: Float>(&self) -> Tensor<T> {
        Tensor::from_vec(self.data.iter().map(|&x| T::of(x)).collect(), self.shape.as_slice()).unwrap()
    }

    /// Panics where a tensor differs by more than `tolerance` of these numbers, or of 1 where they are smaller.
    fn check<T: Float>(&self, what: &str, got: &Tensor<T>, tolerance: f64) {
        assert_eq!(got.shape(), self.shape, "{what}");
        for (i, (got, &want)) in got.detach().cast::<f64>().to_vec().into_iter().zip(&self.data).enumerate() {
            let close = got == want || (got.is_nan() && want.is_nan());
            let close = close || (got - want).abs() <= tolerance * want.abs().max(1.0);
            assert!(close, "{what}: element {i} is {got} instead of {want}");
        }
    }
}

/// All cases in the order of the file.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("losses.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').expect("a word and its values");
        if let "smooth" | "edge" = word {
            let row = ROWS.iter().find(|row| without_spaces(row.call) == without_spaces(rest));
            let row = row.unwrap_or_else(|| panic!("no row for {rest}"));
            let (leaves, constants, labels, answers) = (Vec::new(), Vec::new(), Tensor::from(0), Vec::new());
            cases.push(Case { row, smooth: word == "smooth", leaves, constants, labels, answers });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with its call");
        let numbers = Numbers::parse(rest);
        let mut answer = |reduction, loss| {
            case.answers.push(Answer { reduction, loss, seed: Numbers::default(), grads: Vec::new() });
        };
        match word {
            "leaf" => case.leaves.push(numbers),
            "const" => case.constants.push(numbers),
            "labels" => case.labels = numbers.tensor::<f64>().cast(),
            "mean" => answer(Reduction::Mean, numbers),
            "sum" => answer(Reduction::Sum, numbers),
            "none" => answer(Reduction::None, numbers),
            "seed" => case.answers.last_mut().expect("a loss").seed = numbers,
            "grad" => case.answers.last_mut().expect("a loss").grads.push(numbers),
            _ => panic!("unknown line: {line}"),
        }
    }
    cases
}

fn without_spaces(call: &str) -> String {
    call.split_whitespace().collect()
}

#[test]
fn every_row_has_cases() {
    let cases = cases();
    for row in ROWS {
        let known = cases.iter().any(|case| case.row.call == row.call);
        assert!(known, "tests/python/loss_cases.py has no case for {}", row.call);
    }
    assert_eq!(cases.len(), 113);
}

fn agrees_with_pytorch<T: Float>(call: fn(&Row) -> Call<T>, tolerance: f64) {
    for case in cases() {
        for Answer { reduction, loss, seed, grads } in &case.answers {
            let what = format!("{reduction:?} of {} of {:?}", case.row.call, case.leaves[0]);
            let leaves: Vec<Tensor<T>> = case.leaves.iter().map(|leaf| leaf.tensor().requires_grad_(true)).collect();
            let mut inputs = leaves.clone();
            inputs.extend(case.constants.iter().map(Numbers::tensor));
            let output = call(case.row)(*reduction, &inputs, &case.labels);
            loss.check(&what, &output, tolerance);
            output.backward_with(&seed.tensor());
            assert_eq!(grads.len(), leaves.len(), "{what}");
            for (i, (leaf, grad)) in leaves.iter().zip(grads).enumerate() {
                grad.check(&format!("gradient {i} of {what}"), &leaf.grad().unwrap(), tolerance);
            }
        }
    }
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    agrees_with_pytorch::<f64>(|row| row.f64, 1e-13);
}

#[test]
fn f32_gives_the_same_to_its_accuracy() {
    agrees_with_pytorch::<f32>(|row| row.f32, 2e-5);
}

#[test]
fn derivatives_of_both_orders_agree_with_finite_differences() {
    fn check<const N: usize>(case: &Case, reduction: Reduction) {
        let leaves: [Tensor<f64>; N] = std::array::from_fn(|i| case.leaves[i].tensor());
        let loss = |leaves: [&Tensor<f64>; N]| {
            let inputs: Vec<Tensor<f64>> =
                leaves.into_iter().cloned().chain(case.constants.iter().map(Numbers::tensor)).collect();
            (case.row.f64)(reduction, &inputs, &case.labels)
        };
        gradgradcheck(loss, leaves.each_ref()).unwrap_or_else(|error| panic!("{}: {error}", case.row.call));
    }
    for case in cases().iter().filter(|case| case.smooth) {
        for Answer { reduction, .. } in &case.answers {
            match case.leaves.len() {
                1 => check::<1>(case, *reduction),
                2 => check::<2>(case, *reduction),
                count => panic!("no check for {count} leaves"),
            }
        }
    }
}

#[test]
fn functions_are_the_losses_without_options() {
    let (x, y) =
        (Tensor::from([[0.5, -1.5, 3.0], [0.0, 2.0, 1.0]]), Tensor::from([[1.0, 0.5, 0.0], [0.0, 1.0, 0.25]]));
    let labels = Tensor::from([2, 0]);
    let rows = [
        (functional::mse_loss(&x, &y), MSELoss::new().forward(&x, &y)),
        (functional::l1_loss(&x, &y), L1Loss::new().forward(&x, &y)),
        (functional::smooth_l1_loss(&x, &y), SmoothL1Loss::new().forward(&x, &y)),
        (functional::huber_loss(&x, &y), HuberLoss::new().forward(&x, &y)),
        (functional::cross_entropy(&x, &labels), CrossEntropyLoss::new().forward(&x, &labels)),
        (functional::cross_entropy(&x, &y), CrossEntropyLoss::new().forward(&x, &y)),
        (functional::nll_loss(&x, &labels), NLLLoss::new().forward(&x, &labels)),
        (functional::binary_cross_entropy_with_logits(&x, &y), BCEWithLogitsLoss::new().forward(&x, &y)),
    ];
    for (i, (function, loss)) in rows.iter().enumerate() {
        assert_eq!(function.item(), loss.item(), "row {i}");
    }
}
