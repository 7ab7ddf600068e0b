//! Compares downhill with answers recorded from PyTorch: the cases under `cases/`, or those in the folder that
//! `DOWNHILL_ORACLE` names.
//!
//! A case says what to call, with which tensors, and what PyTorch gave. The interpreter maps names and arguments to
//! calls of the public API and compares numbers; it has no mathematics of its own. A case that it cannot run is a
//! failure.

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

/// One input `[1, -2]` with the output of `relu`; the fields that follow replace or add to these.
fn relu_case(changes: &str) -> String {
    let mut case: serde_json::Value = serde_json::from_str(
        r#"{"name": "c", "op": "relu", "args": {}, "dtype": "f64", "rtol": 0, "atol": 0,
            "inputs": [{"shape": [2], "data": [1, -2], "requires_grad": true}],
            "output": {"shape": [2], "data": [1, 0]},
            "seed_grad": {"shape": [2], "data": [3, 3]}, "grads": [{"shape": [2], "data": [3, 0]}]}"#,
    )
    .expect("the case is JSON");
    let changes: serde_json::Value = serde_json::from_str(changes).expect("the changes are JSON");
    for (name, value) in changes.as_object().expect("an object") {
        case[name] = value.clone();
    }
    case.to_string()
}

#[test]
fn what_differs_or_is_not_understood_is_a_failure() {
    assert_eq!(case::run(&relu_case("{}")), Ok(()));
    let rows = [
        (r#"{"op": "relu7"}"#, "op `relu7` is not understood"),
        (r#"{"args": {"alpha": 1}}"#, "`alpha` = 1 is not understood"),
        (r#"{"weather": "fine"}"#, "`weather` = \"fine\" is not understood"),
        (r#"{"dtype": "f16"}"#, "dtype Some(\"f16\") is not understood"),
        (r#"{"output": {"shape": [2], "data": [1, 0.5]}}"#, "element 1: expected 0.5, got 0"),
        (r#"{"output": {"shape": [2], "data": ["nan", 0]}}"#, "element 0: expected NaN, got 1"),
        (r#"{"output": {"shape": [2, 1], "data": [1, 0]}}"#, "expected shape [2, 1], got [2]"),
        (r#"{"output": {"shape": [2], "data": [1, 0], "dtype": "i64"}}"#, "expected elements of i64, got f64"),
        (r#"{"grads": [null]}"#, "grads[0]: expected null"),
        (r#"{"grads": []}"#, "grads: expected 0 items, got 1"),
        (r#"{"expect_error": true}"#, "expected an error, got a result"),
        (r#"{"expect_error": true, "op": "reshape", "args": {"shape": [3], "alpha": 1}}"#, "`alpha` = 1 is not"),
        (r#"{"op": "reshape", "args": {"shape": [3]}}"#, "expected a result, got: panic: reshape"),
    ];
    for (changes, text) in rows {
        let problem = case::run(&relu_case(changes)).expect_err(changes);
        assert!(problem.contains(text), "{changes}: {problem}");
    }
}
