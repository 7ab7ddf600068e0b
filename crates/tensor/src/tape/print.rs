//! The tape as text: a numbered list of the computed values and of the gradients.

use std::collections::HashMap;
use std::fmt;

use super::Tape;
use super::backward::Step;
use super::entry::{Entry, Role};
use crate::autograd::any_tensor::AnyTensor;
use crate::base::one_line::one_line;
use crate::tensor_methods::compact_text::compact_text;
use crate::tensor_methods::notebook;

/// A value with more elements than this is printed as its range.
const SHOWN: usize = 6;

/// The cells of a line.
type Row = [String; 5];

impl fmt::Display for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "forward")?;
        write_rows(f, self.entries().iter().map(forward_row).collect())?;
        for walk in &self.recorder.walks {
            let roots: Vec<_> = walk.roots.iter().map(|(number, _)| format!("%{number}")).collect();
            writeln!(f, "backward from {}", roots.join(", "))?;
            let mut consumers = HashMap::new();
            for contribution in walk.steps.iter().flat_map(Step::contributions) {
                *consumers.entry(contribution.input()).or_insert(0) += 1;
            }
            write_rows(f, walk.steps.iter().flat_map(|step| self.backward_rows(&consumers, step)).collect())?;
        }
        Ok(())
    }
}

impl Tape {
    /// Shows the tape as a cell's result in a notebook with the Rust kernel of Jupyter.
    ///
    /// # Panics
    /// When the output is closed.
    pub fn evcxr_display(&self) {
        notebook::print(&self.to_string());
    }
}

fn forward_row(entry: &Entry) -> Row {
    let what = match entry.role() {
        Role::Parameter => "leaf".to_owned(),
        Role::Data => "data".to_owned(),
        Role::Operation => format!("= {}", entry.call(|input| format!("%{input}"))),
    };
    let name = match (entry.name(), entry.group()) {
        (Some(name), _) => one_line(name).into_owned(),
        (None, Some(group)) if entry.role() == Role::Operation => format!("({group})"),
        _ => String::new(),
    };
    let head = format!("%{} {name}", entry.number());
    let line = format!("{}:{}", entry.line().file(), entry.line().line());
    [head.trim_end().to_owned(), what, format!("{:?}", entry.shape()), inline(entry.value()), line]
}

impl Tape {
    /// A line for each input that gets a contribution.
    fn backward_rows(&self, consumers: &HashMap<usize, usize>, step: &Step) -> Vec<Row> {
        let row = |contribution: &super::Contribution| {
            let (from, to) = (step.entry(), contribution.input());
            let (grad, sum) = (inline(contribution.grad()), inline(contribution.sum()));
            let value = match consumers[&to] {
                1 => grad,
                _ if grad.is_empty() => "added up".to_owned(),
                _ => format!("{grad}, sum {sum}"),
            };
            let rule = contribution.rule();
            let name = one_line(self.entries()[to].name().unwrap_or_default());
            let shape = format!("{:?}", contribution.grad().shape());
            [format!("%{from} -> %{to} {name}").trim_end().to_owned(), rule.to_owned(), shape, value, String::new()]
        };
        step.contributions().iter().map(row).collect()
    }
}

/// Writes the rows with aligned columns.
pub(super) fn write_rows<const N: usize>(f: &mut fmt::Formatter<'_>, rows: Vec<[String; N]>) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in &rows {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let line: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(f, "  {}", line.join("  ").trim_end())?;
    }
    Ok(())
}

/// A small value in nested brackets, a larger one as its range.
fn inline(value: &AnyTensor) -> String {
    if value.numel() == 0 {
        return String::new();
    }
    value.compact_text(SHOWN).unwrap_or_else(|| range(&value.numbers()))
}

/// The smallest and the largest number, and whether there is NaN.
fn range(numbers: &[f64]) -> String {
    let (least, most) =
        numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &x| (least.min(x), most.max(x)));
    let range = format!("{} .. {}", compact_text(least), compact_text(most));
    match numbers.iter().any(|x| x.is_nan()) {
        true if least > most => "NaN".to_owned(),
        true => format!("{range}, NaN"),
        false => range,
    }
}
