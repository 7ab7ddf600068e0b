//! Runs PyTorch's answers against downhill: every case under `cases/`, or in the folder that `DOWNHILL_ORACLE` names.
//!
//! A case says what to call, with which tensors, and what PyTorch gave. The interpreter maps names and arguments to calls
//! of the public API and compares numbers; it has no mathematics of its own. What it does not know is a failure.

mod case;
mod conv_pool;
mod elementwise;
mod functional;
mod higher_order;
mod index;
mod json;
mod layers;
mod losses;
mod modules;
mod optimizers;
mod program;
mod reduce;
mod result;
mod schedulers;
mod shape;
mod single;
mod training;
mod value;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The cases of one file.
struct Family {
    name: String,
    passed: usize,
    failures: Vec<String>,
}

fn run_family(file: &Path) -> Family {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut family = Family { name, passed: 0, failures: Vec::new() };
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match case::run(line) {
            Ok(()) => family.passed += 1,
            Err(problem) => family.failures.push(format!("{}:{}: {problem}", family.name, i + 1)),
        }
    }
    family
}

/// The files of cases in a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
}

#[test]
fn agrees_with_pytorch() {
    let committed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("pytorch_parity/cases");
    let folder = env::var_os("DOWNHILL_ORACLE").map_or_else(committed, PathBuf::from);
    let families: Vec<Family> = files(&folder).iter().map(|file| run_family(file)).collect();
    for family in &families {
        println!("{:<14} {:>4} passed {:>4} failed", family.name, family.passed, family.failures.len());
    }
    for failure in families.iter().flat_map(|family| &family.failures) {
        println!("{failure}");
    }
    let passed: usize = families.iter().map(|family| family.passed).sum();
    let failed: usize = families.iter().map(|family| family.failures.len()).sum();
    println!("{passed} passed, {failed} failed");
    assert!(passed + failed > 0, "no cases in {}", folder.display());
    assert_eq!(failed, 0, "cases in {} differ from PyTorch", folder.display());
}
