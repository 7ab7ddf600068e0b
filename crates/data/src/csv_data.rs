//! Numbers from a CSV file with a header: one column is the target, the others are the features.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use downhill_tensor::{Float, Tensor};

use crate::{Error, TensorDataset};

/// The columns of a CSV file: numbers separated by commas below a line of names.
///
/// Cells may be quoted, spaces around names and numbers are ignored, and so are empty lines. Lines may end as on any
/// system, and a byte order mark is skipped.
#[derive(Clone, Debug)]
pub struct CsvData<T: Float = f32> {
    /// All columns but the target, in the order of the file, of shape `[rows, columns]`.
    pub features: Tensor<T>,
    /// The target column, of shape `[rows, 1]`.
    pub targets: Tensor<T>,
    /// The name of each column of the features.
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
    /// When the file cannot be read, the header is missing or has no such column, or a cell is not a finite number; the
    /// error names the file, the line and the column.
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
        let path = path.as_ref();
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => CsvData::read(file, &name, target),
            Err(reason) => Err(Error::Read { file: name, reason }),
        }
    }

    /// Reads from any source; `name` stands for the file in messages.
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
        let text = read_text(source, name)?;
        let mut rows = Rows::new(&text, name);
        let header = Header::read(&mut rows, target)?;
        let (mut features, mut targets) = (Vec::new(), Vec::new());
        while rows.advance()? {
            let (cells, columns) = (rows.cells.len(), header.names.len());
            if cells != columns {
                return Err(Error::CellCount { file: rows.file(), line: rows.line(), cells, columns });
            }
            for (position, column) in header.names.iter().enumerate() {
                let values = if position == header.target { &mut targets } else { &mut features };
                values.push(rows.number(position, column)?);
            }
        }
        if targets.is_empty() {
            return Err(Error::NoRows { file: rows.file() });
        }
        let Header { names: mut feature_names, target } = header;
        let target_name = feature_names.remove(target);
        let (rows, columns) = (targets.len(), feature_names.len());
        let tensor = |data, columns| Tensor::from_vec(data, [rows, columns]).expect("one number for each cell");
        Ok(CsvData { features: tensor(features, columns), targets: tensor(targets, 1), feature_names, target_name })
    }

    /// The rows as a data set.
    pub fn dataset(&self) -> TensorDataset<T, T> {
        TensorDataset::new(self.features.clone(), self.targets.clone()).expect("one target for each row")
    }
}

/// The whole source.
fn read_text(mut source: impl Read, name: &str) -> Result<String, Error> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|reason| Error::Read { file: name.to_owned(), reason })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Error::NotUtf8 { file: name.to_owned(), line: line_at(error.as_bytes(), valid) }
    })
}

/// The number of the line, counted from 1, that holds a byte.
fn line_at(text: &[u8], place: usize) -> usize {
    // A line ends with "\n", "\r\n" or "\r" alone.
    let ends = |&i: &usize| text[i] == b'\n' || (text[i] == b'\r' && text.get(i + 1) != Some(&b'\n'));
    1 + (0..place).filter(ends).count()
}

/// The names of the columns, and which of them is the target.
struct Header {
    names: Vec<String>,
    target: usize,
}

impl Header {
    fn read(rows: &mut Rows<'_>, target: &str) -> Result<Self, Error> {
        if !rows.advance()? {
            return Err(Error::Empty { file: rows.file() });
        }
        let (file, line) = (rows.file(), rows.line());
        let names: Vec<String> = rows.cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let found = names.iter().position(|name| name == target.trim());
        if found.is_none() && names.iter().all(|name| name.parse::<f64>().is_ok()) {
            return Err(Error::NoHeader { file, line, first: names[0].clone() });
        }
        for (second, column) in names.iter().enumerate() {
            if column.is_empty() {
                return Err(Error::UnnamedColumn { file, line, position: second + 1 });
            }
            if let Some(first) = names[..second].iter().position(|name| name == column) {
                let (column, first, second) = (column.clone(), first + 1, second + 1);
                return Err(Error::DuplicateColumn { file, line, column, first, second });
            }
        }
        match found {
            None => Err(Error::NoTarget { file, line, target: target.to_owned(), columns: names }),
            Some(_) if names.len() == 1 => Err(Error::OnlyTarget { file, line, target: target.to_owned() }),
            Some(target) => Ok(Header { names, target }),
        }
    }
}

/// Goes through the rows of a text and knows where it is.
struct Rows<'a> {
    name: &'a str,
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    cells: StringRecord,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str, name: &'a str) -> Self {
        // The header is read as a row, and rows may differ in length, so that the errors are ours. A byte order mark is
        // skipped by the reader.
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Rows { name, text, reader, cells: StringRecord::new() }
    }

    /// Goes to the next row; `false` at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        let result = self.reader.read_record(&mut self.cells);
        result.map_err(|error| Error::Read { file: self.file(), reason: error.into() })
    }

    fn file(&self) -> String {
        self.name.to_owned()
    }

    /// The line where the row begins. The reader's own count lags behind by the end of the line before and by empty lines.
    fn line(&self) -> usize {
        let start = self.cells.position().map_or(0, |position| position.byte() as usize);
        let text = self.text.as_bytes();
        let skipped = text[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line_at(text, start + skipped)
    }

    /// The number in a cell of this row.
    fn number<T: Float>(&self, position: usize, column: &str) -> Result<T, Error> {
        let cell = self.cells[position].trim();
        let value = cell.parse::<f64>().map(T::of);
        if let Ok(value) = value
            && value.is_finite()
        {
            return Ok(value);
        }
        let (file, line, column, text) = (self.file(), self.line(), column.to_owned(), shortened(cell));
        Err(match value {
            Ok(_) => Error::NotFinite { file, line, column, text, kind: T::KIND },
            Err(_) if cell.is_empty() => Error::EmptyCell { file, line, column },
            Err(_) => Error::NotANumber { file, line, column, text },
        })
    }
}

/// A cell as it is shown in a message: an unclosed quote can make it as long as the file.
fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &cell[..end]),
        None => cell.to_owned(),
    }
}
