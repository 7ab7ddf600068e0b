//! Guesses what is wrong with a table that cannot be read, as a hint for the error message.

use super::CsvOptions;

/// Common cell separators and their names.
const SEPARATORS: [(char, &str); 4] = [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

/// Common characters that begin a comment line.
const COMMENTS: [char; 4] = ['#', '%', '!', '/'];

/// Texts that mean a missing value, in lower case.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "none", "?"];

/// Whether a cell means a missing value.
pub(super) fn is_missing(cell: &str) -> bool {
    MISSING.iter().any(|text| cell.eq_ignore_ascii_case(text))
}

/// The separator that a line `sep=;` announces, as Excel writes it before the header.
pub(super) fn separator_line(line: &str) -> Option<char> {
    let given = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(line.get(4..))?;
    let mut characters = given.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// The line of a text with this number, counted from 1.
pub(super) fn line(text: &str, number: usize) -> &str {
    let mut rest = text;
    for _ in 1..number {
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or("");
    }
    &rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())]
}

/// A hint why the header was not understood.
pub(super) fn for_header(line: &str, names: usize, target: &str, options: &CsvOptions) -> String {
    if let Some(separator) = separator_line(line) {
        return format!("; the line says that the separator is {separator:?}: set this delimiter");
    }
    let hint = for_comment(line, options);
    if !hint.is_empty() {
        return hint;
    }
    // Prefer the separator that makes the target a column, then the one that gives the most columns.
    let columns = |separator| line.split(separator).map(|name| name.trim().trim_matches('"'));
    let separators = SEPARATORS.into_iter().filter(|&(separator, _)| separator != options.delimiter);
    let counted = separators.map(|(separator, name)| {
        (columns(separator).any(|column| column == target.trim()), columns(separator).count(), separator, name)
    });
    match counted.max_by_key(|&(has_target, count, ..)| (has_target, count)) {
        Some((has_target, count, separator, name)) if count > 1 && (has_target || count > names) => {
            format!("; the line seems to be {count} columns separated by {name}: set the delimiter {separator:?}")
        }
        _ => String::new(),
    }
}

/// A hint if a line looks like a comment.
pub(super) fn for_comment(line: &str, options: &CsvOptions) -> String {
    match line.chars().next().filter(|mark| COMMENTS.contains(mark) && options.comment != Some(*mark)) {
        Some(mark) => format!("; if lines that begin with {mark:?} are comments, set the comment {mark:?}"),
        None => String::new(),
    }
}

/// A hint why a cell is not a number.
pub(super) fn for_cell(cell: &str, position: usize, line: &str, options: &CsvOptions) -> String {
    if position == 0 {
        let hint = for_comment(line, options);
        if !hint.is_empty() {
            return hint;
        }
    }
    if is_missing(cell) {
        return "; if it stands for a missing value, set what becomes of missing values".to_owned();
    }
    if options.decimal_comma && cell.replace(['.', ','], "").parse::<f64>().is_ok() {
        return "; with a decimal comma, a number has no point and at most one comma".to_owned();
    }
    if cell.matches(',').count() == 1 && cell.replace(',', ".").parse::<f64>().is_ok() {
        return "; if it is a decimal comma, set the decimal comma".to_owned();
    }
    String::new()
}

/// A cell as error messages show it, cut to 40 characters.
pub(super) fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &cell[..end]),
        None => cell.to_owned(),
    }
}
