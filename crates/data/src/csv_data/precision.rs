//! Checks that rounding to the element type does not make different numbers of a column equal.

use std::collections::HashMap;

use downhill_tensor::{Float, Kind};

use crate::Error;

/// A rounding error larger than this fraction of the column's range counts as lost information.
const MAX_ERROR_FRACTION: f64 = 1e-3;

/// Records what rounding does to the numbers of a column.
pub(super) struct Precision {
    smallest: f64,
    largest: f64,
    /// The largest rounding error so far, with the number and its line.
    error: (f64, f64, usize),
    /// Whole numbers too large to be exact, with their lines, keyed by the bits of their rounded value.
    whole: HashMap<u64, (i128, usize)>,
    /// Two different whole numbers that round to the same value, with their lines.
    merged: Option<[(i128, usize); 2]>,
}

impl Precision {
    pub(super) fn new() -> Self {
        let (smallest, largest) = (f64::INFINITY, f64::NEG_INFINITY);
        Precision { smallest, largest, error: (0.0, 0.0, 0), whole: HashMap::new(), merged: None }
    }

    /// Records the number of a cell, as written and rounded to `f64`.
    pub(super) fn record<T: Float>(&mut self, text: &str, number: f64, line: usize) {
        self.smallest = self.smallest.min(number);
        self.largest = self.largest.max(number);
        let rounded: f64 = T::of(number).to_scalar();
        let error = (rounded - number).abs();
        if error > self.error.0 {
            self.error = (error, number, line);
        }
        // Smaller whole numbers are exact.
        let safe = if T::KIND == Kind::F32 { (1_u64 << 24) as f64 } else { (1_u64 << 53) as f64 };
        if rounded.abs() >= safe
            && self.merged.is_none()
            && let Ok(whole) = text.parse::<i128>()
        {
            let (first, line_of_first) = *self.whole.entry(rounded.to_bits()).or_insert((whole, line));
            self.merged = (first != whole).then_some([(first, line_of_first), (whole, line)]);
        }
    }

    /// Returns the error if the column has lost information.
    pub(super) fn check(self, file: &str, column: &str, kind: Kind) -> Result<(), Error> {
        let (file, column) = (file.to_owned(), column.to_owned());
        if let Some([(first, first_line), (second, second_line)]) = self.merged {
            return Err(Error::Merged { file, column, first, first_line, second, second_line, kind });
        }
        let (error, number, line) = self.error;
        let range = self.largest - self.smallest;
        // A column with a single value has no range to compare with; it only loses information if it was rounded to
        // 0.
        if error > 0.0 && error > MAX_ERROR_FRACTION * range && (range > 0.0 || error == number.abs()) {
            return Err(Error::Rounded { file, line, column, number, error, range, kind });
        }
        Ok(())
    }
}
