//! Steps of every optimiser against the numbers that PyTorch computed.

use downhill_optim::{Adagrad, Adam, AdamW, LBFGS, Optimizer, ParamGroups, RMSprop};
use downhill_tensor::Tensor;

/// The numbers of a line; `None` for `-`.
fn numbers(line: &str) -> Vec<Option<f64>> {
    line.split(' ').map(|word| (word != "-").then(|| word.parse().expect("a number"))).collect()
}

fn assert_close(found: &[f64], expected: &[f64], relative: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let close = (found - expected).abs() <= relative * expected.abs().max(1.0);
        assert!(close, "{what}: {found} instead of {expected}");
    }
}

/// The title of each case and its lines without their first word.
fn cases(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut cases: Vec<(&str, Vec<&str>)> = vec![("", Vec::new())];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').expect("a word and the rest");
        match word {
            "case" => cases.push((rest, Vec::new())),
            _ => cases.last_mut().expect("a case").1.push(rest),
        }
    }
    cases
}

/// Sets the options of a title such as `Adam lr=0.1 beta1=0.9`.
fn set_options(optimizer: &mut dyn ParamGroups, title: &str) {
    for (name, value) in title.split(' ').filter_map(|word| word.split_once('=')) {
        let mut groups = optimizer.groups_mut();
        match value.parse::<bool>() {
            Ok(value) => groups[0].set(name, value),
            Err(_) => groups[0].set(name, value.parse::<f64>().expect("a number")),
        }
    }
}

#[test]
fn eight_steps_on_two_parameters() {
    let cases = cases(include_str!("trajectories.txt"));
    let gradients: Vec<_> = cases[0].1.iter().map(|line| numbers(line)).collect();
    let mut checked = 0;
    for (title, lines) in cases[1..].iter().filter(|(title, _)| !title.starts_with("LBFGS")) {
        let a = Tensor::<f64>::new([[1.0, -2.0], [0.5, 3.0]]).requires_grad_(true);
        let b = Tensor::<f64>::new([0.25]).requires_grad_(true);
        let mut optimizer: Box<dyn Optimizer> = match title.split(' ').next().unwrap() {
            "Adam" => Box::new(Adam::new([&a, &b], 0.0)),
            "AdamW" => Box::new(AdamW::new([&a, &b], 0.0)),
            "RMSprop" => Box::new(RMSprop::new([&a, &b], 0.0)),
            "Adagrad" => Box::new(Adagrad::new([&a, &b], 0.0)),
            name => panic!("unknown optimiser {name}"),
        };
        set_options(&mut *optimizer, title);
        for (step, (gradient, line)) in gradients.iter().zip(lines).enumerate() {
            let of_a = gradient[..4].iter().map(|g| g.expect("a gradient")).collect();
            a.set_grad(Some(Tensor::from_vec(of_a, [2, 2]).unwrap()));
            b.set_grad(gradient[4].map(|g| Tensor::<f64>::new([g])));
            optimizer.step();
            let expected: Vec<f64> = numbers(line).into_iter().flatten().collect();
            assert_close(&[a.to_vec(), b.to_vec()].concat(), &expected, 1e-14, &format!("{title}, step {step}"));
        }
        assert_eq!(lines.len(), 8, "{title}");
        checked += 1;
    }
    assert_eq!(checked, 15);
}

fn function(name: &str, position: &Tensor<f64>) -> Tensor<f64> {
    let (x, y) = (position.select(0, 0), position.select(0, 1));
    match name {
        "rosenbrock" => (&y - x.square()).square() * 100 + (1 - &x).square(),
        "quartic" => (&x + 10 * &y).square().square() + 5 * x.square() + &y,
        "wave" => (3 * &x).sin() * (2 * &y).cos() + 0.1 * x.square() + 0.1 * y.square(),
        _ => panic!("unknown function {name}"),
    }
}

#[test]
fn steps_of_lbfgs() {
    let mut checked = 0;
    for (title, lines) in cases(include_str!("trajectories.txt")) {
        let Some(rest) = title.strip_prefix("LBFGS ") else { continue };
        let name = rest.split(' ').next().unwrap();
        let position = Tensor::<f64>::new([-1.2, 1.0]).requires_grad_(true);
        let mut optimizer = LBFGS::new([&position], 1.0);
        set_options(&mut optimizer, title);
        for (step, line) in lines.iter().enumerate() {
            let what = format!("{title}, step {step}");
            let mut evaluations = 0;
            let loss = optimizer.step_with(|| {
                evaluations += 1;
                position.zero_grad();
                let loss = function(name, &position);
                loss.backward();
                loss
            });
            let expected: Vec<f64> = numbers(line).into_iter().flatten().collect();
            // A quasi-Newton method amplifies the last bits, in which two libraries differ.
            assert_close(&[loss.item()], &expected[..1], 1e-8, &what);
            assert_eq!(evaluations as f64, expected[1], "{what}");
            assert_close(&position.to_vec(), &expected[2..], 1e-7, &what);
        }
        assert_eq!(lines.len(), 5, "{title}");
        checked += 1;
    }
    assert_eq!(checked, 11);
}

#[test]
fn the_same_steps_in_f32() {
    let start = [1.0, -2.0];
    let f64s = Tensor::<f64>::new(start).requires_grad_(true);
    let f32s = Tensor::from(start.map(|x| x as f32)).requires_grad_(true);
    let mut optimizers: [Box<dyn Optimizer>; 2] =
        [Box::new(AdamW::new([&f64s], 0.1).amsgrad(true)), Box::new(AdamW::new([&f32s], 0.1).amsgrad(true))];
    for step in 0..20 {
        let gradient = [f64::from(step).sin(), f64::from(step).cos()];
        f64s.set_grad(Some(Tensor::<f64>::new(gradient)));
        f32s.set_grad(Some(Tensor::from(gradient.map(|x| x as f32))));
        optimizers.iter_mut().for_each(|optimizer| optimizer.step());
        let widened: Vec<f64> = f32s.to_vec().into_iter().map(f64::from).collect();
        assert_close(&widened, &f64s.to_vec(), 1e-5, &format!("step {step}"));
    }
}

/// The variance of gradients that do not change is 0, which rounding must not make negative.
#[test]
fn centered_rmsprop_with_one_gradient() {
    for (alpha, gradient) in [(0.9, 3.3), (0.99, 1e-3), (0.5, 7.0), (0.9, 1e25), (0.9, 1e-30)] {
        for momentum in [0.0, 0.9] {
            let w = Tensor::<f32>::new([0.0]).requires_grad_(true);
            let mut optimizer = RMSprop::new([&w], 0.01).alpha(alpha).centered(true).momentum(momentum);
            for step in 1..3000 {
                w.set_grad(Some(Tensor::new([gradient])));
                optimizer.step();
                assert!(
                    w.item().is_finite(),
                    "alpha {alpha}, gradient {gradient}, momentum {momentum}: NaN at step {step}"
                );
            }
        }
    }
}
