//! Where infinity and NaN come from: every message, what is no anomaly, and that detection changes no result.

use std::panic::Location;

use downhill_tensor::prelude::*;
use downhill_tensor::{Anomaly, Array, Fixed, Op, OpKind, Saved, Saves, calling, detect_anomaly};
use downhill_tests::panic_of;

/// A leaf that requires a gradient.
fn leaf<const N: usize>(values: [f32; N]) -> Tensor {
    Tensor::from(values).requires_grad_(true)
}

fn leaf_f64<const N: usize>(values: [f64; N]) -> Tensor<f64> {
    Tensor::<f64>::new(values).requires_grad_(true)
}

/// What is wrong, the numbers, the lines behind `line!()` of the operation and of the backward pass, how the remedy
/// begins.
type Row = (&'static str, &'static str, [u32; 2], &'static str, fn());

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        ("log: -inf was made of finite numbers", "ln x: element [1] is -inf, where x[1] = 0", [line!() + 1, 0],
         "ln 0 is minus infinity: keep the argument above 0", || drop(Tensor::from([1.0, 0.0]).log())),
        ("log: NaN was made of finite numbers", "ln x: element [0, 1] is NaN, where x[0, 1] = -2", [line!() + 1, 0],
         "a negative number has no logarithm", || drop(Tensor::from([[1.0, -2.0]]).log())),
        ("div: inf was made of finite numbers",
         "a / b: element [1, 0] is inf, where a[0, 0] = 3, b[1, 0] = 0 (b is w)", [line!() + 2, 0],
         "a division by 0: add a small number to the divisor",
         || drop(Tensor::from([[3.0]]) / leaf([1.0, 0.0]).named("w").reshape([2, 1]).copy().named("w"))),
        ("div: NaN was made of finite numbers", "a / number: element [0] is NaN, where a[0] = 0", [line!() + 1, 0],
         "a division by 0: the plain number", || drop(Tensor::from([0.0]) / 0)),
        ("div: -inf was made of finite numbers",
         "number / b: the only element is -inf, where b = -0", [line!() + 1, 0],
         "a division by 0: add a small number to the divisor", || drop(1 / Tensor::from(-0.0))),
        ("sqrt: NaN was made of finite numbers", "√x: element [0] is NaN, where x[0] = -1", [line!() + 1, 0],
         "a negative number has no square root", || drop(leaf_f64([-1.0]).sqrt())),
        ("exp: inf was made of finite numbers", "eˣ: element [2] is inf, where x[2] = 100", [line!() + 1, 0],
         "eˣ is beyond f32 from x = 88.7", || drop(leaf([1.0, 2.0, 100.0]).exp())),
        ("exp: inf was made of finite numbers", "eˣ: element [0] is inf, where x[0] = 1000", [line!() + 1, 0],
         "eˣ is beyond f64 from x = 709.8", || drop(leaf_f64([1000.0]).exp())),
        ("pow: inf was made of finite numbers", "xⁿ: element [0] is inf, where x[0] = 0", [line!() + 1, 0],
         "0 to a negative power", || drop(leaf([0.0]).pow(-1))),
        ("mul: NaN was made of infinite ones", "a * b: element [0] is NaN, where a[0] = 0, b = inf", [line!() + 1, 0],
         "NaN comes from 0 * inf,", || drop(leaf([0.0]) * Tensor::from(f32::INFINITY))),
        ("softmax: NaN was made of infinite ones",
         "y = eˣ / Σ eˣ: element [0] is NaN, where x of shape [2] goes from -inf to -inf", [line!() + 1, 0],
         "a row whose elements are all -inf", || drop(Tensor::full([2], f64::NEG_INFINITY).softmax(0))),
        ("matmul: inf was made of finite numbers",
         "A B: element [0, 0] is inf, where A of shape [1, 2] goes from 1e30 to 1e30, B of shape [2, 1] goes from -1 \
          to 1e30", [line!() + 2, 0],
         "a number beyond 3.4e38, the largest of f32",
         || drop(Tensor::full([1, 2], 1e30).matmul(&Tensor::from([[1e30], [-1.0]])))),
        ("mean: NaN was made of finite numbers",
         "1/n Σ x: the only element is NaN, where x of shape [0] has no elements", [line!() + 1, 0],
         "there is nothing to average", || drop(Tensor::zeros([0]).mean())),
        ("var: NaN was made of finite numbers",
         "1/(n - c) Σ (x - mean)²: the only element is NaN, where x[0] = 3", [line!() + 1, 0],
         "a sample of one element has no variance", || drop(leaf([3.0]).var())),
        ("cast: inf was made of finite numbers", "cast: element [0] is inf, where x[0] = 1e300", [line!() + 1, 0],
         "the number is too large for the new type", || drop(Tensor::<f64>::new([1e300]).cast::<f32>())),
        ("sqrt: its backward made inf of finite numbers",
         "grad / (2√x): element [1] of the gradient of x is inf, where grad[1] = 1, x[1] = 0 (x is w)",
         [line!() + 1, line!() + 2],
         "the slope of √x at 0 is infinite", || { let y = leaf([4.0, 0.0]).named("w").sqrt();
            y.sum().backward() }),
        ("sqrt: its backward made NaN of finite numbers",
         "grad / (2√x): element [1] of the gradient of x is NaN, where grad[1] = 0, x[1] = 0",
         [line!() + 1, line!() + 2],
         "0 * inf is NaN: the gradient is 0 here", || { let y = leaf([4.0, 0.0]).sqrt();
            y.masked_fill(&Tensor::from([false, true]), 0).sum().backward() }),
        ("div: its backward made -inf of finite numbers",
         "-grad * a / b²: element [0] of the gradient of b is -inf, where grad[0] = 1, a[0] = 1, b[0] = 1e-30",
         [line!() + 1, line!() + 2],
         "the slope of a / b is a / b²", || { let y = Tensor::from([1.0]) / leaf([1e-30]);
            y.backward_with(&Tensor::from([1.0])) }),
        ("mul: its backward made inf of finite numbers",
         "grad * b: element [0] of the gradient of a is inf, where grad[0] = 1e30, a[0] = 1e-30, b[0] = 1e30",
         [line!() + 1, line!() + 2],
         "a number beyond 3.4e38", || { let y = leaf([1e-30]) * Tensor::from([1e30]);
            y.backward_with(&Tensor::from([1e30])) }),
        ("leaf: the sum of the gradients of its output is inf, and its terms are not",
         "element [0] of [1] is inf", [0, line!() + 2],
         "a hook (`register_hook`) has replaced it, or the terms are too large", || { let x = leaf([1.0]);
            (&x + &x).backward_with(&Tensor::from([3e38])) }),
        ("leaf: the sum of the gradients of its output is NaN, and its terms are not",
         "the only element of [] is NaN", [0, line!() + 3],
         "a hook (`register_hook`) has replaced it", || { let x = Tensor::from(1.0).requires_grad_(true);
            x.register_hook(|grad| Some(grad * f64::NAN));
            x.square().backward() }),
    ]
}

#[test]
fn every_anomaly_names_the_operation_the_numbers_and_the_lines() {
    let place = |line: u32| format!("at {}:{line}:", file!());
    for (made, numbers, [applied, backward], remedy, call) in rows() {
        let panic = panic_of(|| detect_anomaly(call)).unwrap_or_else(|| panic!("no panic, instead of: {made}"));
        let lines: Vec<&str> = panic.text.lines().map(str::trim).collect();
        assert_eq!(lines[..2], [made, numbers], "{}", panic.text);
        let expected = [(applied, "applied "), (backward, "backward called ")].map(|(line, what)| match line {
            0 => String::new(),
            _ => format!("{what}{}", place(line)),
        });
        assert!(expected.iter().all(|place| lines[2].contains(place.as_str())), "{expected:?} in {}", panic.text);
        assert!(lines[3].starts_with(remedy) && lines.len() == 4, "{}", panic.text);
        let line = if backward > 0 { backward } else { applied };
        assert_eq!((panic.file.as_str(), panic.line), (file!(), line), "{made}: the line of the panic");
        assert!(panic_of(call).is_none(), "{made}: without detection there is no message");
    }
}

#[test]
fn infinity_that_was_asked_for_is_no_anomaly() {
    detect_anomaly(|| {
        let x = leaf([1.0, 2.0, 3.0]);
        let masked = x.masked_fill(&Tensor::from([false, true, false]), f64::NEG_INFINITY);
        let added = &x + Tensor::from([0.0, f32::NEG_INFINITY, 0.0]);
        let one = Tensor::where_(&x.gt(2), &x, &Tensor::full([3], f64::INFINITY));
        (masked.softmax(0) + added.softmax(0)).square().sum().backward();
        assert_eq!(one.amin(0).item(), 3.0);
        assert!(x.grad().unwrap().to_vec().iter().all(|g| g.is_finite()));
    });
}

#[test]
fn a_graph_of_the_gradient_is_looked_at_by_its_gradients_alone() {
    // The rule of `std` divides by 0 and masks the result.
    let second = detect_anomaly(|| {
        let x = leaf_f64([2.0, 2.0]);
        let [dx] = Backward::of(&x.std()).create_graph().grads([&x]);
        dx.unwrap()
    });
    assert_eq!(second.to_vec(), [0.0, 0.0]);

    let (mut first, mut line) = (0, 0);
    let panic = panic_of(|| {
        detect_anomaly(|| {
            let x = leaf_f64([1e-200]);
            let y = x.log();
            first = line!() + 1;
            let [dx] = Backward::with(&y, &Tensor::<f64>::new([1.0])).create_graph().grads([&x]);
            line = line!() + 1;
            grad(&dx.unwrap().sum(), [&x])
        })
    });
    let text = panic.expect("the second derivative overflows").text;
    assert!(
        text.starts_with("div: its backward made -inf of finite numbers\n  -grad * a / b²: element [0]"),
        "{text}"
    );
    let place = format!("applied by the backward pass with `create_graph` at {}:{first}:", file!());
    assert!(text.contains(&place) && text.contains(&format!("backward called at {}:{line}:", file!())), "{text}");
}

#[test]
fn an_operation_in_a_container_names_the_line_that_called_it() {
    let x = leaf([0.0]);
    let line = Location::caller();
    let panic = panic_of(|| detect_anomaly(|| calling("layer 0 (Log) of Net", line, || x.log())));
    let text = panic.expect("a logarithm of 0").text;
    assert!(text.contains(&format!("applied at {line}\n")), "{text}");
    assert!(text.ends_with(&format!("\n  in layer 0 (Log) of Net, called at {line}")), "{text}");
}

#[test]
fn a_backward_pass_alone_tells_what_it_knows() {
    let y = leaf([0.0]).sqrt().sum();
    let text = panic_of(|| detect_anomaly(|| y.backward())).expect("an infinite slope").text;
    let expected = "sqrt: its backward made inf of finite numbers\n  \
                    element [0] of the gradient of input 0 is inf, where grad[0] = 1\n  \
                    applied before `detect_anomaly` began, backward called at ";
    assert!(text.starts_with(expected), "{text}");
    assert!(
        text.ends_with("put the forward pass into the closure as well, to be told its line and its numbers"),
        "{text}"
    );
}

#[test]
fn looking_changes_no_bit_and_ends_with_the_scope() {
    let train = || {
        manual_seed(3);
        let (x, y) = (Tensor::randn([16, 4]), Tensor::randn([16, 1]));
        let w = Tensor::randn([4, 1]).requires_grad_(true);
        for _ in 0..200 {
            w.zero_grad();
            (x.matmul(&w).tanh() * x.sum_keepdim(1).sigmoid() - &y).square().mean().backward();
            no_grad(|| w.sub_(&(0.1 * w.grad().unwrap())));
        }
        w.to_vec()
    };
    assert_eq!(detect_anomaly(train), train());
    assert_eq!(Tensor::from([0.0]).log().to_vec(), [f32::NEG_INFINITY], "detection is off again");
}

#[test]
fn several_passes_over_one_graph_know_its_lines() {
    let panic = panic_of(|| {
        detect_anomaly(|| {
            let x = leaf([0.0]);
            let root = x.sqrt();
            Backward::of(&root.masked_fill(&Tensor::from([true]), 0).sum().exp()).retain_graph().run();
            root.sum().backward();
        })
    });
    let text = panic.expect("0 * inf").text;
    assert!(text.contains("element [0] of the gradient of x is NaN, where grad[0] = 0, x[0] = 0"), "{text}");
}

#[test]
fn a_pass_that_a_hook_ends_by_a_panic_has_ended() {
    let x = Tensor::from([1.0]).requires_grad_(true);
    x.register_hook(|_| panic!("a hook"));
    let message = panic_of(|| {
        detect_anomaly(|| {
            assert!(panic_of(|| x.square().sum().backward()).is_some());
            Tensor::from([0.0]).log()
        })
    });
    let text = message.expect("the operation after it is checked").text;
    assert!(text.starts_with("log: -inf was made of finite numbers"), "{text}");
}

/// A user's 1 / x that declares its kind, under the name of another operation.
struct Inverse<const KIND: usize>;

const KINDS: [OpKind; 5] = [OpKind::Elementwise, OpKind::Masked, OpKind::Reduction, OpKind::View, OpKind::Other];

impl<const KIND: usize> Op for Inverse<KIND> {
    type Arity = Fixed<1>;
    const NAME: &'static str = "matmul";
    const FORMULA: &'static str = "1 / x";
    const DERIVATIVE: &'static str = "-grad / x²";
    const KIND: OpKind = KINDS[KIND];
    const SAVES: Saves = Saves::Inputs;

    fn remedy(at: &Anomaly<'_>) -> Option<&'static str> {
        match at.is_backward {
            true => None,
            false => Some(if at.input(0).is_some() { "the divisor is known" } else { "some divisor is 0" }),
        }
    }

    fn forward(&self, [x]: [Array<f32>; 1]) -> Array<f32> {
        x.map(f32::recip)
    }

    fn backward(&self, grad: Tensor, saved: &Saved<f32>) -> [Option<Tensor>; 1] {
        [Some(-grad / saved.input(0).square())]
    }
}

#[test]
fn an_operation_of_a_user_is_treated_by_its_kind_and_gives_its_own_advice() {
    let element = "where x[1] = 0";
    let range = "where x of shape [2] goes from 0 to 1";
    type Row<'a> = (fn(&Tensor) -> Tensor, Option<[&'a str; 2]>);
    let rows: [Row; 5] = [
        (|x| Inverse::<0>.apply([x]), Some([element, "the divisor is known"])),
        // It computes nothing, so its infinities come from the input.
        (|x| Inverse::<1>.apply([x]), None),
        (|x| Inverse::<2>.apply([x]), Some([range, "some divisor is 0"])),
        (|x| Inverse::<3>.apply([x]), Some([range, "some divisor is 0"])),
        (|x| Inverse::<4>.apply([x]), Some([range, "some divisor is 0"])),
    ];
    for ((f, expected), kind) in rows.into_iter().zip(KINDS) {
        let x = leaf([1.0, 0.0]);
        match expected {
            Some(parts) => {
                let said = panic_of(|| drop(detect_anomaly(|| f(&x)))).unwrap().text;
                assert!(parts.iter().all(|part| said.contains(part)), "{kind:?}: {said}");
            }
            None => drop(detect_anomaly(|| f(&x))),
        }
        let small = leaf([1.0, 1e-30]);
        let said = panic_of(|| detect_anomaly(|| f(&small).sum().backward())).unwrap().text;
        let shows_element = said.contains("x[1] = 1e-30");
        assert_eq!(shows_element, kind.is_elementwise(), "{kind:?}: {said}");
        assert!(said.contains("a number beyond 3.4e38"), "general advice where there is none: {said}");
    }
}
