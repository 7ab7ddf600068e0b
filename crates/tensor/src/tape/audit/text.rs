//! The audit as a table.

use std::fmt;

use super::{Audit, AuditRow, Reached, Verdict};
use crate::base::one_line::one_line;
use crate::tape::print::write_rows;
use crate::tensor_methods::compact_text::compact_text;
use crate::tensor_methods::notebook;

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["parameter", "shape", "norm", "largest", "zeros", "verdict"].map(str::to_owned);
        let rows = self.rows().iter().map(|row| {
            let [norm, largest, zeros] = row.reached().map_or_else(Default::default, numbers);
            [
                one_line(row.name()).into_owned(),
                format!("{:?}", row.shape()),
                norm,
                largest,
                zeros,
                row.verdict_in_words(),
            ]
        });
        write_rows(f, [head].into_iter().chain(rows).collect())
    }
}

impl Audit {
    /// Shows the audit as a cell's result in a notebook with the Rust kernel of Jupyter.
    ///
    /// # Panics
    /// When the output is closed.
    pub fn evcxr_display(&self) {
        notebook::print(&self.to_string());
    }
}

fn numbers(reached: &Reached) -> [String; 3] {
    [compact_text(reached.norm), compact_text(reached.largest), format!("{:.0} %", 100.0 * reached.zeros)]
}

impl AuditRow {
    fn verdict_in_words(&self) -> String {
        let cuts = || self.cuts().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match (self.verdict(), self.hint()) {
            (Verdict::Ok, _) => "ok".to_owned(),
            (Verdict::AllZero, Some(hint)) => format!("all zero: {hint}"),
            (Verdict::AllZero, None) => "all zero".to_owned(),
            (Verdict::Tiny, _) => "tiny: a step of f32 with a learning rate of 0.1 is lost in rounding".to_owned(),
            (Verdict::Exploding, _) => {
                "exploding: a learning rate of 0.001 already replaces the parameter in one step".to_owned()
            }
            (Verdict::NotFinite, _) => "NaN or infinity: `detect_anomaly` finds what made it".to_owned(),
            (Verdict::NotReached, _) => format!("not reached: {}", cuts()),
        }
    }
}
