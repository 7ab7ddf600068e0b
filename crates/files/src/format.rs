//! Recognises other file formats by their first bytes, so that an error can name what the file is.

use std::fmt;

/// Formats often found in place of the expected file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // The text of each variant says what it is.
pub enum Format {
    Html,
    GitLfs,
    Zip,
    Pickle,
    Gzip,
    Hdf5,
    Npy,
    Gguf,
    Pdf,
    Png,
}

/// The first bytes of each format.
const MAGIC: [(&[u8], Format); 14] = [
    (b"<!doctype html", Format::Html),
    (b"<html", Format::Html),
    (b"version https://git-lfs", Format::GitLfs),
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x05\x06", Format::Zip),
    (b"\x80\x02\x8a\x0a", Format::Pickle), // PyTorch before 1.6
    (b"\x80\x04\x95", Format::Pickle),
    (b"\x80\x05\x95", Format::Pickle),
    (b"\x1f\x8b", Format::Gzip),
    (b"\x89HDF\r\n\x1a\n", Format::Hdf5),
    (b"\x93NUMPY", Format::Npy),
    (b"GGUF", Format::Gguf),
    (b"%PDF-", Format::Pdf),
    (b"\x89PNG\r\n\x1a\n", Format::Png),
];

/// The number of bytes that [`Format::of`] looks at.
pub(crate) const LOOK: usize = 256;

impl Format {
    /// The format of a file that begins with these bytes, if it is recognised.
    ///
    /// ```
    /// use downhill_files::Format;
    /// assert_eq!(Format::of(b"\n <!DOCTYPE HTML><html>..."), Some(Format::Html));
    /// assert_eq!(Format::of(b"PK\x03\x04..."), Some(Format::Zip));
    /// assert_eq!(Format::of(b"area,price\n"), None);
    /// ```
    pub fn of(start: &[u8]) -> Option<Format> {
        let start = &start[..start.len().min(LOOK)];
        // A page may begin with a byte order mark, spaces and empty lines.
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let begins = |bytes: &[u8], magic: &[u8]| {
            bytes.get(..magic.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(magic))
        };
        let found = MAGIC.iter().find(|(magic, format)| match format {
            Format::Html => begins(text, magic),
            _ => start.starts_with(magic),
        });
        found.map(|&(_, format)| format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Html => "a web page (HTML), perhaps in place of a download that failed",
            Format::GitLfs => "a Git LFS pointer in place of the file; `git lfs pull` fetches the file",
            Format::Zip => "a zip archive",
            Format::Pickle => "a Python pickle",
            Format::Gzip => "compressed with gzip",
            Format::Hdf5 => "an HDF5 file",
            Format::Npy => "a NumPy array (.npy)",
            Format::Gguf => "a GGUF file",
            Format::Pdf => "a PDF document",
            Format::Png => "a PNG picture",
        })
    }
}
