//! Numbers from a CSV file with a header: one column is the target, the others are the features.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::Path;

use downhill_files::Format;
use downhill_tensor::{Float, Tensor};

use crate::{Error, TensorDataset};

mod hints;
mod options;
mod precision;
mod rows;

pub use options::{CsvOptions, Missing};

use hints::shortened;
use precision::Precision;
use rows::Rows;

/// The columns of a CSV file: numbers separated by commas below a line of names.
///
/// Cells may be quoted. Spaces around names and numbers, empty lines and a byte order mark are ignored. Lines may end
/// with `\n`, `\r\n` or `\r`. For tables in another form there is [`CsvOptions`].
#[derive(Clone, Debug)]
pub struct CsvData<T: Float = f32> {
    /// All columns except the target, in the order of the file, of shape `[rows, columns]`.
    pub features: Tensor<T>,
    /// The target column, of shape `[rows, 1]`.
    pub targets: Tensor<T>,
    /// The names of the feature columns.
    pub feature_names: Vec<String>,
    /// The name of the target column.
    pub target_name: String,
}

impl CsvData {
    /// Reads a file; `target` is the name of the target column.
    ///
    /// ```no_run
    /// use downhill_data::{CsvData, DataLoader};
    /// let houses = CsvData::open("houses.csv", "price")?;
    /// let loader = DataLoader::new(houses.dataset(), 10).shuffle(true);
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, the header is missing or has no such column, a cell is not a finite number, or
    /// rounding to `T` makes different numbers of a column equal (1700000000 and 1700000001 are the same number as
    /// `f32`). The error names the file, the line and the column, and where possible suggests what the file is
    /// instead, for example one with another separator.
    pub fn open(path: impl AsRef<Path>, target: &str) -> Result<Self, Error> {
        CsvData::of(path, target)
    }
}

impl<T: Float> CsvData<T> {
    /// As [`CsvData::open`] for any float type: `CsvData::<f64>::of("houses.csv", "price")`.
    ///
    /// # Errors
    /// As [`CsvData::open`].
    pub fn of(path: impl AsRef<Path>, target: &str) -> Result<Self, Error> {
        CsvOptions::new().open(path, target)
    }

    /// Reads from any source; `name` is the file name used in error messages.
    ///
    /// ```
    /// use downhill_data::CsvData;
    /// let text = "area,age,price\n80,3,250\n120,10,310\n";
    /// let houses: CsvData = CsvData::read(text.as_bytes(), "houses.csv", "price")?;
    /// assert_eq!(houses.feature_names, ["area", "age"]);
    /// assert_eq!(houses.features.to_vec(), [80.0, 3.0, 120.0, 10.0]);
    /// assert_eq!(houses.targets.shape(), [2, 1]);
    ///
    /// let error = CsvData::<f32>::read("area,price\n80,cheap\n".as_bytes(), "houses.csv", "price").unwrap_err();
    /// assert_eq!(error.to_string(), r#"houses.csv, line 2, column "price": expected a number, got "cheap""#);
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`CsvData::open`].
    pub fn read(source: impl Read, name: &str, target: &str) -> Result<Self, Error> {
        CsvOptions::new().read(source, name, target)
    }

    /// The rows as a data set.
    pub fn dataset(&self) -> TensorDataset<T, T> {
        TensorDataset::new(self.features.clone(), self.targets.clone()).expect("one target for each row")
    }
}

/// Reads a table with the given options.
fn read<T: Float>(options: &CsvOptions, source: impl Read, name: &str, target: &str) -> Result<CsvData<T>, Error> {
    let text = read_text(source, name)?;
    let mut rows = Rows::new(&text, name, options);
    let header = Header::read(&mut rows, target)?;
    let (mut features, mut targets) = (Vec::new(), Vec::new());
    let mut precision: Vec<Precision> = header.names.iter().map(|_| Precision::new()).collect();
    while rows.advance(&header.names)? {
        let (cells, columns) = (rows.cells.len(), header.names.len());
        if cells != columns {
            let hint = hints::for_comment(rows.raw_line(), options);
            return Err(Error::CellCount { file: rows.file(), line: rows.line, cells, columns, hint });
        }
        for (position, column) in header.names.iter().enumerate() {
            if header.skipped.contains(column) {
                continue;
            }
            let is_target = position == header.target;
            let value = number::<T>(&rows, position, column, is_target, &mut precision[position])?;
            if is_target { &mut targets } else { &mut features }.push(value);
        }
    }
    if targets.is_empty() {
        return Err(Error::NoRows { file: rows.file() });
    }
    if !options.allow_precision_loss {
        for (column, precision) in header.names.iter().zip(precision) {
            precision.check(name, column, T::KIND)?;
        }
    }
    let target_name = header.names[header.target].clone();
    let is_feature =
        |&(position, name): &(usize, &String)| position != header.target && !header.skipped.contains(name);
    let feature_names: Vec<String> =
        header.names.iter().enumerate().filter(is_feature).map(|(_, name)| name.clone()).collect();
    let (rows, columns) = (targets.len(), feature_names.len());
    let tensor = |data, columns| Tensor::from_vec(data, [rows, columns]).expect("one number for each cell");
    Ok(CsvData { features: tensor(features, columns), targets: tensor(targets, 1), feature_names, target_name })
}

/// Reads the whole source as text.
fn read_text(mut source: impl Read, name: &str) -> Result<String, Error> {
    let file = || name.to_owned();
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|reason| Error::Read { file: file(), reason })?;
    if let Some(format) = Format::of(&bytes) {
        return Err(Error::NotCsv { file: file(), format });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Error::NotUtf8 { file: file(), line: line_at(error.as_bytes(), valid) }
    })
}

/// The number of the line, counted from 1, that contains a byte offset.
fn line_at(text: &[u8], place: usize) -> usize {
    // A line ends with "\n", "\r\n" or "\r" alone.
    let ends = |&i: &usize| text[i] == b'\n' || (text[i] == b'\r' && text.get(i + 1) != Some(&b'\n'));
    1 + (0..place).filter(ends).count()
}

/// The names of the columns, which of them is the target, and which are skipped.
struct Header {
    names: Vec<String>,
    target: usize,
    skipped: HashSet<String>,
}

impl Header {
    fn read(rows: &mut Rows<'_>, target: &str) -> Result<Self, Error> {
        if !rows.advance(&[])? {
            return Err(Error::Empty { file: rows.file() });
        }
        let (file, line) = (rows.file(), rows.line);
        let names: Vec<String> = rows.cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let skipped: HashSet<String> = rows.options.skip.iter().map(|name| name.trim().to_owned()).collect();
        let hint = || hints::for_header(rows.raw_line(), names.len(), target, rows.options);
        let found = names.iter().position(|name| name == target.trim());
        if found.is_none() && names.iter().all(|name| name.parse::<f64>().is_ok()) {
            return Err(Error::NoHeader { file, line, first: names[0].clone() });
        }
        let mut positions = HashMap::new();
        for (second, column) in names.iter().enumerate().filter(|(_, name)| !skipped.contains(*name)) {
            if column.is_empty() {
                return Err(Error::UnnamedColumn { file, line, position: second + 1 });
            }
            if let Some(first) = positions.insert(column, second) {
                let (column, first, second) = (column.clone(), first + 1, second + 1);
                return Err(Error::DuplicateColumn { file, line, column, first, second });
            }
        }
        let Some(position) = found else {
            let hint = hint();
            return Err(Error::NoTarget { file, line, target: target.to_owned(), columns: names, hint });
        };
        for name in &rows.options.skip {
            if name.trim() == target.trim() {
                return Err(Error::SkippedTarget { file, line, target: target.to_owned() });
            }
            if !names.iter().any(|column| column == name.trim()) {
                return Err(Error::NoSuchColumn { file, line, column: name.clone(), columns: names });
            }
        }
        if names.iter().filter(|name| !skipped.contains(*name)).count() == 1 {
            return Err(Error::OnlyTarget { file, line, target: target.to_owned() });
        }
        Ok(Header { names, target: position, skipped })
    }
}

/// The number in a cell of the current row.
fn number<T: Float>(
    rows: &Rows<'_>,
    position: usize,
    column: &str,
    is_target: bool,
    precision: &mut Precision,
) -> Result<T, Error> {
    let (cell, options) = (rows.cells[position].trim(), rows.options);
    if !is_target && hints::is_missing(cell) {
        match options.missing {
            Missing::Refuse => {}
            Missing::Nan => return Ok(T::nan()),
            Missing::Fill(number) => return Ok(T::of(number)),
        }
    }
    let parsed = match options.decimal_comma {
        // A point might be a thousands separator.
        true if cell.contains('.') => None,
        true => cell.replacen(',', ".", 1).parse::<f64>().ok(),
        false => cell.parse::<f64>().ok(),
    };
    let (file, line, column, text) = (rows.file(), rows.line, column.to_owned(), shortened(cell));
    match parsed {
        Some(number) if T::of(number).is_finite() => {
            precision.record::<T>(cell, number, line);
            Ok(T::of(number))
        }
        Some(_) => Err(Error::NotFinite { file, line, column, text, kind: T::KIND }),
        None if cell.is_empty() => Err(Error::EmptyCell { file, line, column }),
        None => {
            let hint = hints::for_cell(cell, position, rows.raw_line(), options);
            Err(Error::NotANumber { file, line, column, text, hint })
        }
    }
}
