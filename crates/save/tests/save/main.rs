//! Writing and reading files: safetensors in both directions, checkpoints, and the errors of broken files.

mod broken;
mod checkpoint;
mod kills;
mod safetensors;
mod widths;

use std::fs;
use std::path::PathBuf;

/// An empty temporary folder for a test.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The names in a folder, sorted.
fn names(folder: &PathBuf) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
