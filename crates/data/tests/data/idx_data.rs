//! IDX files: what is accepted, and a table with one row for each error.

use std::fs;
use std::io::{self, Read};

use downhill_data::IdxData;

use crate::gzip;

fn error(bytes: &[u8]) -> String {
    IdxData::read(bytes, "images").unwrap_err().to_string()
}

#[test]
fn arrays_of_any_rank() {
    let cases: [(&[u8], &[usize], &[u8]); 4] = [
        (&[0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 255], &[3], &[7, 8, 255]),
        (&[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 8], &[2, 1], &[7, 8]),
        (&[0, 0, 8, 1, 0, 0, 0, 0], &[0], &[]),
        (&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6], &[1, 1, 2], &[5, 6]),
    ];
    for (bytes, shape, values) in cases {
        let expected = IdxData { shape: shape.to_vec(), values: values.to_vec() };
        assert_eq!(IdxData::read(bytes, "array").unwrap(), expected);
        // Recognised by its bytes, also when it consists of two gzip members.
        assert_eq!(IdxData::read(&gzip(bytes)[..], "array").unwrap(), expected);
        let pieces = [gzip(&bytes[..5]), gzip(&bytes[5..])].concat();
        assert_eq!(IdxData::read(&pieces[..], "array").unwrap(), expected);
    }

    // A size that does not fit in one byte.
    let bytes = [&[0, 0, 8, 1, 0, 0, 1, 2][..], &[3; 258]].concat();
    assert_eq!(IdxData::read(&bytes[..], "array").unwrap().shape, [258]);
}

#[test]
fn errors() {
    let not_idx = |start: &str| {
        let expected = "expected 00 00, the type of the elements and the number of dimensions";
        format!("images: not an IDX file: it begins with {start}; {expected}")
    };
    let cut_off = |bytes: usize, part: &str, needed: &str| {
        format!("images: cut off: {bytes} bytes are there, but {part} takes {needed}; fetch the file again")
    };
    let element = |given: &str| format!("images: the elements are {given}; expected unsigned bytes (type 0x08)");
    let cases: [(&[u8], String); 19] = [
        (b"PK\x03\x04 a zip file", "images: not an IDX file but a zip archive".to_owned()),
        (
            b"<html>",
            "images: not an IDX file but a web page (HTML), perhaps in place of a download that failed".to_owned(),
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a",
            "images: not an IDX file but a Git LFS pointer in place of the file; `git lfs pull` fetches the file"
                .to_owned(),
        ),
        (b"P", not_idx("50")),
        (&[0, 0, 8, 0], not_idx("00 00 08 00")),
        (&[0, 0, 7, 1, 0, 0, 0, 0], not_idx("00 00 07 01")),
        (&[3, 8, 0, 0, 0, 0, 0, 0], not_idx("03 08 00 00")),
        (&[0, 0, 0x09, 1, 0, 0, 0, 0], element("signed bytes (type 0x09)")),
        (&[0, 0, 0x0b, 1, 0, 0, 0, 0], element("16-bit integers (type 0x0b)")),
        (&[0, 0, 0x0c, 1, 0, 0, 0, 0], element("32-bit integers (type 0x0c)")),
        (&[0, 0, 0x0d, 1, 0, 0, 0, 0], element("32-bit floats (type 0x0d)")),
        (&[0, 0, 0x0e, 1, 0, 0, 0, 0], element("64-bit floats (type 0x0e)")),
        (&[], cut_off(0, "the start of a header", "4")),
        (&[0, 0, 8], cut_off(3, "the start of a header", "4")),
        (&[0, 0, 8, 3, 0, 0, 0, 1, 0], cut_off(9, "a header of 3 dimension(s)", "16")),
        (&[0, 0, 8, 1, 0, 0, 0, 3, 7, 8], cut_off(10, "an array of shape [3]", "11")),
        // The product of the sizes is above 2^64.
        (
            &[0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
            cut_off(16, "an array of shape [4294967295, 4294967295, 4294967295]", "79228162458924105385300197391"),
        ),
        (
            &[0, 0, 8, 1, 0, 0, 0, 1, 7, 8, 9],
            "images: 2 byte(s) too many: 11 are there, but an array of shape [1] takes 9; fetch the file again"
                .to_owned(),
        ),
        (
            &[0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 9, 1],
            "images: 1 byte(s) too many: 13 are there, but an array of shape [0, 9] takes 12; fetch the file again"
                .to_owned(),
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(error(bytes), expected, "{bytes:?}");
        let packed = match expected.contains("4294967295") {
            true => "images: the header asks for an array of shape [4294967295, 4294967295, 4294967295], \
        79228162458924105385300197391 bytes, but at most 2147483648 bytes of a \
        compressed file are read; if the size is right, unpack the file first"
                .to_owned(),
            false => expected,
        };
        assert_eq!(error(&gzip(bytes)), packed, "{bytes:?}, compressed");
    }
    // 255 sizes do not overflow the count either.
    let huge = [&[0, 0, 8, 255][..], &[255; 255 * 4]].concat();
    assert!(error(&huge).starts_with("images: cut off: 1024 bytes are there, but an array of shape [4294967295, "));
}

#[test]
fn damaged_gzip() {
    let whole = gzip(&[&[0, 0, 8, 1, 0, 0, 1, 0][..], &(0..=255).collect::<Vec<u8>>()].concat());
    assert!(IdxData::read(&whole[..], "images").is_ok());
    let mut flipped = whole.clone();
    flipped[whole.len() - 6] ^= 1; // In the checksum at the end.
    let followed = [&whole[..], b"something else"].concat();
    let cases = [
        (&whole[..whole.len() / 2], "incomplete deflate stream"),
        (&whole[..whole.len() - 1], "unexpected end of file"),
        (&whole[..5], "unexpected end of file"),
        (&flipped, "corrupt gzip stream does not have a matching checksum"),
        (&followed, "invalid gzip header"),
    ];
    for (bytes, reason) in cases {
        assert_eq!(error(bytes), format!("images: not intact gzip data ({reason}); fetch the file again"));
    }
}

/// A header that claims more than the file holds allocates no memory, and an endless source is not read forever.
#[test]
fn headers_that_claim_too_much_allocate_nothing() {
    let announced = |size: u32| [&[0, 0, 8, 1][..], &size.to_be_bytes(), &[1, 2, 3]].concat();
    let cut_off = "images: cut off: 11 bytes are there, but an array of shape [4294967295] takes 4294967303; fetch \
         the file again";
    assert_eq!(error(&announced(u32::MAX)), cut_off);
    let packed = "images: the header asks for an array of shape [4294967295], \
        4294967303 bytes, but at most 2147483648 bytes of a \
        compressed file are read; if the size is right, unpack the file first";
    assert_eq!(error(&gzip(&announced(u32::MAX))), packed);

    let whole = announced(2);
    let endless = whole.as_slice().chain(io::repeat(7));
    let said = IdxData::read(endless, "images").unwrap_err().to_string();
    let expected = "images: at least 1048576 byte(s) too many: at least 1048586 are there, but an array of shape \
         [2] takes 10; fetch the file again";
    assert_eq!(said, expected);
    let bomb = gzip(&[&announced(2)[..], &vec![0; 3 << 20]].concat());
    assert_eq!(error(&bomb), expected);
    let zero = IdxData::read(io::repeat(0), "images").unwrap_err().to_string();
    assert_eq!(
        zero,
        "images: not an IDX file: it begins with 00 00 00 00; expected 00 00, the type of the elements and the \
         number of dimensions"
    );
}

#[test]
fn files_and_sources_that_fail() {
    let missing = std::env::temp_dir().join("no such file");
    let reason = fs::read(&missing).unwrap_err();
    let expected = format!("{}: cannot be read: {reason}", missing.display());
    assert_eq!(IdxData::open(&missing).unwrap_err().to_string(), expected);

    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the network is gone"))
        }
    }
    let starts = [vec![], vec![0, 0, 8, 1, 0, 0, 0, 9, 1], gzip(&[0, 0, 8, 1, 0, 0, 0, 9, 1])[..12].to_vec()];
    for start in starts {
        let error = IdxData::read(start.as_slice().chain(Broken), "images").unwrap_err();
        assert_eq!(error.to_string(), "images: cannot be read: the network is gone");
    }
    // Running out of memory is not reported as damaged data.
    struct Full;
    impl Read for Full {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::OutOfMemory.into())
        }
    }
    let error = IdxData::read(gzip(&[0, 0, 8, 1, 0, 0, 0, 9, 1])[..12].chain(Full), "images").unwrap_err();
    assert!(error.to_string().starts_with("images: cannot be read: not enough memory: "), "{error}");
}
