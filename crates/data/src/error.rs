//! Everything that can be wrong with data, as one typed error whose text says what was given, what was expected and what
//! to do.

use std::io;

use downhill_tensor::Kind;

/// What was wrong with a data source, in one line.
///
/// Lines are counted from 1 as an editor counts them; that of a row is where it begins.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum Error {
    /// Features and targets of different numbers of rows.
    #[error(
        "the features have {} rows (shape {features:?}), but the targets have {} (shape {targets:?}); give one row of targets for each row of features",
        features[0], targets[0]
    )]
    RowCounts { features: Vec<usize>, targets: Vec<usize> },

    /// A tensor without a dimension to count rows along.
    #[error("the {what} are a single number without a dimension; rows lie along dimension 0")]
    NoDimension { what: &'static str },

    /// A tensor whose gradient would be lost.
    #[error("the {what} require a gradient, which a data set cannot pass on; call `detach()` first")]
    RequiresGrad { what: &'static str },

    /// A file that cannot be opened or read.
    #[error("{file}: cannot be read: {reason}")]
    Read { file: String, reason: io::Error },

    /// Bytes that are not text.
    #[error("{file}, line {line}: not UTF-8 text; save the file as CSV in UTF-8")]
    NotUtf8 { file: String, line: usize },

    /// A file without a single row.
    #[error("{file}: the file is empty; its first line must name the columns")]
    Empty { file: String },

    /// Numbers where the names of the columns should be.
    #[error("{file}, line {line}: there is no header: {first:?} is a number; the first line must name the columns")]
    NoHeader { file: String, line: usize, first: String },

    /// A column whose name is empty.
    #[error("{file}, line {line}: column {position} has no name; name it, or remove it if it only numbers the rows")]
    UnnamedColumn { file: String, line: usize, position: usize },

    /// Two columns of one name.
    #[error("{file}, line {line}: columns {first} and {second} are both named {column:?}; give each its own name")]
    DuplicateColumn { file: String, line: usize, column: String, first: usize, second: usize },

    /// A target that is not among the columns.
    #[error("{file}, line {line}: there is no target column {target:?}; the columns are {}", names(columns))]
    NoTarget { file: String, line: usize, target: String, columns: Vec<String> },

    /// A header without features.
    #[error("{file}, line {line}: {target:?} is the only column; at least one more is needed as a feature")]
    OnlyTarget { file: String, line: usize, target: String },

    /// A header and nothing below it.
    #[error("{file}: there are no rows below the header")]
    NoRows { file: String },

    /// A row with more or fewer cells than the header has names.
    #[error("{file}, line {line}: the row has {cells} cell(s), but the header names {columns} columns")]
    CellCount { file: String, line: usize, cells: usize, columns: usize },

    /// A cell without a value.
    #[error("{file}, line {line}, column {column:?}: the cell is empty; fill in a number or remove the row")]
    EmptyCell { file: String, line: usize, column: String },

    /// A cell that holds something else.
    #[error("{file}, line {line}, column {column:?}: expected a number, got {text:?}")]
    NotANumber { file: String, line: usize, column: String, text: String },

    /// A cell that holds infinity, NaN, or a number too large for the element type.
    #[error("{file}, line {line}, column {column:?}: expected a number that is finite as {kind}, got {text:?}")]
    NotFinite { file: String, line: usize, column: String, text: String, kind: Kind },
}

/// Names in quotes, as a list in a sentence.
fn names(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("{column:?}")).collect();
    quoted.join(", ")
}
