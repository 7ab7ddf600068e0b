//! Writes a tape as the JSON that the script of a page reads.

use std::collections::HashMap;

use downhill_tensor::{AnyTensor, Entry, Role, Step, Tape};

use super::{explanations, json, shown, source};

/// Everything from the tape that the page shows.
///
/// Tensors are stored once and referenced by index in `tensors`: the only contribution to a gradient is that
/// gradient.
pub(crate) fn json(tape: &Tape, explained: usize) -> String {
    let mut tensors = Tensors::default();
    let entries = json::array(tape.entries().iter().map(|entry| self::entry(entry, tape, &mut tensors)));
    let passes = tape
        .passes()
        .map(|steps| json::array(steps.iter().map(|step| self::step(step, &mut tensors))))
        .collect::<Vec<_>>();
    let explanations = explanations::of(tape, explained).into_iter().map(|(entry, texts)| {
        let texts = texts.iter().map(|(index, text)| (index.to_string(), json::string(text)));
        (entry.to_string(), json::object(texts))
    });
    let lines = tape.entries().iter().map(Entry::line).chain([tape.line()]);
    let source = source::around(lines).into_iter().map(|(file, lines)| {
        let lines = lines.iter().map(|(number, line)| (number.to_string(), json::string(line)));
        (file, json::object(lines))
    });
    json::object([
        ("file", json::string(tape.line().file())),
        ("line", json::number(tape.line().line())),
        ("entries", entries),
        ("passes", json::array(passes)),
        ("tensors", json::array(tensors.texts)),
        ("shown", json::indices(&[shown::ROWS, shown::COLUMNS, shown::MATRICES])),
        ("explanations", json::object(explanations)),
        ("explained", json::number(explained)),
        ("source", json::object(source)),
    ])
}

fn entry(entry: &Entry, tape: &Tape, tensors: &mut Tensors) -> String {
    let role = match entry.role() {
        Role::Parameter => "parameter",
        Role::Data => "data",
        Role::Operation => "operation",
    };
    let derivatives = (0..entry.inputs().len()).map(|input| json::string(entry.derivative(input)));
    json::object([
        ("name", json::optional(entry.name())),
        ("op", json::string(entry.op())),
        ("settings", json::string(entry.settings())),
        ("role", json::string(role)),
        ("group", json::optional(entry.group())),
        ("formula", json::string(entry.formula())),
        ("inputs", json::indices(entry.inputs())),
        ("derivatives", json::array(derivatives)),
        ("value", tensors.index_of(entry.value())),
        ("gradient", tape.gradient(entry.number()).map_or_else(|| "null".to_string(), |grad| tensors.index_of(grad))),
        ("file", json::string(entry.line().file())),
        ("line", json::number(entry.line().line())),
    ])
}

fn step(step: &Step, tensors: &mut Tensors) -> String {
    let parts = step.contributions().iter().map(|part| {
        json::object([
            ("input", json::number(part.input())),
            ("position", json::number(part.position())),
            ("rule", json::string(part.rule())),
            ("gradient", tensors.index_of(part.grad())),
            ("sum", tensors.index_of(part.sum())),
        ])
    });
    let parts = json::array(parts);
    json::object([
        ("entry", json::number(step.entry())),
        ("gradient", tensors.index_of(step.grad())),
        ("contributions", parts),
    ])
}

/// The tensors of a page, with those that look the same stored once.
#[derive(Default)]
struct Tensors {
    texts: Vec<String>,
    indices: HashMap<String, usize>,
}

impl Tensors {
    fn index_of(&mut self, tensor: &AnyTensor) -> String {
        let text = shown::json(tensor);
        let index = *self.indices.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            self.texts.len() - 1
        });
        json::number(index)
    }
}
