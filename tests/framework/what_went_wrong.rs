//! Diagnosing a whole network: where NaN came from, and an audit of the gradient of each parameter.

use downhill::prelude::*;
use downhill::tensor::{CutReason, Verdict};
use downhill_tests::panic_of;

use crate::model::LeNet;

/// A layer that cannot take 0.
#[derive(Clone, Module)]
struct Log {}

impl Layer for Log {
    type Output = Tensor;

    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        input.log()
    }
}

#[test]
fn an_anomaly_in_a_container_names_the_layer_and_the_line() {
    let net = nn::Sequential::new().add(nn::ReLU).add(Log {}).add(nn::Linear::new(2, 1));
    let x = Tensor::from([[1.0, -1.0]]);
    let text = panic_of(|| detect_anomaly(|| net.forward(&x))).expect("a logarithm of 0").text;
    let line = line!() - 1;
    let start =
        "log: -inf was made of finite numbers\n  ln x: element [0, 1] is -inf, where x[0, 1] = 0\n  applied at ";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains(&format!("applied at {}:{line}:", file!())), "{text}");
    assert!(text.contains(&format!("\n  in layer 1 (Log) of Sequential, called at {}:{line}:", file!())), "{text}");
}

#[test]
fn a_slope_in_a_container_names_the_line_of_the_forward_and_of_the_backward_pass() {
    let net = nn::Sequential::new().add(nn::Linear::<f64>::of(2, 1)).add(nn::Flatten::new());
    let x = Tensor::<f64>::zeros([1, 2]);
    no_grad(|| net.parameters_of::<f64>()[1].zero_());
    let line = line!() + 2;
    let panic = panic_of(|| {
        detect_anomaly(|| net.forward(&x).sqrt().sum().backward());
    });
    let text = panic.expect("an infinite slope").text;
    let start = "sqrt: its backward made inf of finite numbers\n  grad / (2√x): element [0, 0] of the gradient of x \
        is inf, where grad[0, 0] = 1, x[0, 0] = 0\n";
    assert!(text.starts_with(start), "{text}");
    for place in ["applied", "backward called"] {
        assert!(text.contains(&format!("{place} at {}:{line}:", file!())), "{text}");
    }
}

#[test]
fn a_network_is_audited_by_the_names_of_its_parameters() {
    manual_seed(0);
    let net = LeNet::new();
    let (images, labels) = (Tensor::randn([2, 1, 28, 28]), Tensor::from([3, 7]));
    let (_, tape) = Tape::record(|| nn::functional::cross_entropy(&net.forward(&images), &labels).backward());
    let audit = tape.with_names(net.named_parameters()).audit();
    let names: Vec<&str> = audit.rows().iter().map(|row| row.name()).collect();
    assert_eq!(names, net.named_parameters().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    assert!(audit.is_ok(), "{audit}");
    for ((_, parameter), row) in net.named_parameters().iter().zip(audit.rows()) {
        let norm = parameter.grad().unwrap().norm().item();
        assert!((row.reached().unwrap().norm - norm).abs() < 1e-5 * norm, "{}: {norm}\n{audit}", row.name());
    }
}

#[test]
fn a_dead_layer_and_a_cut_are_told_of_a_network() {
    let (first, second, last) = (nn::Linear::new(2, 4), nn::Linear::new(4, 4), nn::Linear::new(4, 1));
    let aside = nn::Linear::new(4, 1);
    no_grad(|| first.bias.as_ref().unwrap().fill_(-100.0));
    let x = Tensor::ones([3, 2]);
    let (dead, cut) = (line!() + 2, line!() + 3);
    let (_, tape) = Tape::record(|| {
        let hidden = first.forward(&x).relu();
        let side = aside.forward(&second.forward(&hidden)).detach();
        (last.forward(&hidden) + side).mean().backward();
    });
    let names = [("first", &first), ("second", &second), ("last", &last), ("aside", &aside)];
    let parameters = names.iter().flat_map(|(layer, net)| {
        net.named_parameters().into_iter().map(move |(name, parameter)| (format!("{layer}.{name}"), parameter))
    });
    let audit = tape.with_names(parameters).audit();
    let verdicts: Vec<Verdict> = audit.rows().iter().map(|row| row.verdict()).collect();
    let expected = [Verdict::AllZero, Verdict::AllZero, Verdict::NotReached, Verdict::NotReached];
    assert_eq!((&verdicts[..4], &verdicts[6..]), (&expected[..], &expected[2..]), "{audit}");
    let hint = audit.row("first.weight").unwrap().hint().expect("a dead relu");
    assert!(hint.starts_with(&format!("dead relu: `relu` at {}:{dead}:", file!())), "{hint}");
    for name in ["second.weight", "aside.bias"] {
        let [found] = audit.row(name).unwrap().cuts() else { panic!("one cut\n{audit}") };
        assert_eq!((found.reason(), found.line().line()), (CutReason::Detach, cut), "{audit}");
    }
    // The output of a dead layer is 0, and so is the gradient of the weight after it.
    assert_eq!(verdicts[4..6], [Verdict::AllZero, Verdict::Ok], "{audit}");
}
