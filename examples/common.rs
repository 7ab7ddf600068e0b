//! What the examples share: where pictures go, how large the terminal's are, and checks of options.

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

/// The value of an option that counts something, unless it is 0.
///
/// # Errors
/// When it is 0; the text names the option.
pub fn at_least_one(option: &str, value: usize) -> Result<usize, lexopt::Error> {
    if value == 0 { Err(format!("{option} is 0; it must be at least 1").into()) } else { Ok(value) }
}

/// The value of an option such as a rate, unless it is negative, infinite or not a number.
///
/// # Errors
/// When it is; the text names the option.
pub fn not_negative(option: &str, value: f64) -> Result<f64, lexopt::Error> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(format!("{option} is {value}; it must be finite and not negative").into())
    }
}
