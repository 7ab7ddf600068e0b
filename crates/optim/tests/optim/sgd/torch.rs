//! Twenty steps on two parameters with each set of options, against the numbers that PyTorch computed.

use downhill_optim::{Optimizer, SGD};
use downhill_tensor::Tensor;

fn with_options(mut sgd: SGD<f64>, options: &str) -> SGD<f64> {
    for option in options.split_whitespace() {
        let (name, value) = option.split_once('=').expect("name=value");
        let value: f64 = value.parse().expect("a number");
        sgd = match name {
            "momentum" => sgd.momentum(value),
            "dampening" => sgd.dampening(value),
            "weight_decay" => sgd.weight_decay(value),
            "nesterov" => sgd.nesterov(value == 1.0),
            "maximize" => sgd.maximize(value == 1.0),
            _ => panic!("unknown option {name}"),
        };
    }
    sgd
}

/// The numbers of a line as a tensor; `None` for `-`.
fn numbers(line: &str, word: &str, shape: &[usize]) -> Option<Tensor<f64>> {
    let text = line.strip_prefix(word).unwrap_or_else(|| panic!("{line} does not begin with {word}")).trim();
    let parse = || text.split(' ').map(|x| x.parse().expect("a number")).collect();
    (text != "-").then(|| Tensor::from_vec(parse(), shape).expect("as many numbers as the parameter has"))
}

#[test]
fn twenty_steps_on_two_parameters() {
    let shapes: [&[usize]; 2] = [&[2, 2], &[1]];
    let mut lines = include_str!("torch.txt").lines().filter(|line| !line.starts_with('#')).peekable();
    let mut blocks = 0;
    while let Some(options) = lines.next() {
        let options = options.strip_prefix("options").expect("a block begins with its options");
        let parameters = shapes.map(|shape| {
            numbers(lines.next().unwrap(), "start", shape).expect("a starting point").requires_grad_(true)
        });
        let mut optimizer = with_options(SGD::new(&parameters, 0.1), options);
        let mut steps = 0;
        while lines.peek().is_some_and(|line| line.starts_with("grad")) {
            for (parameter, shape) in parameters.iter().zip(shapes) {
                parameter.set_grad(numbers(lines.next().unwrap(), "grad", shape));
            }
            optimizer.step();
            steps += 1;
            for (parameter, shape) in parameters.iter().zip(shapes) {
                let expected = numbers(lines.next().unwrap(), "value", shape).unwrap().to_vec();
                for (found, expected) in parameter.to_vec().into_iter().zip(expected) {
                    let close = (found - expected).abs() <= 1e-13 * expected.abs().max(1.0);
                    assert!(close, "{options}, step {steps}: {found} instead of {expected}");
                }
            }
        }
        assert_eq!(steps, 20, "{options}");
        blocks += 1;
    }
    assert_eq!(blocks, 9);
}
