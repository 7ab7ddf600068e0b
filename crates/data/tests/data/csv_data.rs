//! CSV files: what is accepted, and one row for each error.

use std::fs;
use std::io::{self, Read};

use downhill_data::{CsvData, CsvOptions, Dataset, Error, Missing};
use downhill_tensor::Generator;
use downhill_tests::assert_panics;
use rand::{Rng, SeedableRng};

fn read(text: &str) -> Result<CsvData, Error> {
    CsvData::read(text.as_bytes(), "houses.csv", "price")
}

#[test]
fn features_and_target_by_name() {
    let houses = read("area,price,age\n80,250.5,3\n120,310,1e1\n95,-1,.5\n").unwrap();
    assert_eq!((houses.features.shape(), houses.targets.shape()), (&[3, 2][..], &[3, 1][..]));
    assert_eq!(houses.features.to_vec(), [80.0, 3.0, 120.0, 10.0, 95.0, 0.5]);
    assert_eq!(houses.targets.to_vec(), [250.5, 310.0, -1.0]);
    assert_eq!((houses.feature_names, houses.target_name.as_str()), (vec!["area".into(), "age".into()], "price"));
}

#[test]
fn forms_of_the_same_table() {
    let forms = [
        "area,price\n80,250\n120,310\n",
        "area,price\n80,250\n120,310",
        "area,price\r\n80,250\r\n120,310\r\n",
        "area,price\r80,250\r120,310\r",
        "\u{feff}area,price\n80,250\n120,310\n",
        "\u{feff}\"area\",price\n80,250\n120,310\n",
        " area ,\tprice\n 80 , 250 \n120\t, 310\n",
        "\"area\",\"price\"\n\"80\",\" 250 \"\n120,310\n",
        "\n\narea,price\n\n80,250\n\r\n120,310\n\n",
        "area,price\n+80,2.5e2\n120.0,3100e-1\n",
    ];
    for form in forms {
        let houses = read(form).unwrap_or_else(|error| panic!("{form:?}: {error}"));
        assert_eq!(houses.feature_names, ["area"], "{form:?}");
        assert_eq!((houses.features.to_vec(), houses.targets.to_vec()), (vec![80.0, 120.0], vec![250.0, 310.0]));
    }
}

#[test]
fn names_that_are_numbers_are_names_when_the_target_is_among_them() {
    let years: CsvData = CsvData::read("1990,2000\n1,2\n".as_bytes(), "years.csv", "2000").unwrap();
    assert_eq!((years.feature_names, years.targets.to_vec()), (vec!["1990".to_owned()], vec![2.0]));
}

#[test]
fn other_float_types() {
    let text = "x,price\n0.1,1e300\n";
    let exact = CsvData::<f64>::read(text.as_bytes(), "houses.csv", "price").unwrap();
    assert_eq!((exact.features.to_vec(), exact.targets.to_vec()), (vec![0.1], vec![1e300]));
    assert_eq!(exact.dataset().len(), 1);
}

#[test]
fn errors() {
    let cases = [
        ("", "houses.csv: the file is empty; its first line must name the columns"),
        ("\n\r\n", "houses.csv: the file is empty; its first line must name the columns"),
        (
            "80,250\n120,310\n",
            r#"houses.csv, line 1: there is no header: "80" is a number; the first line must name the columns"#,
        ),
        (
            "\n,area,price\n0,80,250\n",
            "houses.csv, line 2: column 1 has no name; name it, or remove it if it only numbers the rows",
        ),
        (
            "area,price, area\n80,250,80\n",
            r#"houses.csv, line 1: columns 1 and 3 are both named "area"; give each its own name"#,
        ),
        (
            "area,\"the \"\"cost\"\"\"\n80,250\n",
            r#"houses.csv, line 1: there is no target column "price"; the columns are "area", "the \"cost\"""#,
        ),
        ("price\n250\n", r#"houses.csv, line 1: "price" is the only column; at least one more is needed as a feature"#),
        ("area,price\n", "houses.csv: there are no rows below the header"),
        ("area,price\n80,250\n80\n", "houses.csv, line 3: the row has 1 cell(s), but the header names 2 columns"),
        ("area,price\n80,250,1\n", "houses.csv, line 2: the row has 3 cell(s), but the header names 2 columns"),
        (
            "area,price\n80,\n",
            r#"houses.csv, line 2, column "price": the cell is empty; fill in a number or remove the row"#,
        ),
        ("area,price\n80,250\n12o,310\n", r#"houses.csv, line 3, column "area": expected a number, got "12o""#),
        (
            "area,price\n80,NaN\n",
            r#"houses.csv, line 2, column "price": expected a number that is finite as f32, got "NaN""#,
        ),
        (
            "area,price\n-inf,250\n",
            r#"houses.csv, line 2, column "area": expected a number that is finite as f32, got "-inf""#,
        ),
        (
            "area,price\n1e39,250\n",
            r#"houses.csv, line 2, column "area": expected a number that is finite as f32, got "1e39""#,
        ),
        (
            "area,price\n80,one hundred and twenty-seven thousand three hundred\n",
            r#"houses.csv, line 2, column "price": expected a number, got "one hundred and twenty-seven thousand th...""#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err().to_string(), expected, "{text:?}");
    }
}

#[test]
fn quotes_are_taken_strictly() {
    // A row is a cell of the column `area`, and what is read or said of it.
    let advice = "quote the whole cell, and write a quote in it twice";
    let after = |line, text: &str, opened: &str| {
        Err(format!(r#"houses.csv, line {line}, column "area": {text:?} follows the closing quote{opened}; {advice}"#))
    };
    let open =
        Err(r#"houses.csv, line 2, column "area": the quote that opens here is never closed; close or remove it"#
            .to_owned());
    let cases = [
        (r#""1"2"#, after(2, "2", "")),
        (r#""1"" 2"#, open.clone()),
        (r#""1" 2"#, after(2, "2", "")),
        (r#""1"""#, open.clone()),
        (r#""80"#, open.clone()),
        (r#" "80" "#, Ok(80.0)),
        ("\t\"8\n0\" x", after(3, "x", " of a cell that was opened in line 2")),
        ("\"\n80\n\"", Ok(80.0)),
        (r#"8"0"#, Err(r#"houses.csv, line 2, column "area": expected a number, got "8\"0""#.to_owned())),
        (r#""8""0""#, Err(r#"houses.csv, line 2, column "area": expected a number, got "8\"0""#.to_owned())),
    ];
    for (cell, expected) in cases {
        let text = format!("area,price\n{cell},250\n1,2\n");
        let read = read(&text).map(|houses| houses.features.at([0, 0])).map_err(|error| error.to_string());
        assert_eq!(read, expected, "{cell:?}");
    }
    // In the header a column has no name yet.
    let error = read("area,\"price\n80,250\n").unwrap_err().to_string();
    assert_eq!(error, "houses.csv, line 1, column 2: the quote that opens here is never closed; close or remove it");
}

#[test]
fn what_the_file_was_meant_to_be_is_said() {
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
            no_target(r#""area;age;price""#, "the line seems to be 3 columns separated by semicolons: set the delimiter ';'"),
        ),
        (
            "area\tprice\n80\t250\n",
            no_target(r#""area\tprice""#, r"the line seems to be 2 columns separated by tabs: set the delimiter '\t'"),
        ),
        (
            "area, total | price\n80|250\n",
            no_target(r#""area", "total | price""#, "the line seems to be 2 columns separated by bars: set the delimiter '|'"),
        ),
        (
            "80;250\n120;310\n",
            no_target(r#""80;250""#, "the line seems to be 2 columns separated by semicolons: set the delimiter ';'"),
        ),
        ("sep=;\narea;price\n80;250\n", no_target(r#""sep=;""#, "the line says that the separator is ';': set this delimiter")),
        (
            "# from 2020\narea,price\n80,250\n",
            no_target(r##""# from 2020""##, "if lines that begin with '#' are comments, set the comment '#'"),
        ),
        (
            "area,price\n# a note\n80,250\n",
            "houses.csv, line 2: the row has 1 cell(s), but the header names 2 columns; if lines that begin with '#' are comments, set the comment '#'".to_owned(),
        ),
        ("area,price\n#80,250\n", line_2("area", "#80", "if lines that begin with '#' are comments, set the comment '#'")),
        ("area,price\n\"80,5\",250\n", line_2("area", "80,5", "if it is a decimal comma, set the decimal comma")),
        ("area,price\nNA,250\n", line_2("area", "NA", missing)),
        ("area,price\n?,250\n", line_2("area", "?", missing)),
        (
            "<!DOCTYPE html>\n<html>404</html>",
            "houses.csv: not CSV but a web page (HTML), perhaps in place of a download that failed; save the table as CSV in UTF-8".to_owned(),
        ),
        ("PK\u{3}\u{4} and so on", "houses.csv: not CSV but a zip archive; save the table as CSV in UTF-8".to_owned()),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
            "houses.csv: not CSV but a Git LFS pointer in place of the file; `git lfs pull` fetches the file; save the table as CSV in UTF-8".to_owned(),
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
            r#"houses.csv, line 2, column "area": expected a number, got "1.234,5"; with a decimal comma, a number has no point and at most one comma"#,
        ),
        (
            error(german(), "area;price\n1.5;250\n"),
            r#"houses.csv, line 2, column "area": expected a number, got "1.5"; with a decimal comma, a number has no point and at most one comma"#,
        ),
        (
            error(german(), "area;price\n1,2,3;250\n"),
            r#"houses.csv, line 2, column "area": expected a number, got "1,2,3"; with a decimal comma, a number has no point and at most one comma"#,
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
            r#"houses.csv, line 1: there is no target column "price"; the columns are "sep=;"; the line says that the separator is ';': set this delimiter"#,
        ),
    ];
    for (said, expected) in rows {
        assert_eq!(said, expected);
    }
}

#[test]
fn options_that_cannot_be_are_refused_at_the_users_line() {
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
fn digits_that_are_lost_are_said() {
    let column = |cells: &[&str]| {
        let rows: String = cells.iter().map(|cell| format!("{cell},1\n")).collect();
        format!("time,price\n{rows}")
    };
    let f32 = "read it as f64 and subtract the mean there (`StandardScaler`), skip the column, or allow the loss of precision";
    let f64 = "skip the column, or allow the loss of precision";
    let merged = |pair: &str, kind: &str, advice: &str| {
        Some(format!(r#"houses.csv, column "time": {pair} are the same number as {kind}; {advice}"#))
    };
    let rounded = |line: usize, text: &str, kind: &str, advice: &str| {
        Some(format!(r#"houses.csv, line {line}, column "time": {text}; {advice}"#).replace("KIND", kind))
    };
    // The cells, and what is said when they are read as f32 and as f64.
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
                "0.00000000000000000000000000000000000000000000000002 is off by 2.0e-50 as KIND, and the whole column spans 1.0e-50",
                "f32",
                f32,
            ),
            None,
        ),
        (
            &["1e-50"],
            rounded(
                2,
                "0.00000000000000000000000000000000000000000000000001 is off by 1.0e-50 as KIND, and the whole column spans 0.0e0",
                "f32",
                f32,
            ),
            None,
        ),
        // The same number twice, roundings that do not matter, a constant, and numbers that fit exactly.
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
        // A column that is skipped may lose what it likes, and a target is a column as well.
        let wide: String =
            text.lines().map(|line| format!("7{}{line}\n", if line.starts_with('t') { "x," } else { "," })).collect();
        assert!(CsvOptions::new().skip(["time"]).read::<f32>(wide.as_bytes(), "houses.csv", "price").is_ok());
        assert_eq!(error(CsvData::<f32>::read(text.as_bytes(), "houses.csv", "time").map(drop)), as_f32, "{cells:?}");
    }
}

/// Tables written at random by the `csv` crate, which quotes where it must, are read as it reads them.
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

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    // Each text has its bad cell, `x`, in the given line.
    let cases = [
        ("area,price\nx,1\n", 2),
        ("area,price\r\nx,1\r\n", 2),
        ("area,price\r\n1,1\r\n2,2\r\nx,1\r\n", 4),
        ("area,price\r1,1\rx,1\r", 3),
        ("\u{feff}area,price\nx,1\n", 2),
        ("area,price\n\n\nx,1\n", 4),
        ("area,price\r\n\r\n1,1\r\n\r\nx,1\r\n", 5),
        ("\"area\n(square\nmetres)\",price\n1,1\nx,1\n", 5),
        ("\"area\r\n(square\r\nmetres)\",price\r\n1,1\r\nx,1\r\n", 5),
        ("area,price\n\"1\n\",1\n\"\n\nx\",1\n", 4),
    ];
    for (text, line) in cases {
        match read(text).unwrap_err() {
            Error::NotANumber { line: given, .. } => assert_eq!(given, line, "{text:?}"),
            other => panic!("{text:?}: {other}"),
        }
    }
}

#[test]
fn not_text() {
    let read = |bytes: &[u8]| CsvData::<f32>::read(bytes, "houses.csv", "price").unwrap_err().to_string();
    let expected = |line| format!("houses.csv, line {line}: not UTF-8 text; save the file as CSV in UTF-8");
    assert_eq!(read(b"area,price\r\nFl\xe4che,1\r\n"), expected(2));
    assert_eq!(read(b"\xff\xfea\0,\0b\0"), expected(1));
}

#[test]
fn files() {
    let folder = std::env::temp_dir().join(format!("downhill-data-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("houses.csv");
    let missing = fs::read(&path).unwrap_err();
    let text = format!("{}: cannot be read: {missing}", path.display());
    assert_eq!(CsvData::open(&path, "price").unwrap_err().to_string(), text);

    fs::write(&path, "area,price\n80,250\n").unwrap();
    let houses = CsvData::open(&path, "price").unwrap();
    assert_eq!(houses.dataset().row(0).1.item(), 250.0);
    assert_eq!(CsvData::<f64>::of(&path, "area").unwrap().targets.to_vec(), [80.0]);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_source_that_fails() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the network is gone"))
        }
    }
    let error = CsvData::<f32>::read(Broken, "houses.csv", "price").unwrap_err();
    assert_eq!(error.to_string(), "houses.csv: cannot be read: the network is gone");
}

/// What would take minutes if its time grew with the square of the number of columns.
#[test]
fn a_header_of_many_columns() {
    let count = 300_000;
    let names: Vec<String> = (0..count).map(|i| format!("column{i}")).collect();
    let text = |last: &str| format!("{},price,{last}\n{}1,2\n", names.join(","), "0.5,".repeat(count));
    let wide = read(&text("size")).unwrap();
    assert_eq!((wide.features.shape(), wide.targets.item()), (&[1, count + 1][..], 1.0));
    let error = read(&text("column1")).unwrap_err().to_string();
    assert!(error.contains(&format!("columns 2 and {} are both named \"column1\"", count + 2)), "{error}");
}
