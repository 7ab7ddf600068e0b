//! Replaces a file so that a crash leaves either the previous file or the new one, whole.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::open::regular;
use crate::temporary::{Temporary, remove_abandoned};

/// Writes a file: beside its place first, and when that is on the disk, it takes the name of the file in a single step.
///
/// A symbolic link stays, and the file that it leads to is replaced. The new file has the permissions of the one that it
/// replaces and, where the system allows it, its owner. What writers that were killed have left in the folder is removed;
/// the file of a writer that lives is not touched, because a writer holds a lock on it.
///
/// # Errors
/// When the file cannot be written, or its name belongs to a folder, a device or a pipe. The previous file of this name is
/// then as it was, and nothing else is left.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = Target::find(path)?;
    remove_abandoned(target.folder());
    let mut temporary = Temporary::create(target.folder(), target.previous.as_ref())?;
    temporary.write(bytes)?;
    if let Some(previous) = &target.previous {
        temporary.take_permissions(previous)?;
    }
    temporary.rename(&target.path)?;
    sync_folder(target.folder())
}

/// Whether [`replace`] could write this file: asked before hours of work whose result goes there.
///
/// It writes a file of another name beside it and removes it again.
///
/// # Errors
/// As [`replace`]. A disk that fills up later is not foreseen.
pub fn check_writable(path: &Path) -> io::Result<()> {
    let target = Target::find(path)?;
    Temporary::create(target.folder(), target.previous.as_ref())?.write(b"a test")
}

/// The place of a file, behind all symbolic links.
struct Target {
    path: PathBuf,
    /// What is there already, a regular file.
    previous: Option<Metadata>,
}

impl Target {
    fn find(path: &Path) -> io::Result<Target> {
        let path = linked(path)?;
        if path.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
        }
        let previous = match fs::symlink_metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match &previous {
            // The system says in its own words that a folder cannot be written.
            Some(metadata) if metadata.is_dir() => drop(OpenOptions::new().write(true).open(&path)?),
            Some(metadata) => regular(metadata)?,
            None => {}
        }
        Ok(Target { path, previous })
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

/// Where symbolic links lead, also when nothing is there yet.
fn linked(path: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(target) => path = path.with_file_name("").join(target),
            // Not a link.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads through too many symbolic links"))
}

/// The rename itself is on the disk once the folder is. Elsewhere than on Unix a folder cannot be opened as a file.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
