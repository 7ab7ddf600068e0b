//! The error message about an anomaly: the operation, the element, the numbers it was computed from, the line.

use std::panic::Location;

use super::level::{Level, worst};
use super::remedy::remedy;
use super::{Input, Made};
use crate::autograd::any_tensor::{AnyTensor, dispatch};
use crate::autograd::observe::{Applied, HandedOn, Passed};
use crate::autograd::op::{Anomaly, OpKind};
use crate::base::element::Element;
use crate::base::one_line::one_line;
use crate::base::shape::unravel;
use crate::tensor_methods::compact_text::compact_text;
use downhill_kernels::error::Error;

/// The element that a report is about, in a tensor of this shape.
struct Place<'a> {
    index: Vec<usize>,
    shape: &'a [usize],
    /// Whether elements correspond by index.
    is_elementwise: bool,
}

/// An operation produced infinity or NaN; `at` is the row-major offset of the first such element.
pub(super) fn forward(applied: &Applied, made: &Made, at: usize) -> Error {
    let (info, output) = (&applied.info, &applied.output.tensor);
    let place = Place::new(output, at, info.kind);
    let became = value(output, &place.index);
    let names = letters(info.formula, made.inputs.len());
    let numbers: Vec<String> = (0..made.inputs.len()).map(|i| place.of_input(&names[i], &made.inputs[i])).collect();
    let inputs: Vec<Option<f64>> = made.inputs.iter().map(|input| place.number(&input.value)).collect();
    let anomaly = Anomaly {
        inputs: &inputs,
        is_backward: false,
        became,
        kind: output.kind(),
        elements: made.inputs.first().map_or(0, |input| input.value.numel()),
    };
    Error::Anomaly {
        op: info.op,
        made: format!("{became} was made of {}", source(made.inputs.iter().map(|input| &input.value))),
        numbers: format!("{}: {} is {became}{}", info.formula, place.element(), where_(&numbers)),
        line: made.place(),
        remedy: remedy(&anomaly, info.remedy, None),
    }
}

/// The backward rule of an operation produced infinity or NaN in the gradient of one of its inputs.
pub(super) fn backward(
    passed: &Passed,
    contribution: &HandedOn,
    at: usize,
    made: Option<&Made>,
    line: &Location<'_>,
) -> Error {
    let place = Place::new(&contribution.grad, at, passed.kind);
    let became = value(&contribution.grad, &place.index);
    let inputs: &[Input] = made.map_or(&[], |made| &made.inputs);
    let names = made.map_or_else(Vec::new, |made| letters(made.info.formula, inputs.len()));
    let mut numbers = vec![place.of("grad", &passed.grad)];
    numbers.extend(inputs.iter().zip(&names).map(|(input, name)| place.of_input(name, input)));
    let at_place: Vec<Option<f64>> = inputs.iter().map(|input| place.number(&input.value)).collect();
    let anomaly = Anomaly {
        inputs: &at_place,
        is_backward: true,
        became,
        kind: contribution.grad.kind(),
        elements: contribution.grad.numel(),
    };
    let values = inputs.iter().map(|input| &input.value).chain([&passed.grad]);
    let rule = made.map_or(String::new(), |made| format!("{}: ", made.info.derivative_of(contribution.position)));
    let name = names.get(contribution.position).cloned();
    let name = name.unwrap_or_else(|| format!("input {}", contribution.position));
    let (element, given) = (place.element(), where_(&numbers));
    let applied = made.map_or_else(|| "applied before `detect_anomaly` began".to_owned(), Made::place);
    Error::Anomaly {
        op: passed.op,
        made: format!("its backward made {became} of {}", source(values)),
        numbers: format!("{rule}{element} of the gradient of {name} is {became}{given}"),
        line: format!("{applied}, backward called at {line}"),
        remedy: match made {
            Some(made) => remedy(&anomaly, made.info.remedy, place.number(&passed.grad)),
            None => "put the forward pass into the closure as well, to be told its line and its numbers".to_owned(),
        },
    }
}

/// The gradient of a tensor is worse than all its contributions: their sum overflowed, or a hook replaced it.
pub(super) fn sum(passed: &Passed, at: usize, made: Option<&Made>, line: &Location<'_>) -> Error {
    let place = Place::new(&passed.grad, at, passed.kind);
    let became = value(&passed.grad, &place.index);
    let applied = made.map_or(String::new(), |made| format!("{}, ", made.place()));
    Error::Anomaly {
        op: passed.op,
        made: format!("the sum of the gradients of its output is {became}, and its terms are not"),
        numbers: format!("{} of {:?} is {became}", place.element(), passed.grad.shape()),
        line: format!("{applied}backward called at {line}"),
        remedy: "a hook (`register_hook`) has replaced it, or the terms are too large: make the loss or the \
         learning rate smaller"
            .to_owned(),
    }
}

impl<'a> Place<'a> {
    fn new(tensor: &'a AnyTensor, at: usize, kind: OpKind) -> Self {
        let shape = tensor.shape();
        Place { index: unravel(at, shape), shape, is_elementwise: kind.is_elementwise() }
    }

    /// `element [0, 1]`, or `the only element`.
    fn element(&self) -> String {
        if self.index.is_empty() { "the only element".to_owned() } else { format!("element {:?}", self.index) }
    }

    /// The index of the corresponding element of another tensor.
    fn index_in(&self, tensor: &AnyTensor) -> Option<Vec<usize>> {
        let shape = tensor.shape();
        if tensor.numel() == 1 {
            return Some(vec![0; shape.len()]);
        }
        let fits = |(&size, &own): (&usize, &usize)| size == own || size == 1;
        let offset = self.shape.len().checked_sub(shape.len())?;
        if !self.is_elementwise || !shape.iter().zip(&self.shape[offset..]).all(fits) {
            return None;
        }
        Some(shape.iter().zip(&self.index[offset..]).map(|(&size, &at)| if size == 1 { 0 } else { at }).collect())
    }

    fn number(&self, tensor: &AnyTensor) -> Option<f64> {
        self.index_in(tensor).map(|index| value(tensor, &index))
    }

    /// `x[0, 1] = 3`, or the range of a tensor without a corresponding element.
    fn of(&self, name: &str, tensor: &AnyTensor) -> String {
        match self.index_in(tensor) {
            Some(index) if index.is_empty() => format!("{name} = {}", compact_text(value(tensor, &index))),
            Some(index) => format!("{name}{index:?} = {}", compact_text(value(tensor, &index))),
            None => {
                let values = tensor.numbers();
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let shape = tensor.shape();
                match values.is_empty() {
                    true => format!("{name} of shape {shape:?} has no elements"),
                    false => {
                        format!(
                            "{name} of shape {shape:?} goes from {} to {}",
                            compact_text(least),
                            compact_text(most)
                        )
                    }
                }
            }
        }
    }

    fn of_input(&self, letter: &str, input: &Input) -> String {
        let numbers = self.of(letter, &input.value);
        match &input.name {
            Some(name) if *name.text != *letter => format!("{numbers} ({letter} is {})", one_line(&name.text)),
            _ => numbers,
        }
    }
}

fn value(tensor: &AnyTensor, index: &[usize]) -> f64 {
    dispatch!(tensor, tensor => f64::from_number(tensor.array().view()[index].to_number()))
}

fn source<'a>(mut values: impl Iterator<Item = &'a AnyTensor>) -> &'static str {
    if values.all(|value| worst(value).0 == Level::Finite) { "finite numbers" } else { "infinite ones" }
}

fn where_(numbers: &[String]) -> String {
    if numbers.is_empty() { String::new() } else { format!(", where {}", numbers.join(", ")) }
}

/// The names of the inputs in the formula of an operation.
fn letters(formula: &str, count: usize) -> Vec<String> {
    let has = |letters: &[char]| letters.iter().all(|letter| formula.contains(*letter));
    let letters: &[char] = match count {
        1 if has(&['a', ' ', 'n']) && formula.starts_with("a ") => &['a'],
        1 if formula.ends_with("/ b") => &['b'],
        1 => &['x'],
        2 if formula.starts_with('a') || formula.contains("(a, b)") => &['a', 'b'],
        2 if has(&['A', 'B']) => &['A', 'B'],
        2 if has(&['x', 'y', '-']) => &['x', 'y'],
        2 | 3 if has(&['X', 'W', 'b']) => &['X', 'W', 'b'],
        2 | 3 if formula.starts_with("C(x, w)") => &['x', 'w', 'b'],
        _ => &[],
    };
    match letters.len() < count {
        true => (0..count).map(|input| format!("input {input}")).collect(),
        false => letters[..count].iter().map(char::to_string).collect(),
    }
}
