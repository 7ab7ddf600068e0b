//! The temporary file that is filled before it is renamed to the real one.
//!
//! Its name is unpredictable and it is opened with `create_new`, so nobody can plant a link there that redirects the
//! writer. The writer holds a lock on it, which is released when the process ends: a file without a lock is
//! abandoned.

use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const START: &str = ".downhill-";
const END: &str = ".tmp";

/// A temporary file, removed when it is dropped without a [`rename`](Temporary::rename).
pub(crate) struct Temporary {
    file: File,
    /// `None` after the rename.
    path: Option<PathBuf>,
}

impl Temporary {
    /// Creates an empty file in the folder, because a rename is only atomic within a file system. If it will replace
    /// another file, only its owner can read it until it gets the permissions of that file.
    pub(crate) fn create(folder: &Path, replaces: Option<&Metadata>) -> io::Result<Temporary> {
        loop {
            // The keys of this hash come from the operating system's random numbers.
            let random = RandomState::new().build_hasher().finish();
            let path = folder.join(format!("{START}{random:016x}{END}"));
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            if replaces.is_some() {
                only_for_owner(&mut options);
            }
            let file = match options.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // If the file system has no locks, other writers cannot lock the file either and so never treat it as
            // abandoned.
            let _ = file.lock();
            // Until it was locked, another writer may have taken it for abandoned and removed it.
            if is_linked(&file, &path) {
                return Ok(Temporary { file, path: Some(path) });
            }
        }
    }

    /// Writes all bytes and flushes them to the disk.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }

    /// Takes over owner and permissions of another file.
    #[cfg(unix)]
    pub(crate) fn take_permissions(&self, of: &Metadata) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

        let own = self.file.metadata()?;
        let mut mode = of.permissions().mode() & 0o7777;
        // Only a privileged process may change the owner.
        if (own.uid(), own.gid()) != (of.uid(), of.gid())
            && fchown(&self.file, Some(of.uid()), Some(of.gid())).is_err()
            && fchown(&self.file, None, Some(of.gid())).is_err()
        {
            // The permissions of the old group must not apply to another group.
            mode &= !0o070;
        }
        self.file.set_permissions(PermissionsExt::from_mode(mode))
    }

    /// Whether a file is read-only.
    #[cfg(not(unix))]
    pub(crate) fn take_permissions(&self, of: &Metadata) -> io::Result<()> {
        self.file.set_permissions(of.permissions())
    }

    /// Renames the file to its final name.
    pub(crate) fn rename(mut self, to: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, to)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // A failure to remove it matters less than the error that came first.
            let _ = fs::remove_file(path);
        }
    }
}

/// Removes the temporary files in a folder whose writers have ended. Files that cannot be read or removed are left.
pub(crate) fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_temporary = name.to_str().is_some_and(|name| name.starts_with(START) && name.ends_with(END));
        if !is_temporary || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        // Opened for writing too, so that opening does not block if the name belongs to a pipe.
        let Ok(file) = OpenOptions::new().read(true).write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn only_for_owner(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_owner(_: &mut OpenOptions) {}

/// Whether the file still has its name.
#[cfg(unix)]
fn is_linked(file: &File, _: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
}

#[cfg(not(unix))]
fn is_linked(_: &File, path: &Path) -> bool {
    path.exists()
}
