//! Any bytes as a CSV file: numbers of the shape that the header tells, or an error in one line.

#![no_main]

use downhill_data::{CsvData, CsvOptions, Missing};
use downhill_fuzz::check_message;
use libfuzzer_sys::fuzz_target;

/// Where the target column is named: the last word of the first line, as most files have it.
fn last_name(bytes: &[u8]) -> String {
    let line = bytes.split(|&byte| byte == b'\n' || byte == b'\r').next().unwrap_or_default();
    let cell = line.rsplit(|&byte| byte == b',').next().unwrap_or_default();
    String::from_utf8_lossy(cell).trim().trim_matches('"').to_owned()
}

/// The table as a CSV file.
fn written(data: &CsvData<f64>) -> String {
    let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
    let header: Vec<String> = data.feature_names.iter().chain([&data.target_name]).map(quoted).collect();
    let mut text = header.join(",") + "\n";
    let columns = data.feature_names.len();
    for (features, target) in data.features.to_vec().chunks(columns).zip(data.targets.to_vec()) {
        let cells: Vec<String> = features.iter().chain([&target]).map(|number| format!("{number:?}")).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

/// Options that the last byte of the file chooses.
fn options(bytes: &[u8]) -> CsvOptions {
    let byte = bytes.last().copied().unwrap_or(0);
    let options =
        CsvOptions::new().delimiter([',', ';', '\t', '|'][usize::from(byte % 4)]).allow_precision_loss(byte > 99);
    let options = options.missing([Missing::Refuse, Missing::Nan, Missing::Fill(0.5)][usize::from(byte % 3)]);
    let options = if byte % 4 != 0 { options.decimal_comma(byte % 8 > 3) } else { options };
    if byte % 5 < 3 { options.comment('#').skip(["b"]) } else { options }
}

fn run(bytes: &[u8]) {
    match options(bytes).read::<f32>(bytes, "file.csv", "y") {
        Ok(data) => assert_eq!(data.features.shape(), [data.targets.numel(), data.feature_names.len()]),
        Err(error) => check_message(&error),
    }
    if let Err(error) = CsvData::<f32>::read(bytes, "file.csv", "y") {
        check_message(&error);
    }
    let data = match CsvData::<f64>::read(bytes, "file.csv", &last_name(bytes)) {
        Ok(data) => data,
        Err(error) => return check_message(&error),
    };
    let (rows, columns) = (data.targets.shape()[0], data.feature_names.len());
    assert_eq!((data.features.shape(), data.targets.shape()), (&[rows, columns][..], &[rows, 1][..]));
    assert!(data.features.to_vec().iter().chain(&data.targets.to_vec()).all(|number| number.is_finite()));
    let again = CsvData::<f64>::read(written(&data).as_bytes(), "again.csv", &data.target_name);
    let again = again.unwrap_or_else(|error| panic!("what was read cannot be read again: {error}"));
    assert_eq!(again.feature_names, data.feature_names);
    assert_eq!(again.features.to_vec(), data.features.to_vec());
    assert_eq!(again.targets.to_vec(), data.targets.to_vec());
}

fuzz_target!(|bytes: &[u8]| run(bytes));
