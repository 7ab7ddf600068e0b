//! Reads the nodes of a graph from a tape.

use std::collections::{BTreeMap, HashSet};

use downhill_tensor::{AnyTensor, Entry, Role, Tape};

use super::node::{Input, Kind, LineKind, Node};
use downhill_plot::number::short;

/// The values of larger tensors are not written out.
const SHOWN: usize = 4;

/// A node for each entry; the strength of an edge is the norm of the gradient that flowed back along it in the last
/// pass.
pub(crate) fn nodes(tape: &Tape) -> Vec<Node> {
    let mut strengths: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for step in tape.passes().flatten() {
        for part in step.contributions() {
            strengths.insert((step.entry(), part.position()), part.grad().norm());
        }
    }
    let losses = losses(tape);
    let node = |entry: &Entry| {
        let number = entry.number();
        let is_loss = losses.contains(&number);
        let strength = |position: usize| strengths.get(&(number, position)).copied();
        Node {
            number,
            kind: kind(entry, is_loss),
            title: title(entry),
            shape: entry.shape().to_vec(),
            lines: lines(entry, tape.gradient(number)),
            tooltip: tooltip(entry),
            group: entry.group().map(str::to_string),
            inputs: (0..)
                .zip(entry.inputs())
                .map(|(position, &node)| Input { node, strength: strength(position) })
                .collect(),
            entries: vec![number],
        }
    };
    tape.entries().iter().map(node).collect()
}

/// Where backward passes started; without any, single numbers that require a gradient and that nothing consumes.
fn losses(tape: &Tape) -> HashSet<usize> {
    let mut losses: HashSet<usize> = tape.losses().collect();
    if losses.is_empty() {
        let mut results: Vec<bool> =
            tape.entries().iter().map(|entry| entry.requires_grad() && entry.value().numel() == 1).collect();
        tape.entries().iter().flat_map(Entry::inputs).for_each(|&input| results[input] = false);
        losses.extend((0..results.len()).filter(|&number| results[number]));
    }
    losses
}

fn kind(entry: &Entry, is_loss: bool) -> Kind {
    match entry.role() {
        Role::Operation if is_loss => Kind::Loss,
        Role::Operation => Kind::Operation,
        Role::Parameter => Kind::Parameter,
        Role::Data => Kind::Data,
    }
}

fn title(entry: &Entry) -> String {
    match (entry.role(), entry.name()) {
        (Role::Operation, Some(name)) => format!("{name} = {}", entry.op()),
        (_, Some(name)) => name.to_string(),
        (Role::Operation, None) => entry.op().to_string(),
        (Role::Parameter, None) => "parameter".to_string(),
        (Role::Data, None) => "data".to_string(),
    }
}

/// The value and the gradient if they are small; for a large parameter, the norm of its gradient.
fn lines(entry: &Entry, gradient: Option<&AnyTensor>) -> Vec<(LineKind, String)> {
    let mut lines = Vec::new();
    if let Some(value) = entry.value().compact_text(SHOWN) {
        lines.push((LineKind::Value, value));
    }
    if let Some(gradient) = gradient {
        match gradient.compact_text(SHOWN) {
            Some(written) => lines.push((LineKind::Gradient, format!("grad {written}"))),
            None if entry.role() == Role::Parameter => {
                lines.push((LineKind::Gradient, format!("grad norm {}", short(gradient.norm(), 3))));
            }
            None => {}
        }
    }
    lines
}

/// The text of an entry on the printed tape, its formula and its derivatives.
fn tooltip(entry: &Entry) -> Vec<String> {
    let inputs: Vec<String> = entry.inputs().iter().map(|input| format!("%{input}")).collect();
    let mut lines = vec![match entry.role() {
        Role::Operation => format!("%{} = {}", entry.number(), entry.call(|input| format!("%{input}"))),
        Role::Parameter | Role::Data => format!("%{} {}", entry.number(), title(entry)),
    }];
    if entry.role() == Role::Operation {
        lines.push(format!("forward: {}", entry.formula()));
        for (position, input) in inputs.iter().enumerate() {
            lines.push(format!("backward to {input}: {}", entry.derivative(position)));
        }
    }
    lines.push(entry.line().to_string());
    lines
}
