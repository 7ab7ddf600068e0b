//! Replaces a file atomically: a crash leaves either the previous file or the new one, complete.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::open::regular;
use crate::temporary::{Temporary, remove_abandoned};

/// Writes a file atomically: to a temporary file in the same folder first, which is flushed to the disk and then
/// renamed.
///
/// A symbolic link is kept, and the file it points to is replaced. The new file gets the permissions of the one that
/// it replaces and, where the system allows it, its owner. Temporary files left in the folder by killed writers are
/// removed; those of running writers, which hold a lock, are not.
///
/// # Errors
/// When the file cannot be written, or its name belongs to a folder, a device or a pipe. The previous file of this
/// name is then unchanged, and no temporary file is left.
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

/// Checks that [`replace`] can write this file, before hours of work whose result it should hold.
///
/// Creates a temporary file in the same folder and removes it again.
///
/// # Errors
/// As [`replace`]. A disk that fills up later is not detected.
pub fn check_writable(path: &Path) -> io::Result<()> {
    let target = Target::find(path)?;
    Temporary::create(target.folder(), target.previous.as_ref())?.write(b"a test")
}

/// The path to write, with all symbolic links resolved.
struct Target {
    path: PathBuf,
    /// The existing regular file, if any.
    previous: Option<Metadata>,
}

impl Target {
    fn find(path: &Path) -> io::Result<Target> {
        let path = resolve_links(path)?;
        if path.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
        }
        let previous = match fs::symlink_metadata(&path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match &previous {
            // Opening the folder for writing gives the system's own error for a folder that cannot be written.
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

/// Resolves symbolic links, even when the target does not exist yet.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    // The limit of Linux.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.with_file_name("").join(target),
            // Not a link.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads through too many symbolic links"))
}

/// The rename is only durable once the folder is flushed. Only Unix can open a folder as a file.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
