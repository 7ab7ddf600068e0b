//! Formats recognised by their first bytes.

use downhill_files::Format;

#[test]
fn formats_by_their_first_bytes() {
    let rows: [(&[u8], Option<Format>); 18] = [
        (b"<!DOCTYPE html>\n<html>", Some(Format::Html)),
        (b"\n\n  <HTML lang=\"en\">", Some(Format::Html)),
        (b"\xef\xbb\xbf<!doctype html>", Some(Format::Html)),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", Some(Format::GitLfs)),
        (b"PK\x03\x04\x14\x00", Some(Format::Zip)),
        (b"PK\x05\x06", Some(Format::Zip)),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", Some(Format::Pickle)),
        (b"\x80\x04\x95\x10\x00", Some(Format::Pickle)),
        (b"\x1f\x8b\x08\x00", Some(Format::Gzip)),
        (b"\x89HDF\r\n\x1a\n", Some(Format::Hdf5)),
        (b"\x93NUMPY\x01\x00", Some(Format::Npy)),
        (b"GGUF\x03\x00", Some(Format::Gguf)),
        (b"%PDF-1.7", Some(Format::Pdf)),
        (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
        // A safetensors file whose header has 640 bytes begins like a pickle.
        (b"\x80\x02\x00\x00\x00\x00\x00\x00{", None),
        (b"PK", None),
        (b"", None),
        (b"x,y\n1,2\n", None),
    ];
    for (start, format) in rows {
        assert_eq!(Format::of(start), format, "{start:?}");
    }
}
