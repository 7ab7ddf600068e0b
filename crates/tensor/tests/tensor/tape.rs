//! The tape: what it records, how it is printed, and its steps in both directions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use downhill_tensor::prelude::*;
use downhill_tensor::{Conv2dOptions, LoadError, MaxPool2dOptions, Role, StateDict};

/// Two neurons on two examples: x, w, b and y are named.
fn net() -> [Tensor<f64>; 4] {
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0]]).named("x");
    let w = Tensor::<f64>::new([[0.5], [-1.0]]).requires_grad_(true).named("w");
    let b = Tensor::<f64>::new([0.5]).requires_grad_(true).named("b");
    let y = Tensor::<f64>::new([[1.0], [2.0]]).named("y");
    [x, w, b, y]
}

#[test]
fn a_tape_is_printed_as_a_numbered_list() {
    let [x, w, b, y] = net();
    let (_, tape) = Tape::record(|| {
        let h = x.matmul(&w) + &b;
        (h - &y).square().mean().backward();
    });
    let text = tape.to_string();
    let without_columns = |line: &str| {
        let line = line.split("  crates").next().unwrap_or(line);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lines: Vec<String> = text.lines().map(without_columns).collect();
    let expected = [
        "forward",
        "%0 x data [2, 2] [[1, 2], [3, 4]]",
        "%1 w leaf [2, 1] [[0.5], [-1]]",
        "%2 = matmul(%0, %1) [2, 1] [[-1.5], [-2.5]]",
        "%3 b leaf [1] [0.5]",
        "%4 = add(%2, %3) [2, 1] [[-1], [-2]]",
        "%5 y data [2, 1] [[1], [2]]",
        "%6 = sub(%4, %5) [2, 1] [[-2], [-4]]",
        "%7 = square(%6) [2, 1] [[4], [16]]",
        "%8 = mean(%7) [] 10",
        "backward from %8",
        "%8 -> %7 grad / n, repeated for each element [2, 1] [[0.5], [0.5]]",
        "%7 -> %6 grad * 2x [2, 1] [[-2], [-4]]",
        "%6 -> %4 grad [2, 1] [[-2], [-4]]",
        "%4 -> %2 grad [2, 1] [[-2], [-4]]",
        "%4 -> %3 b grad, summed over the repeated dimensions [1] [-6]",
        "%2 -> %1 w Aᵀ grad [2, 1] [[-14], [-20]]",
    ];
    assert_eq!(lines, expected, "{text}");
    assert!(text.contains("tests/tensor/tape.rs:"), "the lines of the program are named:\n{text}");
}

#[test]
fn steps_are_read_in_both_directions_and_leave_gradients_alone() {
    let x = Tensor::<f64>::new(3.0).requires_grad_(true).named("x");
    let (y, tape) = Tape::record(|| &x * &x + &x);
    let steps = tape.backward_steps(&y);
    let visited: Vec<usize> = steps.iter().map(|step| step.entry()).collect();
    assert_eq!(visited, [2, 1, 0], "add, mul, and x last");
    let sums = |step: &downhill_tensor::Step| -> Vec<f64> {
        step.contributions().iter().map(|part| part.sum().cast::<f64>().item()).collect()
    };
    assert_eq!(steps.iter().map(sums).collect::<Vec<_>>(), [vec![1.0, 1.0], vec![4.0, 7.0], vec![]]);
    assert_eq!(steps.last().unwrap().grad().cast::<f64>().item(), 7.0);
    assert_eq!(steps.iter().rev().map(|step| step.entry()).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(x.grad().is_none(), "reading the steps does not add to .grad");
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 7.0, "and leaves the graph as it was");
}

#[test]
fn a_recorded_pass_is_the_one_that_was_run() {
    let x = Tensor::<f64>::new(3.0).requires_grad_(true);
    x.register_hook(|grad| Some(grad * 10));
    let (y, tape) = Tape::record(|| {
        let y = x.square();
        y.backward();
        y
    });
    let steps = tape.backward_steps(&y);
    assert_eq!(steps.last().unwrap().grad().cast::<f64>().item(), 60.0, "after the hook");
    assert_eq!(x.grad().unwrap().item(), 60.0, "the hook ran once");
    assert_eq!(tape.gradient(0).unwrap().cast::<f64>().item(), 60.0);
    assert_eq!(tape.losses().collect::<Vec<_>>(), [1]);
}

#[test]
fn values_are_those_of_their_moment() {
    let w = Tensor::<f64>::new([1.0, 2.0]).requires_grad_(true).named("w");
    let (_, tape) = Tape::record(|| {
        for _ in 0..2 {
            w.zero_grad();
            w.square().sum().backward();
            no_grad(|| w.sub_(&(0.25 * w.grad().unwrap())));
        }
    });
    let leaves = tape.entries().iter().filter(|entry| entry.name() == Some("w"));
    let values: Vec<_> = leaves.map(|entry| entry.value().cast::<f64>().to_vec()).collect();
    assert_eq!(values, [[1.0, 2.0], [0.5, 1.0]], "once before and once after the update in place");
    assert_eq!(w.to_vec(), [0.25, 0.5]);
    assert_eq!(tape.explain(&w, [1]).gradient(), 2.0, "of the last pass");
}

#[test]
fn names_and_groups_come_from_a_model() {
    let names = ["conv1.weight", "conv1.bias", "fc.weight"];
    let [weight, bias, last] = [2.0, 1.0, 3.0].map(|x| Tensor::<f64>::new(x).requires_grad_(true));
    let (_, tape) = Tape::record(|| {
        let hidden = (2 * &weight + &bias).relu();
        (hidden * &last).square().backward();
    });
    let tape = tape.with_names(names.into_iter().zip([&weight, &bias, &last]));
    let groups: Vec<_> = tape.entries().iter().map(|entry| (entry.op(), entry.group())).collect();
    let (conv1, fc) = (Some("conv1"), Some("fc"));
    let expected = [
        ("leaf", conv1),
        ("mul", conv1),
        ("leaf", conv1),
        ("add", conv1),
        ("relu", conv1),
        ("leaf", fc),
        ("mul", fc),
    ];
    assert_eq!(groups[..7], expected);
    assert_eq!(groups[7], ("square", None), "the loss belongs to no module");
    assert!(tape.to_string().contains("%0 conv1.weight"));
}

#[test]
fn what_has_no_gradient_is_on_the_tape_as_well() {
    let x = Tensor::<f64>::new([1.0, -2.0]).requires_grad_(true);
    let (_, tape) = Tape::record(|| {
        let mask = x.gt(0);
        let cut = x.detach();
        no_grad(|| &cut * 2).masked_fill(&mask, 0)
    });
    let entries: Vec<_> = tape
        .entries()
        .iter()
        .map(|entry| (entry.op(), entry.inputs(), entry.requires_grad(), entry.role()))
        .collect();
    let expected: [(&str, &[usize], bool, Role); 5] = [
        ("leaf", &[], true, Role::Parameter),
        ("gt", &[0], false, Role::Operation),
        ("detach", &[0], false, Role::Operation),
        ("mul", &[2], false, Role::Operation),
        ("masked_fill", &[3], false, Role::Operation),
    ];
    assert_eq!(entries, expected);
}

#[test]
fn arithmetic_of_integers_and_masks_is_on_the_tape() {
    let labels = Tensor::from([3, 1]);
    let (_, tape) = Tape::record(|| ((&labels + 1) * &labels - 2, 10 - &labels));
    let calls: Vec<String> = tape.entries().iter().map(|entry| entry.call(|input| format!("%{input}"))).collect();
    assert_eq!(calls, ["leaf()", "add(%0)", "mul(%1, %0)", "sub(%2)", "sub(%0)"]);
    assert_eq!(tape.entries()[3].value().cast::<i64>().to_vec(), [10, 0]);
    let (_, tape) = Tape::record(|| !&labels.gt(2));
    assert_eq!(tape.entries().iter().map(|entry| entry.op()).collect::<Vec<_>>(), ["leaf", "gt", "not"]);
}

#[test]
fn a_graph_of_a_gradient_is_recorded_as_what_it_is() {
    let x = Tensor::<f64>::new(2.0).requires_grad_(true);
    let (second, tape) = Tape::record(|| {
        let y = x.pow(3);
        let [dy] = Backward::of(&y).create_graph().grads([&x]);
        let [ddy] = grad(&dy.unwrap(), [&x]);
        ddy.unwrap()
    });
    assert_eq!(second.item(), 12.0);
    assert!(tape.entries().len() > 2, "the rule of pow computed with tensors");
    assert_eq!(tape.explain(&x, []).gradient(), 12.0, "the last pass");
}

#[test]
fn settings_tell_what_inputs_do_not() {
    let x = Tensor::<f64>::randn([1, 1, 6, 6]);
    let kernel = Tensor::<f64>::randn([1, 1, 3, 3]);
    let (_, tape) = Tape::record(|| {
        let y =
            x.conv2d(&kernel, None, Conv2dOptions::new().padding(1).stride(2)).max_pool2d(MaxPool2dOptions::new(2));
        (y.clamp(-1, None) * 0.5).softmax(-1).slice(3, 0..1)
    });
    let calls: Vec<String> = tape
        .entries()
        .iter()
        .filter(|entry| entry.role() == Role::Operation)
        .map(|entry| entry.call(|input| format!("%{input}")))
        .collect();
    let expected = [
        "conv2d(%0, %1, %2, kernel=[3, 3], stride=[2, 2], padding=[1, 1])",
        "max_pool2d(%3, kernel=[2, 2], stride=[2, 2])",
        "clamp(%4, low=-1, high=inf)",
        "mul(%5, number=0.5)",
        "softmax(%6, dim=3)",
        "slice(%7, dim=3, start=0, length=1, step=1)",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn questions_without_an_answer_say_why() {
    let x = Tensor::<f64>::new([1.0, 2.0]).requires_grad_(true);
    let stranger = Tensor::<f64>::new(1.0).requires_grad_(true);
    let (y, tape) = Tape::record(|| x.square());
    let (loss, recorded) = Tape::record(|| {
        let loss = x.sum();
        loss.backward();
        loss
    });
    let message = |question: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(question)).expect_err("a panic");
        panic.downcast::<String>().map_or(String::new(), |text| *text)
    };
    let cases: [(&dyn Fn(), &str); 7] = [
        (
            &|| drop(tape.explain(&stranger, [])),
            "explain: a tensor of shape [] is not on this tape; use or compute it inside the closure of \
            `Tape::record` (at ",
        ),
        (
            &|| drop(tape.explain(&x, [0])),
            "explain: no backward pass that reaches this tensor is on the tape; call `loss.backward()` inside",
        ),
        (&|| drop(recorded.explain(&x, [2])), "explain: index 2 is out of range for dimension 0 of size 2"),
        (
            &|| drop(recorded.explain(&x, [0, 0])),
            "explain: expected one position for each dimension of [2], got [0, 0]",
        ),
        (
            &|| drop(recorded.explain_entry(9, 0)),
            "explain: entry is 9; it must be the number of an entry of this tape",
        ),
        (&|| drop(recorded.explain_entry(0, 2)), "explain: place is 2; it must be less than the number of elements"),
        (
            &|| drop(tape.backward_steps(&y)),
            "backward: the tensor has shape [2], and only a single number has one gradient",
        ),
    ];
    for (question, expected) in cases {
        let message = message(question);
        assert!(message.starts_with(expected), "{message}");
    }
    assert_eq!(recorded.backward_steps(&loss).len(), 2);

    // A pass was recorded that did not reach this tensor, or the tensor was made outside and its graph is freed.
    let data = Tensor::<f64>::new([1.0, 2.0]);
    let (_, tape) = Tape::record(|| (&x * &data).sum().backward());
    let (late, outside) = Tape::record(|| x.sum());
    late.backward();
    let cases: [(&dyn Fn(), &str); 3] = [
        (&|| drop(tape.explain(&data, [0])), "explain: no backward pass that reaches this tensor"),
        (&|| drop(outside.explain(&x, [0])), "explain: no backward pass that reaches this tensor"),
        (&|| drop(outside.backward_steps(&late)), "backward_steps: no backward pass that reaches this tensor"),
    ];
    for (question, expected) in cases {
        let message = message(question);
        assert!(message.starts_with(expected), "{message}");
    }
}

/// Names come from users and from files: none of them may break a line or send commands to a terminal.
#[test]
fn names_with_control_characters_stay_in_their_line() {
    let bad = "w\n%9 = exp\u{1b}[2J\r\u{2028}";
    let shown = r"w\n%9 = exp\u{1b}[2J\r\u{2028}";
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true).named(bad);
    let (loss, tape) = Tape::record(|| {
        let loss = w.square().named(bad).sum();
        loss.backward();
        loss
    });
    assert_eq!(tape.entries()[0].name(), Some(bad));
    let texts = [
        tape.to_string(),
        tape.audit().to_string(),
        tape.explain(&w, [0]).to_string(),
        LoadError::Value { name: bad.to_owned(), problem: "too high".to_owned() }.to_string(),
        LoadError::Names { missing: vec![bad.to_owned()], unexpected: vec![] }.to_string(),
        LoadError::Shape { name: bad.to_owned(), given: vec![1], expected: vec![] }.to_string(),
        StateDict::new().tensor::<f32>(bad).unwrap_err().to_string(),
    ];
    for text in texts {
        assert!(text.contains(shown), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{2028}'), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("%9")), "{text}");
    }
    assert_eq!(loss.item(), 5.0);
}
