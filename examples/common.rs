//! What the examples share: where pictures go and how large the terminal's are.

use std::io;
use std::path::{Path, PathBuf};

/// The size of a plot in the terminal, in columns and rows.
pub const TERMINAL: (usize, usize) = (76, 18);

/// Makes the folder for an example's pictures: `out/NAME` unless another one is wanted.
///
/// # Errors
/// When it cannot be made; the text names it.
pub fn picture_folder(example: &str, wanted: Option<PathBuf>) -> Result<PathBuf, String> {
    let folder = wanted.unwrap_or_else(|| Path::new("out").join(example));
    let describe =
        |error: io::Error| format!("cannot make the folder {} ({error}); name another with --out", folder.display());
    std::fs::create_dir_all(&folder).map_err(describe)?;
    Ok(folder)
}
