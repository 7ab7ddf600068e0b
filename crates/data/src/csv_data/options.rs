//! Options for reading a table: separator, comments, decimal commas, missing values, and columns to skip.

use std::io::Read;
use std::path::Path;

use downhill_tensor::{Error as TensorError, Float};

use crate::{CsvData, Error};

/// How to read a CSV file that is not in the standard form: set what differs, then [`open`](CsvOptions::open) it.
///
/// ```
/// use downhill_data::{CsvOptions, Missing};
/// let text = "# measured in May\nid;area;age;price\nA7;80,5;3;250\nB2;120;;310\n";
/// let options =
///     CsvOptions::new().delimiter(';').comment('#').decimal_comma(true).missing(Missing::Fill(0.0)).skip(["id"]);
/// let houses = options.read::<f32>(text.as_bytes(), "houses.csv", "price")?;
/// assert_eq!(houses.feature_names, ["area", "age"]);
/// assert_eq!(houses.features.to_vec(), [80.5, 3.0, 120.0, 0.0]);
/// # Ok::<(), downhill_data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CsvOptions {
    pub(super) delimiter: char,
    pub(super) comment: Option<char>,
    pub(super) decimal_comma: bool,
    pub(super) missing: Missing,
    pub(super) skip: Vec<String>,
    pub(super) allow_precision_loss: bool,
}

/// What to do with a missing feature value: an empty cell, or one of `NA`, `N/A`, `NaN`, `null`, `none` and `?` in
/// any case. A missing target is always an error, because nothing can be learned from its row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Missing {
    /// Report an error.
    #[default]
    Refuse,
    /// Read it as NaN and leave it to you: a network given NaN computes NaN.
    Nan,
    /// Replace it with this number.
    Fill(f64),
}

impl Default for CsvOptions {
    fn default() -> Self {
        CsvOptions::new()
    }
}

impl CsvOptions {
    /// Commas between cells, decimal points, no comments, no missing values, all columns.
    pub fn new() -> Self {
        CsvOptions {
            delimiter: ',',
            comment: None,
            decimal_comma: false,
            missing: Missing::Refuse,
            skip: Vec::new(),
            allow_precision_loss: false,
        }
    }

    /// The separator of the cells in a row, such as `';'` or `'\t'`. A first line `sep=;`, as Excel writes it, is
    /// then skipped.
    ///
    /// # Panics
    /// When it is a quote, a space, a line ending, or a character that occurs in numbers or names.
    #[track_caller]
    pub fn delimiter(self, delimiter: char) -> Self {
        CsvOptions { delimiter: mark("CsvOptions::delimiter", "delimiter", delimiter), ..self }
    }

    /// Lines that begin with this character, such as `'#'`, are skipped.
    ///
    /// # Panics
    /// As [`delimiter`](CsvOptions::delimiter).
    #[track_caller]
    pub fn comment(self, comment: char) -> Self {
        CsvOptions { comment: Some(mark("CsvOptions::comment", "comment", comment)), ..self }
    }

    /// Whether numbers are written as `2,5`. A point in a number is then an error, because it could be a thousands
    /// separator.
    pub fn decimal_comma(self, decimal_comma: bool) -> Self {
        CsvOptions { decimal_comma, ..self }
    }

    /// What to do with missing values.
    ///
    /// # Panics
    /// When the number to fill in is not finite; use [`Missing::Nan`] for NaN.
    #[track_caller]
    pub fn missing(self, missing: Missing) -> Self {
        if let Missing::Fill(number) = missing
            && !number.is_finite()
        {
            let (op, given) = ("CsvOptions::missing", number.to_string());
            TensorError::Argument { op, name: "fill", given, expected: "finite" }.raise();
        }
        CsvOptions { missing, ..self }
    }

    /// Columns to skip, by name; their cells may hold anything.
    pub fn skip(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        CsvOptions { skip: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Whether rounding may make different numbers of a column equal, which is an error otherwise: 1700000000 and
    /// 1700000001 are the same number as `f32`.
    pub fn allow_precision_loss(self, allow: bool) -> Self {
        CsvOptions { allow_precision_loss: allow, ..self }
    }

    /// Reads a file; `target` is the name of the target column.
    ///
    /// # Errors
    /// As [`CsvData::open`], and when a column to skip does not exist.
    pub fn open<T: Float>(&self, path: impl AsRef<Path>, target: &str) -> Result<CsvData<T>, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match downhill_files::open(path) {
            Ok((file, _)) => self.read(file, &name, target),
            Err(reason) => Err(Error::Read { file: name, reason }),
        }
    }

    /// Reads from any source; `name` is the file name used in error messages.
    ///
    /// # Errors
    /// As [`CsvOptions::open`].
    pub fn read<T: Float>(&self, source: impl Read, name: &str, target: &str) -> Result<CsvData<T>, Error> {
        super::read(self, source, name, target)
    }
}

/// Whether a character can be used as a separator or comment mark.
#[track_caller]
fn mark(op: &'static str, name: &'static str, given: char) -> char {
    if given.is_alphanumeric() || ['"', ' ', '\n', '\r', '.', '+', '-', '_'].contains(&given) {
        let expected = "a character that is no part of numbers and names, such as ';' or '\\t'";
        TensorError::Argument { op, name, given: format!("{given:?}"), expected }.raise();
    }
    given
}
