//! The structure of the source: which room may use which, that files do not import each other in a circle, and how
//! long lines may be.
//!
//! `crates/tensor/src/lib.rs` lists the rooms from the ground up. A room may use those above it in that list.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use imports::{Crate, Import};

/// Imports of a higher room that stay, each with its reason. ARCHITECTURE.md names them as well.
const UPWARD: &[(&str, &str)] = &[
    ("autograd/tensor", "ops/add"), // Two gradients with history are added by the operation `add`.
];

/// Folders whose files know each other: a tensor knows the node that made it, and a module its state.
const CIRCLES: &[(&str, &[&str])] =
    &[("tensor", &["autograd"]), ("nn", &["copy", "layer", "module", "part", "state", "training"])];

/// Whether this import of a higher room is one that stays.
fn is_upward(from: &str, to: &str) -> bool {
    UPWARD.contains(&(from, to))
}

/// The folder of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The crates of the workspace with their sources.
fn crates() -> Vec<Crate> {
    let folders = std::fs::read_dir(workspace().join("crates")).unwrap();
    let mut folders: Vec<PathBuf> =
        folders.map(|entry| entry.unwrap().path()).filter(|path| path.join("src/lib.rs").is_file()).collect();
    folders.sort();
    folders.iter().map(|folder| Crate::read(folder)).collect()
}

#[test]
fn rooms_use_only_lower_rooms() {
    let tensor = Crate::read(&workspace().join("crates/tensor"));
    let rooms = tensor.root_modules();
    assert!(rooms.len() >= 8, "the rooms of the tensor crate were not found: {rooms:?}");
    let floor = |file: &str| {
        let room = file.split('/').next().unwrap();
        rooms.iter().position(|name| name == room).unwrap_or_else(|| panic!("{file} belongs to no room of {rooms:?}"))
    };
    let mut upward = BTreeSet::new();
    for Import { from, to, line } in tensor.imports() {
        if from == "lib" || to == "lib" || floor(&from) >= floor(&to) {
            continue;
        }
        let known = is_upward(&from, &to);
        assert!(known, "{from}.rs:{line} uses {to}.rs, which stands above it: move what both need to a lower room");
        upward.insert((from, to));
    }
    assert_eq!(
        upward.len(),
        UPWARD.len(),
        "an import that UPWARD allows is gone; take it out of the list: {upward:?}"
    );
}

/// The picture of the rooms in ARCHITECTURE.md is the list of `lib.rs`, highest room first.
#[test]
fn architecture_shows_the_rooms() {
    let text = std::fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    let picture = text.split("```text").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let shown: Vec<&str> = picture.lines().filter_map(|line| Some(line.trim().split_once('/')?.0)).collect();
    let rooms = Crate::read(&workspace().join("crates/tensor")).root_modules();
    let rooms: Vec<&str> = rooms.iter().rev().map(String::as_str).filter(|room| *room != "precompiled").collect();
    assert_eq!(shown, rooms, "ARCHITECTURE.md and crates/tensor/src/lib.rs list different rooms");
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    for source in crates() {
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Import { from, to, .. } in source.imports() {
            if from != to && from != "lib" && to != "lib" && !is_upward(&from, &to) {
                uses.entry(from).or_default().insert(to);
            }
        }
        let allowed: &[&str] = CIRCLES.iter().find(|(name, _)| *name == source.name).map_or(&[], |(_, parts)| parts);
        let may = |file: &str| allowed.contains(&file.split('/').next().unwrap());
        for circle in imports::circles(&uses) {
            assert!(circle.iter().all(|file| may(file)), "a circle of files in crates/{}: {circle:?}", source.name);
        }
    }
}

#[test]
fn lines_are_at_most_118_columns() {
    let mut long = Vec::new();
    for folder in ["crates", "examples", "tests"] {
        imports::rust_files(&workspace().join(folder), &mut |path, text| {
            for (number, line) in text.lines().enumerate() {
                if line.chars().count() > 118 {
                    long.push(format!("{}:{}", path.display(), number + 1));
                }
            }
        });
    }
    assert!(long.is_empty(), "{} lines of more than 118 columns:\n{}", long.len(), long.join("\n"));
}

/// Every file says in its first line what it lets you do.
#[test]
fn files_open_with_what_they_are_for() {
    for folder in ["crates", "examples", "tests"] {
        imports::rust_files(&workspace().join(folder), &mut |path, text| {
            assert!(text.starts_with("//! "), "{} does not open with a `//!` line", path.display());
        });
    }
}
