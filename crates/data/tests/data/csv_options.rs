//! CSV files in other forms: what the options read, the hints without them, and lost digits.

use downhill_data::{CsvData, CsvOptions, Error, Missing};
use downhill_tensor::Generator;
use downhill_tests::assert_panics;
use rand::{Rng, SeedableRng};

fn read(text: &str) -> Result<CsvData, Error> {
    CsvData::read(text.as_bytes(), "houses.csv", "price")
}

#[test]
fn errors_suggest_what_the_file_is() {
    let no_target = |columns: &str, hint: &str| {
        format!(r#"houses.csv, line 1: there is no target column "price"; the columns are {columns}; {hint}"#)
    };
    let line_2 = |column: &str, text: &str, hint: &str| {
        format!(r#"houses.csv, line 2, column {column:?}: expected a number, got {text:?}; {hint}"#)
    };
    let missing = "if it stands for a missing value, set what becomes of missing values";
    let cases = [
        (
            "area;age;price\n80;3;250\n",
            no_target(
                r#""area;age;price""#,
                "the line seems to be 3 columns separated by semicolons: set the delimiter ';'",
            ),
        ),
        (
            "area\tprice\n80\t250\n",
            no_target(
                r#""area\tprice""#,
                r"the line seems to be 2 columns separated by tabs: set the delimiter '\t'",
            ),
        ),
        (
            "area, total | price\n80|250\n",
            no_target(
                r#""area", "total | price""#,
                "the line seems to be 2 columns separated by bars: set the delimiter '|'",
            ),
        ),
        (
            "80;250\n120;310\n",
            no_target(r#""80;250""#, "the line seems to be 2 columns separated by semicolons: set the delimiter ';'"),
        ),
        (
            "sep=;\narea;price\n80;250\n",
            no_target(r#""sep=;""#, "the line says that the separator is ';': set this delimiter"),
        ),
        (
            "# from 2020\narea,price\n80,250\n",
            no_target(r##""# from 2020""##, "if lines that begin with '#' are comments, set the comment '#'"),
        ),
        (
            "area,price\n# a note\n80,250\n",
            "houses.csv, line 2: the row has 1 cell(s), but the header names 2 columns; if lines that begin with \
             '#' are comments, set the comment '#'"
                .to_owned(),
        ),
        (
            "area,price\n#80,250\n",
            line_2("area", "#80", "if lines that begin with '#' are comments, set the comment '#'"),
        ),
        ("area,price\n\"80,5\",250\n", line_2("area", "80,5", "if it is a decimal comma, set the decimal comma")),
        ("area,price\nNA,250\n", line_2("area", "NA", missing)),
        ("area,price\n?,250\n", line_2("area", "?", missing)),
        (
            "<!DOCTYPE html>\n<html>404</html>",
            "houses.csv: not CSV but a web page (HTML), perhaps in place of a download that failed; save the table \
             as CSV in UTF-8"
                .to_owned(),
        ),
        (
            "PK\u{3}\u{4} and so on",
            "houses.csv: not CSV but a zip archive; save the table as CSV in UTF-8".to_owned(),
        ),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
            "houses.csv: not CSV but a Git LFS pointer in place of the file; `git lfs pull` fetches the file; save \
             the table as CSV in UTF-8"
                .to_owned(),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err().to_string(), expected, "{text:?}");
    }
}

#[test]
fn tables_in_another_form() {
    let options = CsvOptions::new;
    let german = || options().delimiter(';').decimal_comma(true);
    let (nan, fill) = (options().missing(Missing::Nan), options().missing(Missing::Fill(-1.5)));
    // Options, a text with the target `price`, the features row by row, and the targets.
    let cases = [
        (options().delimiter(';'), "area;price\n80;250\n", vec![80.0], vec![250.0]),
        (options().delimiter('\t'), "area\t price\n\t \"80\" \t250\n", vec![], vec![]),
        (options().delimiter('\t'), "area\t price\n \"80\" \t250\n", vec![80.0], vec![250.0]),
        (options().delimiter(';'), "sep=;\r\narea;price\r\n80;250\r\n", vec![80.0], vec![250.0]),
        (options(), "\u{feff}SEP=,\narea,price\n80,250\n", vec![80.0], vec![250.0]),
        (german(), "area;price\n80,5;250\n-1e2;+,5\n", vec![80.5, -100.0], vec![250.0, 0.5]),
        (options().decimal_comma(true), "area,price\n\"80,5\",250\n", vec![80.5], vec![250.0]),
        (options().comment('#'), "# a\n\narea,price\n#\n80,250\n# \"b\n", vec![80.0], vec![250.0]),
        (
            nan,
            "area,price\n80,1\n,2\nNaN,3\nn/a,4\n?,5\nNULL,6\n",
            vec![80.0, f32::NAN, f32::NAN, f32::NAN, f32::NAN, f32::NAN],
            vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        ),
        (fill, "area,price\n80,1\n , 2\nna,3\n", vec![80.0, -1.5, -1.5], vec![1.0, 2.0, 3.0]),
        (options().skip(["id", ""]), "id,,area,id,price\nx,,80,\"a,b\",250\n", vec![80.0], vec![250.0]),
    ];
    for (options, text, features, targets) in cases {
        let read = options.read::<f32>(text.as_bytes(), "houses.csv", "price");
        if targets.is_empty() {
            assert!(read.is_err(), "{text:?}: three cells under two names");
            continue;
        }
        let read = read.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(read.features.to_vec()), bits(features), "{text:?}");
        assert_eq!(read.targets.to_vec(), targets, "{text:?}");
        assert_eq!(read.feature_names, ["area"], "{text:?}");
    }

    let error = |options: CsvOptions, text: &str| {
        options.read::<f32>(text.as_bytes(), "houses.csv", "price").unwrap_err().to_string()
    };
    let rows = [
        (
            error(german(), "area;price\n1.234,5;250\n"),
            "houses.csv, line 2, column \"area\": expected a number, got \"1.234,5\"; with a decimal comma, a \
             number has no point and at most one comma",
        ),
        (
            error(german(), "area;price\n1.5;250\n"),
            "houses.csv, line 2, column \"area\": expected a number, got \"1.5\"; with a decimal comma, a number \
             has no point and at most one comma",
        ),
        (
            error(german(), "area;price\n1,2,3;250\n"),
            "houses.csv, line 2, column \"area\": expected a number, got \"1,2,3\"; with a decimal comma, a number \
             has no point and at most one comma",
        ),
        (
            error(options().missing(Missing::Nan), "area,price\n80,\n"),
            r#"houses.csv, line 2, column "price": the cell is empty; fill in a number or remove the row"#,
        ),
        (
            error(options().skip(["size"]), "area,price\n80,250\n"),
            r#"houses.csv, line 1: there is no column "size" to skip; the columns are "area", "price""#,
        ),
        (
            error(options().skip(["price"]), "area,price\n80,250\n"),
            r#"houses.csv, line 1: "price" is the target and cannot be skipped"#,
        ),
        (
            error(options().skip(["area"]), "area,price\n80,250\n"),
            r#"houses.csv, line 1: "price" is the only column; at least one more is needed as a feature"#,
        ),
        (
            error(options(), "sep=;\narea,price\n80,250\n"),
            "houses.csv, line 1: there is no target column \"price\"; the columns are \"sep=;\"; the line says that \
             the separator is ';': set this delimiter",
        ),
    ];
    for (said, expected) in rows {
        assert_eq!(said, expected);
    }
}

#[test]
fn invalid_options_panic_at_the_users_line() {
    let expected = "it must be a character that is no part of numbers and names, such as ';' or '\\t'";
    let text = |name: &str, given| format!("CsvOptions::{name}: {name} is {given:?}; {expected}");
    let options = CsvOptions::new;
    assert_panics(&text("delimiter", '.'), || options().delimiter('.'));
    assert_panics(&text("delimiter", '"'), || options().delimiter('"'));
    assert_panics(&text("comment", 'x'), || options().comment('x'));
    let (text, nan) = ("CsvOptions::missing: fill is NaN; it must be finite", Missing::Fill(f64::NAN));
    assert_panics(text, || options().missing(nan));
}

#[test]
fn lost_digits_are_an_error() {
    let column = |cells: &[&str]| {
        let rows: String = cells.iter().map(|cell| format!("{cell},1\n")).collect();
        format!("time,price\n{rows}")
    };
    let f32 = "read it as f64 and subtract the mean there (`StandardScaler`), skip the column, or allow the loss of \
         precision";
    let f64 = "skip the column, or allow the loss of precision";
    let merged = |pair: &str, kind: &str, advice: &str| {
        Some(format!(r#"houses.csv, column "time": {pair} are the same number as {kind}; {advice}"#))
    };
    let rounded = |line: usize, text: &str, kind: &str, advice: &str| {
        Some(format!(r#"houses.csv, line {line}, column "time": {text}; {advice}"#).replace("KIND", kind))
    };
    // The cells, and the message when they are read as f32 and as f64.
    let cases: [(&[&str], Option<String>, Option<String>); 14] = [
        (&["1700000000", "1700000001"], merged("1700000000 (line 2) and 1700000001 (line 3)", "f32", f32), None),
        (
            &["0", "16777217", "-16777217", "16777216"],
            merged("16777217 (line 3) and 16777216 (line 5)", "f32", f32),
            None,
        ),
        (
            &["9007199254740993", "9007199254740992"],
            merged("9007199254740993 (line 2) and 9007199254740992 (line 3)", "f32", f32),
            merged("9007199254740993 (line 2) and 9007199254740992 (line 3)", "f64", f64),
        ),
        (
            &["1700000000.5", "1700000100.5"],
            rounded(3, "1700000100.5 is off by 2.8e1 as KIND, and the whole column spans 1.0e2", "f32", f32),
            None,
        ),
        (
            &["1000000.01", "1000000.02"],
            rounded(3, "1000000.02 is off by 2.0e-2 as KIND, and the whole column spans 1.0e-2", "f32", f32),
            None,
        ),
        (
            &["1e-50", "2e-50"],
            rounded(
                3,
                "0.00000000000000000000000000000000000000000000000002 is off by 2.0e-50 as KIND, and the whole \
                 column spans 1.0e-50",
                "f32",
                f32,
            ),
            None,
        ),
        (
            &["1e-50"],
            rounded(
                2,
                "0.00000000000000000000000000000000000000000000000001 is off by 1.0e-50 as KIND, and the whole \
                 column spans 0.0e0",
                "f32",
                f32,
            ),
            None,
        ),
        // The same number twice, roundings that do not matter, a constant, and numbers that are exact.
        (&["1700000001", "1700000001"], None, None),
        (&["16777216", "16777218", "-16777216"], None, None),
        (&["0.1", "0.2", "0.30000000000000004"], None, None),
        (&["0.1", "0.1"], None, None),
        (&["1700000000.5", "0"], None, None),
        (&["52.5200066", "52.5312345"], None, None),
        (&["1e-50", "1"], None, None),
    ];
    for (cells, as_f32, as_f64) in cases {
        let text = column(cells);
        let error = |result: Result<(), Error>| result.err().map(|error| error.to_string());
        assert_eq!(
            error(CsvOptions::new().read::<f32>(text.as_bytes(), "houses.csv", "price").map(drop)),
            as_f32,
            "{cells:?}"
        );
        assert_eq!(
            error(CsvOptions::new().read::<f64>(text.as_bytes(), "houses.csv", "price").map(drop)),
            as_f64,
            "{cells:?}"
        );
        let allowed = CsvOptions::new().allow_precision_loss(true);
        assert!(allowed.read::<f32>(text.as_bytes(), "houses.csv", "price").is_ok());
        // A skipped column is not checked; the target column is.
        let wide: String =
            text.lines().map(|line| format!("7{}{line}\n", if line.starts_with('t') { "x," } else { "," })).collect();
        assert!(CsvOptions::new().skip(["time"]).read::<f32>(wide.as_bytes(), "houses.csv", "price").is_ok());
        assert_eq!(error(CsvData::<f32>::read(text.as_bytes(), "houses.csv", "time").map(drop)), as_f32, "{cells:?}");
    }
}

/// Random tables written by the `csv` crate, which quotes where needed, are read back the same.
#[test]
fn tables_are_cut_as_another_reader_cuts_them() {
    let mut random = Generator::seed_from_u64(1);
    let mut pick = |n: u64| random.next_u64() % n;
    for round in 0..300 {
        let (columns, rows) = (2 + pick(4) as usize, 1 + pick(5) as usize);
        let delimiter = [b',', b';', b'\t', b'|'][pick(4) as usize];
        let end = [csv::Terminator::Any(b'\n'), csv::Terminator::CRLF, csv::Terminator::Any(b'\r')][pick(3) as usize];
        let style = [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always][pick(2) as usize];
        let mut writer =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(end).quote_style(style).from_writer(Vec::new());
        const ODD: [&str; 8] = ["a", "\"", ",", ";", "\n", "\r\n", "x y", "|"];
        let name = |column: usize, odd: u64| format!("n{column}{}e", ODD[odd as usize]);
        let names: Vec<String> = (0..columns).map(|column| name(column, pick(8))).collect();
        writer.write_record(&names).unwrap();
        let numbers: Vec<f64> = (0..rows * columns).map(|_| pick(2000) as f64 / 8.0 - 100.0).collect();
        numbers.chunks(columns).for_each(|row| writer.write_record(row.iter().map(f64::to_string)).unwrap());
        let text = writer.into_inner().unwrap();
        let read = CsvOptions::new().delimiter(delimiter.into()).read::<f64>(&text[..], "t", &names[0]);
        let read = read.unwrap_or_else(|error| panic!("round {round}: {error}\n{}", String::from_utf8_lossy(&text)));
        assert_eq!(read.feature_names, names[1..]);
        let expected: Vec<f64> = numbers.chunks(columns).flat_map(|row| row[1..].to_vec()).collect();
        assert_eq!(read.features.to_vec(), expected, "round {round}");
    }
}
