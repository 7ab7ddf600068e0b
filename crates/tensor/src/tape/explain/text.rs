//! An explanation as a worked solution.

use std::fmt;

use super::chain::most;
use super::{Consumer, Explanation, LARGE, Term};
use crate::base::one_line::one_line;
use crate::tensor_methods::compact_text::compact_text;
use crate::tensor_methods::notebook;

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = self.element(self.element.entry, &self.element.index);
        writeln!(
            f,
            "∂L/∂{element} = {}   where {element} = {}",
            compact_text(self.gradient),
            compact_text(self.element.value)
        )?;
        self.write_consumers(f, &element, &self.consumers, 1)?;
        let mut parts: Vec<_> = self.consumers.iter().map(|consumer| compact_text(consumer.sum())).collect();
        if self.seed != 0.0 {
            writeln!(f, "  the backward pass starts here with {}", compact_text(self.seed))?;
            parts.insert(0, compact_text(self.seed));
        }
        if parts.len() > 1 {
            writeln!(f, "  all together: {} = {}", parts.join(" + "), compact_text(self.sum()))?;
        }
        if (self.sum() - self.gradient).abs() > LARGE * self.gradient.abs().max(1e-6) {
            writeln!(f, "  the terms add up to {}: a hook has changed this gradient", compact_text(self.sum()))?;
        }
        self.write_check(f, &element)
    }
}

impl Explanation<'_> {
    /// Shows the explanation as a cell's result in a notebook with the Rust kernel of Jupyter.
    ///
    /// # Panics
    /// When the output is closed.
    pub fn evcxr_display(&self) {
        notebook::print(&self.to_string());
    }

    fn write_consumers(
        &self,
        f: &mut fmt::Formatter<'_>,
        element: &str,
        consumers: &[Consumer],
        level: usize,
    ) -> fmt::Result {
        let indent = "  ".repeat(level);
        for consumer in consumers {
            let entry = &self.tape.entries()[consumer.entry];
            if entry.is_change() {
                writeln!(
                    f,
                    "{indent}%{} is {element} after a change in place: one gradient for both",
                    entry.number()
                )?;
            } else {
                let call = entry.call(|input| self.name(input));
                let (formula, rule) = (entry.formula(), &consumer.rule);
                writeln!(f, "{indent}%{} = {call}: {formula}, gradient {rule}", entry.number())?;
            }
            if consumer.terms.is_empty() {
                writeln!(f, "{indent}  every local derivative is 0")?;
            }
            let shown = most(&consumer.terms, self.width);
            for &index in &shown {
                self.write_term(f, element, consumer.entry, &consumer.terms[index], level + 1)?;
            }
            let rest = consumer.terms.len() - shown.len();
            let is_zero = |term: &&Term| term.upstream == 0.0;
            let zeros = consumer.terms.iter().filter(is_zero).count().min(rest);
            if rest > zeros {
                let sum = |term: &Term| term.upstream * term.local;
                let shown: f64 = shown.iter().map(|&index| sum(&consumer.terms[index])).sum();
                let others = rest - zeros;
                writeln!(
                    f,
                    "{indent}  and {others} smaller terms, together {}",
                    compact_text(consumer.sum() - shown)
                )?;
            }
            if zeros > 0 {
                writeln!(f, "{indent}  and {zeros} terms whose upstream gradient is 0")?;
            }
            if consumer.terms.len() > 1 {
                writeln!(f, "{indent}  sum {}", compact_text(consumer.sum()))?;
            }
        }
        Ok(())
    }

    fn write_term(
        &self,
        f: &mut fmt::Formatter<'_>,
        element: &str,
        output: usize,
        term: &Term,
        level: usize,
    ) -> fmt::Result {
        // Use the number: the name is that of the tensor before its change.
        let number = self.tape.entries()[output].is_change().then(|| format!("%{output}"));
        let output = element_of(number.unwrap_or_else(|| self.name(output)), &term.index);
        let indent = "  ".repeat(level);
        let (upstream, local) = (compact_text(term.upstream), compact_text(term.local));
        let product = compact_text(term.upstream * term.local);
        writeln!(f, "{indent}∂L/∂{output} · ∂{output}/∂{element} = {upstream} · {local} = {product}")?;
        self.write_consumers(f, &output, &term.further, level + 1)
    }

    fn write_check(&self, f: &mut fmt::Formatter<'_>, element: &str) -> fmt::Result {
        let (slope, gradient) = (self.difference.slope, self.gradient);
        let h = compact_text((self.difference.above - self.difference.below) / 2.0);
        let off = (slope - gradient).abs();
        let share = off / slope.abs().max(gradient.abs()).max(f64::MIN_POSITIVE);
        write!(f, "  check: {element} moved by ±{h} changes L by {} per unit, ", compact_text(slope))?;
        if !off.is_finite() {
            return write!(f, "which cannot be compared with {}", compact_text(gradient));
        }
        if off == 0.0 {
            return write!(f, "the same");
        }
        write!(f, "which differs by {} ({:.1e} of it)", compact_text(off), share)?;
        if share > LARGE && off <= self.difference.rounding {
            return write!(
                f,
                "; L is too large to show less: its rounding alone makes ±{}",
                compact_text(self.difference.rounding)
            );
        }
        if share > LARGE && off > 1e-4 {
            write!(f, "; that is more than rounding explains: a kink (relu, max) between the two, or a wrong rule")?;
        }
        Ok(())
    }

    /// `w`, or `%3` if it has no name.
    fn name(&self, entry: usize) -> String {
        let entry = &self.tape.entries()[entry];
        entry.name().map_or_else(|| format!("%{}", entry.number()), |name| one_line(name).into_owned())
    }

    /// `w[0, 1]`; only the name for a single number.
    fn element(&self, entry: usize, index: &[usize]) -> String {
        element_of(self.name(entry), index)
    }
}

fn element_of(name: String, index: &[usize]) -> String {
    if index.is_empty() { name } else { format!("{name}{index:?}") }
}
