//! Files that are written and read: safetensors in both directions, checkpoints, and what is said of broken files.

mod broken;
mod checkpoint;
mod kills;
mod safetensors;
mod widths;

use std::fs;
use std::path::PathBuf;

/// A folder of its own for a test, empty at its start.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The names in a folder, in order.
fn names(folder: &PathBuf) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
