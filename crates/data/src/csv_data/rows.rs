//! Splits a text into rows of cells as RFC 4180 describes, and keeps track of line numbers.
//!
//! Quoting is strict: `"1"2` is not a cell, and an unclosed quote is an error rather than a cell that contains the
//! rest of the file.

use super::CsvOptions;
use super::hints::{self, shortened};
use crate::Error;

/// A reader over the rows of a text.
pub(super) struct Rows<'a> {
    name: &'a str,
    pub(super) options: &'a CsvOptions,
    /// The whole text.
    text: &'a str,
    /// The unread rest of it, and the number of its first line, counted from 1.
    rest: &'a str,
    next_line: usize,
    /// The cells of the current row, without quotes, and the line where the row begins.
    pub(super) cells: Vec<String>,
    pub(super) line: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str, name: &'a str, options: &'a CsvOptions) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rows = Rows { name, options, text, rest: text, next_line: 1, cells: Vec::new(), line: 1 };
        if hints::separator_line(rows.rest_of_line()) == Some(options.delimiter) {
            rows.take(rows.rest_of_line().len());
        }
        rows
    }

    pub(super) fn file(&self) -> String {
        self.name.to_owned()
    }

    /// Advances to the next row; returns `false` at the end. Errors name a column by `names`, which may be empty.
    pub(super) fn advance(&mut self, names: &[String]) -> Result<bool, Error> {
        loop {
            self.take(self.rest.len() - self.rest.trim_start_matches(['\r', '\n']).len());
            match self.options.comment {
                Some(comment) if self.rest.starts_with(comment) => self.take(self.rest_of_line().len()),
                _ => break,
            }
        }
        self.line = self.next_line;
        self.cells.clear();
        if self.rest.is_empty() {
            return Ok(false);
        }
        loop {
            let cell = self.cell(names)?;
            self.cells.push(cell);
            match self.rest.strip_prefix(self.options.delimiter) {
                Some(rest) => self.rest = rest,
                None => return Ok(true),
            }
        }
    }

    /// The line of text where the current row begins, unparsed.
    pub(super) fn raw_line(&self) -> &'a str {
        hints::line(self.text, self.line)
    }

    /// Reads one cell, up to the delimiter or the end of the line.
    fn cell(&mut self, names: &[String]) -> Result<String, Error> {
        let spaces = self.rest.len() - self.without_spaces().len();
        if !self.rest[spaces..].starts_with('"') {
            let end = self.rest.find([self.options.delimiter, '\r', '\n']).unwrap_or(self.rest.len());
            let cell = self.rest[..end].to_owned();
            self.take(end);
            return Ok(cell);
        }
        let (file, line, column) = (self.file(), self.next_line, column_name(names, self.cells.len()));
        self.take(spaces + 1);
        let mut cell = String::new();
        loop {
            let Some(quote) = self.rest.find('"') else {
                return Err(Error::UnclosedQuote { file, line, column });
            };
            cell.push_str(&self.rest[..quote]);
            self.take(quote + 1);
            match self.rest.strip_prefix('"') {
                // A doubled quote is an escaped quote.
                Some(rest) => {
                    cell.push('"');
                    self.rest = rest;
                }
                None => break,
            }
        }
        self.rest = self.without_spaces();
        let end = [self.options.delimiter, '\r', '\n'];
        if !self.rest.is_empty() && !self.rest.starts_with(end) {
            let text = shortened(&self.rest[..self.rest.find(end).unwrap_or(self.rest.len())]);
            return Err(Error::AfterQuote { file, line: self.next_line, column, opened: line, text });
        }
        Ok(cell)
    }

    /// Skips spaces and tabs, unless tabs are the delimiter.
    fn without_spaces(&self) -> &'a str {
        self.rest.trim_start_matches(|c| [' ', '\t'].contains(&c) && c != self.options.delimiter)
    }

    fn rest_of_line(&self) -> &'a str {
        &self.rest[..self.rest.find(['\r', '\n']).unwrap_or(self.rest.len())]
    }

    /// Advances by this many bytes and counts the line endings among them: "\n", "\r\n", or "\r" alone.
    fn take(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes);
        let alone = |(i, _): &(usize, &str)| !self.rest[i + 1..].starts_with('\n');
        self.next_line += taken.matches('\n').count() + taken.match_indices('\r').filter(alone).count();
        self.rest = rest;
    }
}

/// A column as error messages name it.
pub(super) fn column_name(names: &[String], position: usize) -> String {
    names.get(position).map_or_else(|| (position + 1).to_string(), |name| format!("{name:?}"))
}
