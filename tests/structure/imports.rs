//! Reads which files of a crate import which, from their `mod` and `use` lines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The sources of a crate: each file by its path without `src/` and `.rs`, as `ops/matmul`.
pub struct Crate {
    pub name: String,
    files: BTreeMap<String, String>,
}

/// A file that uses something of another.
pub struct Import {
    pub from: String,
    pub to: String,
    pub line: usize,
}

impl Crate {
    pub fn read(folder: &Path) -> Crate {
        let source = folder.join("src");
        let mut files = BTreeMap::new();
        rust_files(&source, &mut |path, text| {
            let file = path.strip_prefix(&source).unwrap().with_extension("");
            files.insert(file.to_str().unwrap().replace('\\', "/"), text.to_owned());
        });
        Crate { name: folder.file_name().unwrap().to_str().unwrap().to_owned(), files }
    }

    /// The modules that `lib.rs` declares, in its order.
    pub fn root_modules(&self) -> Vec<String> {
        let lines = self.files["lib"].lines();
        let declared =
            lines.filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
        declared.map(str::to_owned).collect()
    }

    /// What the files use of each other. Tests may use anything, so what follows `#[cfg(test)]` is left out.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (from, text) in &self.files {
            if from.ends_with("tests") {
                continue;
            }
            let text = text.split("#[cfg(test)]").next().unwrap();
            for (line, path) in used_paths(text) {
                let path = match path.strip_prefix("crate::") {
                    Some(path) => path.split("::").map(str::to_owned).collect(),
                    None => self.absolute(from, &path),
                };
                if let Some(to) = self.file_of(&path) {
                    imports.push(Import { from: from.clone(), to, line });
                }
            }
        }
        imports
    }

    /// A path with `super` as a path from the root.
    fn absolute(&self, from: &str, path: &str) -> Vec<String> {
        let mut parts: Vec<String> = from.split('/').filter(|part| *part != "lib").map(str::to_owned).collect();
        let mut rest = path.split("::").peekable();
        while rest.next_if(|part| *part == "super").is_some() {
            parts.pop();
        }
        parts.extend(rest.filter(|part| *part != "self").map(str::to_owned));
        parts
    }

    /// The file that holds the longest beginning of a path that is a module.
    fn file_of(&self, path: &[String]) -> Option<String> {
        (1..=path.len()).rev().map(|length| path[..length].join("/")).find(|file| self.files.contains_key(file))
    }
}

/// Every path that begins with `crate::` or `super::`, with its line; groups in braces are written out.
fn used_paths(text: &str) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            // `$crate::`, and the second `super::` of `super::super::`, are part of another path.
            if code[..at].ends_with(['$', ':']) || code[..at].ends_with("pub(in ") {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            written_out(&code[at..], &mut |path| paths.push((line, path)));
        }
    }
    paths
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn written_out(text: &str, found: &mut dyn FnMut(String)) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let head = &text[..end];
    if !(head.ends_with("::") && text[end..].starts_with('{')) {
        return found(head.trim_end_matches(':').to_owned());
    }
    let (mut depth, mut from) = (0, end + 1);
    for (at, c) in text[end..].char_indices().map(|(at, c)| (end + at, c)) {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 1 => {
                let part = text[from..at].trim();
                if !part.is_empty() {
                    written_out(part, &mut |path| found(format!("{head}{path}")));
                }
                from = at + 1;
                if c == '}' {
                    return;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
}

/// The groups of files that reach each other.
pub fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(file) = next.pop() {
            for to in uses.get(file).into_iter().flatten() {
                if seen.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> = uses.keys().map(|file| (file.as_str(), reached(file))).collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for (file, files) in &reach {
        if files.contains(file) && !circles.iter().any(|circle| circle.iter().any(|other| other == file)) {
            let both = files.iter().filter(|other| reach.get(**other).is_some_and(|back| back.contains(file)));
            circles.push(both.map(|file| (*file).to_owned()).collect());
        }
    }
    circles
}

/// Calls `found` with each Rust file below a folder and its text.
pub fn rust_files(folder: &Path, found: &mut dyn FnMut(&Path, &str)) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
