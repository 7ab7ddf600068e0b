//! Everything that can be wrong with data, as one typed error whose message says what was given, what was expected
//! and what to do.

use std::io;

use downhill_files::Format;
use downhill_tensor::Kind;

/// What was wrong with a data source, in one line.
///
/// Lines are counted from 1, as in an editor; the line of a row is the one where it begins.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum Error {
    /// Features and targets with different numbers of rows.
    #[error(
        "the features have {} rows (shape {features:?}), but the targets have {} (shape {targets:?}); give one row \
         of targets for each row of features",
        features[0], targets[0]
    )]
    RowCounts { features: Vec<usize>, targets: Vec<usize> },

    /// A tensor without dimensions, which has no rows.
    #[error("the {what} are a single number without dimensions; a data set needs rows along dimension 0")]
    NoDimension { what: &'static str },

    /// A tensor that requires a gradient, which would be lost.
    #[error("the {what} require a gradient, which a data set cannot pass on; call `detach()` first")]
    RequiresGrad { what: &'static str },

    /// A file that cannot be opened or read.
    #[error("{file}: cannot be read: {reason}")]
    Read { file: String, reason: io::Error },

    /// Bytes that are not text.
    #[error("{file}, line {line}: not UTF-8 text; save the file as CSV in UTF-8")]
    NotUtf8 { file: String, line: usize },

    /// A file in another format that is recognised.
    #[error("{file}: not CSV but {format}; save the table as CSV in UTF-8")]
    NotCsv { file: String, format: Format },

    /// An empty file.
    #[error("{file}: the file is empty; its first line must name the columns")]
    Empty { file: String },

    /// Numbers where the column names should be.
    #[error("{file}, line {line}: there is no header: {first:?} is a number; the first line must name the columns")]
    NoHeader { file: String, line: usize, first: String },

    /// A column whose name is empty.
    #[error("{file}, line {line}: column {position} has no name; name it, or remove it if it only numbers the rows")]
    UnnamedColumn { file: String, line: usize, position: usize },

    /// Two columns with the same name.
    #[error("{file}, line {line}: columns {first} and {second} are both named {column:?}; give each its own name")]
    DuplicateColumn { file: String, line: usize, column: String, first: usize, second: usize },

    /// A target that is not among the columns.
    #[error("{file}, line {line}: there is no target column {target:?}; the columns are {}{hint}", names(columns))]
    NoTarget { file: String, line: usize, target: String, columns: Vec<String>, hint: String },

    /// A column to skip that is not among the columns.
    #[error("{file}, line {line}: there is no column {column:?} to skip; the columns are {}", names(columns))]
    NoSuchColumn { file: String, line: usize, column: String, columns: Vec<String> },

    /// A target that is skipped.
    #[error("{file}, line {line}: {target:?} is the target and cannot be skipped")]
    SkippedTarget { file: String, line: usize, target: String },

    /// A header with no feature columns.
    #[error("{file}, line {line}: {target:?} is the only column; at least one more is needed as a feature")]
    OnlyTarget { file: String, line: usize, target: String },

    /// A header with no rows below it.
    #[error("{file}: there are no rows below the header")]
    NoRows { file: String },

    /// A row with more or fewer cells than the header has names.
    #[error("{file}, line {line}: the row has {cells} cell(s), but the header names {columns} columns{hint}")]
    CellCount { file: String, line: usize, cells: usize, columns: usize, hint: String },

    /// A quote that is never closed.
    #[error("{file}, line {line}, column {column}: the quote that opens here is never closed; close or remove it")]
    UnclosedQuote { file: String, line: usize, column: String },

    /// Text after the closing quote of a cell.
    #[error(
        "{file}, line {line}, column {column}: {text:?} follows the closing quote{}; quote the whole cell, and \
         write a quote in it twice",
        opened_before(*opened, *line)
    )]
    AfterQuote { file: String, line: usize, column: String, opened: usize, text: String },

    /// An empty cell.
    #[error("{file}, line {line}, column {column:?}: the cell is empty; fill in a number or remove the row")]
    EmptyCell { file: String, line: usize, column: String },

    /// A cell that is not a number.
    #[error("{file}, line {line}, column {column:?}: expected a number, got {text:?}{hint}")]
    NotANumber { file: String, line: usize, column: String, text: String, hint: String },

    /// A cell that holds infinity, NaN, or a number too large for the element type.
    #[error("{file}, line {line}, column {column:?}: expected a number that is finite as {kind}, got {text:?}")]
    NotFinite { file: String, line: usize, column: String, text: String, kind: Kind },

    /// Different whole numbers that the element type cannot distinguish.
    #[error(
        "{file}, column {column:?}: {first} (line {first_line}) and {second} (line {second_line}) are the same \
         number as {kind}; {}",
        keep_digits(*kind)
    )]
    Merged {
        file: String,
        column: String,
        first: i128,
        first_line: usize,
        second: i128,
        second_line: usize,
        kind: Kind,
    },

    /// A column whose range is hardly larger than its rounding errors.
    #[error(
        "{file}, line {line}, column {column:?}: {number} is off by {error:.1e} as {kind}, and the whole column \
         spans {range:.1e}; {}",
        keep_digits(*kind)
    )]
    Rounded { file: String, line: usize, column: String, number: f64, error: f64, range: f64, kind: Kind },

    /// Bytes that are not valid gzip data.
    #[error("{file}: not intact gzip data ({reason}); fetch the file again")]
    Gzip { file: String, reason: io::Error },

    /// A file that is not in the IDX format.
    #[error(
        "{file}: not an IDX file: it begins with {}; expected 00 00, the type of the elements and the number of \
         dimensions",
        hex(start)
    )]
    NotIdx { file: String, start: Vec<u8> },

    /// A file in another format that is recognised.
    #[error("{file}: not an IDX file but {format}")]
    NotIdxBut { file: String, format: Format },

    /// An IDX file whose elements are not unsigned bytes.
    #[error("{file}: the elements are {given} (type 0x{element:02x}); expected unsigned bytes (type 0x08)")]
    IdxElement { file: String, element: u8, given: &'static str },

    /// An IDX file that ends too early. The bytes are counted after unpacking.
    #[error("{file}: cut off: {bytes} bytes are there, but {part} takes {needed}; fetch the file again")]
    IdxCutOff { file: String, bytes: usize, part: String, needed: u128 },

    /// An IDX file with bytes after its last element. The bytes are counted after unpacking.
    #[error(
        "{file}: {more}{} byte(s) too many: {more}{bytes} are there, but an array of shape {shape:?} takes \
         {needed}; fetch the file again",
        *bytes as u128 - needed
    )]
    IdxTrailing { file: String, bytes: usize, shape: Vec<usize>, needed: u128, more: &'static str },

    /// A compressed file that would not fit in memory.
    #[error(
        "{file}: the header asks for an array of shape {shape:?}, {needed} bytes, but at most {most} bytes of a \
         compressed file are read; if the size is right, unpack the file first"
    )]
    IdxTooLarge { file: String, shape: Vec<usize>, needed: u128, most: u128 },

    /// An IDX file whose array does not have the expected shape.
    #[error("{file}: an array of shape {shape:?}; expected {expected}")]
    IdxShape { file: String, shape: Vec<usize>, expected: &'static str },

    /// A file of MNIST that is not in the folder.
    #[error(
        "{folder}: there is no file {name}, plain or with .gz; name the folder that holds the four files of MNIST"
    )]
    NoFile { folder: String, name: String },

    /// Different numbers of images and labels.
    #[error(
        "{images_file} has {images} images, but {labels_file} has {labels} labels; take both from the same source"
    )]
    LabelCount { images_file: String, images: usize, labels_file: String, labels: usize },

    /// A label outside 0 to 9.
    #[error("{file}: label {position} (counted from 0) is {label}; expected 0 to 9")]
    LabelRange { file: String, position: usize, label: u8 },
}

/// Bytes as a hex dump shows them.
fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// Names in quotes, as a comma-separated list.
fn names(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("{column:?}")).collect();
    quoted.join(", ")
}

/// What to do about a column that loses precision.
fn keep_digits(kind: Kind) -> &'static str {
    match kind {
        Kind::F32 => {
            "read it as f64 and subtract the mean there (`StandardScaler`), skip the column, or allow the loss of \
             precision"
        }
        _ => "skip the column, or allow the loss of precision",
    }
}

/// Where the quote was opened, if that is on another line.
fn opened_before(opened: usize, line: usize) -> String {
    if opened == line { String::new() } else { format!(" of a cell that was opened in line {opened}") }
}
