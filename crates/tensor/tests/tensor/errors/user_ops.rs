//! Operations of a user whose rule is wrong.

use downhill_tensor::{Array, Fixed, Op, Saved, Saves, Tensor};

use super::{check, leaf, panic_of, zeros};

/// An operation whose rule is wrong in one of several ways.
enum Wrong {
    Shape,
    Input,
    Output,
    InputShape,
}

impl Op for Wrong {
    type Arity = Fixed<2>;
    const NAME: &'static str = "wrong";
    const FORMULA: &'static str = "a";
    const DERIVATIVE: &'static str = "none that is right";
    const SAVES: Saves = Saves::Nothing;

    fn forward(&self, [a, _]: [Array<f32>; 2]) -> Array<f32> {
        a
    }

    fn backward(&self, grad: Tensor, saved: &Saved<'_, f32>) -> [Option<Tensor>; 2] {
        match self {
            Wrong::Shape => [Some(grad.sum()), None],
            Wrong::Input => [Some(saved.input(1)), None],
            Wrong::Output => [Some(saved.output()), None],
            Wrong::InputShape => [Some(Tensor::zeros(saved.input_shape(1))), None],
        }
    }
}

#[test]
fn rules_of_a_user_that_are_wrong() {
    fn run(wrong: Wrong) {
        wrong.apply([&leaf([2]), &zeros([2])]).sum().backward();
    }
    let run_line = line!() - 2;
    check(
        &[(
            line!(),
            "wrong: the gradient has shape [], but the tensor it belongs to has shape [2]".to_owned(),
            || Wrong::Shape.apply([&leaf([2]), &zeros([2])]).sum().backward(),
        )],
        line!(),
    );
    assert_eq!(panic_of(|| run(Wrong::Shape)).unwrap().line, run_line);

    // A rule that asks for what it did not declare panics at the line of the rule.
    let table = [
        (Wrong::Input, "wrong: its derivative asks for input 1, which SAVES does not declare", "saved.input(1)"),
        (Wrong::Output, "wrong: its derivative asks for the output, which SAVES does not declare", "saved.output()"),
        (
            Wrong::InputShape,
            "wrong: the shape of input 1 is known only when its gradient is wanted",
            "saved.input_shape(1)",
        ),
    ];
    for (wrong, text, call) in table {
        let raised = panic_of(|| run(wrong)).unwrap();
        assert_eq!(raised.text, text);
        assert_eq!(raised.file, file!(), "{text}");
        let line = include_str!("user_ops.rs").lines().nth(raised.line as usize - 1).unwrap();
        assert!(line.contains(call), "{text}: line {} is `{line}`", raised.line);
    }
}
