//! Any bytes as an IDX file, as they are and compressed with gzip: the array that the header tells, or an error in
//! one line.

#![no_main]

use std::io::Write;

use downhill_data::IdxData;
use downhill_fuzz::check_message;
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

fn read(bytes: &[u8]) -> Result<IdxData, String> {
    let result = IdxData::read(bytes, "file");
    if let Err(error) = &result {
        check_message(error);
    }
    result.map_err(|error| error.to_string())
}

fn run(bytes: &[u8]) {
    let plain = read(bytes);
    if let Ok(array) = &plain {
        assert_eq!(array.values.len(), array.shape.iter().product::<usize>());
    }
    let packed = zipped(bytes);
    // Bytes that are compressed already are not taken apart twice.
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(read(&packed).is_ok(), plain.is_ok());
    }
    if let (Ok(packed), Ok(plain)) = (read(&packed), plain) {
        assert_eq!(packed, plain);
    }
    // Damaged in one place, which the first byte decides.
    if let Some(&place) = bytes.first() {
        let mut damaged = packed;
        let place = usize::from(place) % damaged.len();
        damaged[place] ^= 1;
        let _ = read(&damaged);
    }
}

fuzz_target!(|bytes: &[u8]| run(bytes));
