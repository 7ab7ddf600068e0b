//! Files that are not safetensors files, or damaged ones: each error names the file and the problem.

use std::fs;
use std::path::Path;

use downhill_save::load_file;

use crate::folder;
use crate::safetensors::committed;

/// A file with this header, followed by this many bytes of ones.
pub(crate) fn with_header(header: &str, bytes: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(vec![1; bytes]);
    file
}

#[test]
fn errors_name_the_file_and_the_problem() {
    let folder = folder("broken");
    let good = fs::read(committed("python.safetensors")).unwrap();
    let size = good.len();
    let header = |dtype: &str, bytes: usize| {
        with_header(
            &format!(r#"{{"fc.weight":{{"dtype":"{dtype}","shape":[2],"data_offsets":[0,{bytes}]}}}}"#),
            bytes,
        )
    };
    let only = "only F32, F64, I64 and BOOL are loaded as they are";
    let not = "not a safetensors file:";
    let other = |what: &str| format!("{not} it is {what}");
    let torch = "; if `torch.save` wrote it, load it in Python and write it by `safetensors.torch.save_file`";
    let entry = |name: &str, from: usize| {
        format!(r#""{name}":{{"dtype":"U8","shape":[1],"data_offsets":[{from},{}]}}"#, from + 1)
    };
    let again = "more than one entry of the name";
    let rows: [(&str, Vec<u8>, String); 32] = [
        (
            "last byte missing",
            good[..size - 1].to_vec(),
            format!("the file is cut off or has been changed: it has {} bytes, and its header says {size}", size - 1),
        ),
        (
            "one byte more",
            [&good[..], &[0]].concat(),
            format!(
                "1 byte(s) too many follow the last tensor: the file has {} bytes, and its header says {size}",
                size + 1
            ),
        ),
        (
            "two files in one",
            [&good[..], &good].concat(),
            format!(
                "{size} byte(s) too many follow the last tensor: the file has {} bytes, and its header says {size}",
                2 * size
            ),
        ),
        (
            "cut in the header",
            good[..100].to_vec(),
            format!("{not} its first 8 bytes ask for a header longer than the file"),
        ),
        ("empty", vec![], format!("{not} it has 0 bytes, but the length of the header alone takes 8")),
        (
            "more than 100 MB",
            b"\xff\xff\xff\xff\xff\xff\xff\xff and so on".to_vec(),
            format!("{not} its first 8 bytes ask for a header of more than 100 MB"),
        ),
        ("a picture", b"\x89PNG\r\n\x1a\n and so on".to_vec(), other("a PNG picture")),
        (
            "a web page",
            b"<!DOCTYPE html><html><body>404</body></html>".to_vec(),
            other("a web page (HTML), perhaps in place of a download that failed"),
        ),
        (
            "a short web page",
            b"<html>".to_vec(),
            other("a web page (HTML), perhaps in place of a download that failed"),
        ),
        (
            "a pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".to_vec(),
            other("a Git LFS pointer in place of the file; `git lfs pull` fetches the file"),
        ),
        ("torch", b"PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl".to_vec(), other("a zip archive") + torch),
        ("old torch", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.".to_vec(), other("a Python pickle") + torch),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\0".to_vec(), other("compressed with gzip")),
        ("numpy", b"\x93NUMPY\x01\0\0\0\0\0".to_vec(), other("a NumPy array (.npy)")),
        (
            "an index",
            br#"{"metadata": {"total_size": 5}, "weight_map": {}}"#.to_vec(),
            format!("{not} it is JSON text, perhaps the index of a model in several files; load those"),
        ),
        (
            "not JSON",
            with_header("hello", 0),
            format!("{not} invalid JSON in header: expected value at line 1 column 1"),
        ),
        (
            "not text",
            [&2u64.to_le_bytes()[..], &[0xff, 0xff]].concat(),
            format!("{not} invalid UTF-8 in header: invalid utf-8 sequence of 1 bytes from index 0"),
        ),
        (
            "one name twice",
            with_header(&format!("{{{},{}}}", entry("a", 0), entry("a", 1)), 2),
            format!("the header has {again} `a`; a reader could take either"),
        ),
        (
            "equal entries",
            with_header(&format!("{{{},{}}}", entry("a", 0), entry("a", 0)), 1),
            format!("the header has {again} `a`; a reader could take either"),
        ),
        (
            "several names",
            with_header(
                &format!(
                    "{{{},{},{},{},{}}}",
                    entry("b", 0),
                    entry("a\\n", 1),
                    entry("b", 2),
                    entry("a\\n", 3),
                    entry("b", 4)
                ),
                5,
            ),
            format!(r"the header has {again} `a\n`, `b`; a reader could take either"),
        ),
        (
            "one text twice",
            with_header(r#"{"__metadata__":{"by":"a","by":"b"}}"#, 0),
            format!("the header has {again} `by`; a reader could take either"),
        ),
        ("no texts", with_header(r#"{"__metadata__":null}"#, 0), String::new()),
        ("bf16", header("BF16", 4), format!("`fc.weight` holds BF16; {only}; `load_file_as::<f32>` widens it")),
        ("f16", header("F16", 4), format!("`fc.weight` holds F16; {only}; `load_file_as::<f32>` widens it")),
        ("i32", header("I32", 8), format!("`fc.weight` holds I32; {only}; `load_file_as::<i64>` widens it")),
        ("u8", header("U8", 2), format!("`fc.weight` holds U8; {only}; `load_file_as::<f32>` widens it")),
        ("f8", header("F8_E4M3", 2), format!("`fc.weight` holds F8_E4M3; {only}; convert it where it was saved")),
        ("a type of another size", header("F32", 4), format!("{not} invalid shape, data type, or offset for tensor")),
        (
            "more than can be counted",
            with_header(r#"{"m":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4),
            format!("{not} overflow computing buffer size from shape and/or element type"),
        ),
        (
            "a huge tensor",
            with_header(r#"{"m":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#, 4),
            "the file is cut off or has been changed: it has 90 bytes, and its header says 4398046511190".to_owned(),
        ),
        (
            "truth",
            with_header(
                r#"{"m":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},
                   "n":{"dtype":"BOOL","shape":[0],"data_offsets":[1,1]}}"#,
                1,
            ),
            String::new(),
        ),
        (
            "no truth",
            [with_header(r#"{"m":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#, 1), vec![2]].concat(),
            "`m` holds the byte 2 among its truth values, which are 0 and 1".to_owned(),
        ),
    ];
    for (name, bytes, message) in rows {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let said = load_file(&path).err().map(|error| error.to_string());
        let expected = (!message.is_empty()).then(|| format!("{}: {message}", path.display()));
        assert_eq!(said, expected, "{name}");
    }

    let path = committed("float16.safetensors");
    let expected = format!("{}: `half` holds F16; {only}; `load_file_as::<f32>` widens it", path.display());
    assert_eq!(load_file(&path).unwrap_err().to_string(), expected);
    let path = folder.join("nowhere");
    let expected = format!("{}: cannot be read: No such file or directory (os error 2)", path.display());
    assert_eq!(load_file(&path).unwrap_err().to_string(), expected);
}

/// Reading a device never ends, and opening a pipe waits for a writer; a file of a terabyte is rejected by its
/// header.
#[cfg(unix)]
#[test]
fn devices_pipes_and_impossible_sizes_are_refused() {
    let folder = folder("special");
    let pipe = folder.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let sparse = folder.join("sparse");
    let file = fs::File::create(&sparse).unwrap();
    std::io::Write::write_all(&mut &file, &with_header("{}", 0)).unwrap();
    file.set_len(1 << 40).unwrap();
    let rows = [
        (Path::new("/dev/zero"), "cannot be read: it is a device, not a regular file"),
        (&pipe, "cannot be read: it is a pipe, not a regular file"),
        (&folder, "cannot be read: it is a folder, not a file"),
        (
            &sparse,
            "1099511627766 byte(s) too many follow the last tensor: the file has 1099511627776 bytes, and its \
             header says 10",
        ),
    ];
    for (path, message) in rows {
        let start = std::time::Instant::now();
        assert_eq!(load_file(path).unwrap_err().to_string(), format!("{}: {message}", path.display()));
        assert!(start.elapsed().as_secs() < 5, "{path:?}");
    }
}
