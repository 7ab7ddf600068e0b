//! CSV files: what is accepted, and a table with one row for each error.

use std::fs;
use std::io::{self, Read};

use downhill_data::{CsvData, Dataset, Error};

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
        (
            "price\n250\n",
            r#"houses.csv, line 1: "price" is the only column; at least one more is needed as a feature"#,
        ),
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
            "houses.csv, line 2, column \"price\": expected a number, got \"one hundred and twenty-seven thousand \
             th...\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err().to_string(), expected, "{text:?}");
    }
}

#[test]
fn quotes_are_taken_strictly() {
    // Each row is a cell of the column `area` and the value or error it gives.
    let advice = "quote the whole cell, and write a quote in it twice";
    let after = |line, text: &str, opened: &str| {
        Err(format!(
            r#"houses.csv, line {line}, column "area": {text:?} follows the closing quote{opened}; {advice}"#
        ))
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

/// Would take minutes if the time grew with the square of the number of columns.
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
