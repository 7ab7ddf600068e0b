//! Opens regular files only: reading a device may never end, and opening a pipe may block.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// Opens a file for reading, and returns its size in bytes.
///
/// # Errors
/// When it cannot be opened, or is a folder, a device, a pipe or a socket. The type is checked before opening,
/// because opening a pipe blocks until it has a writer.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    Ok((file, metadata.len()))
}

/// The error for memory that could not be allocated.
pub fn out_of_memory(bytes: u128) -> io::Error {
    io::Error::new(io::ErrorKind::OutOfMemory, format!("not enough memory: cannot allocate {bytes} bytes"))
}

/// Rejects everything except regular files.
pub(crate) fn regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}, not a regular file", special(metadata))))
}

#[cfg(unix)]
fn special(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    let kind = metadata.file_type();
    match kind {
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn special(_: &Metadata) -> &'static str {
    "a device"
}
