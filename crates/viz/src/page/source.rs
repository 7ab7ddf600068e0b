//! Finds the user's source lines, where the files are available.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::panic::Location;
use std::path::Path;

/// The number of lines shown before and after the user's line.
const CONTEXT_LINES: u32 = 3;

/// The lines around each of these positions, by file and line number; files that are not found are skipped.
pub(crate) fn around<'a>(
    lines: impl IntoIterator<Item = &'a Location<'a>>,
) -> BTreeMap<&'a str, BTreeMap<u32, String>> {
    let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for line in lines {
        wanted
            .entry(line.file())
            .or_default()
            .extend(line.line().saturating_sub(CONTEXT_LINES)..=line.line() + CONTEXT_LINES);
    }
    let found = |(file, numbers): (&'a str, BTreeSet<u32>)| {
        let text = read(file)?;
        let lines = (1..).zip(text.lines()).filter(|(number, _)| numbers.contains(number));
        Some((file, lines.map(|(number, line)| (number, line.to_string())).collect()))
    };
    wanted.into_iter().filter_map(found).collect()
}

/// Reads a file by the path that the compiler recorded, relative to the workspace folder, which is looked for at and
/// above the working directory.
fn read(file: &str) -> Option<String> {
    let folder = env::current_dir().unwrap_or_default();
    folder.ancestors().find_map(|folder| fs::read_to_string(folder.join(Path::new(file))).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_around_the_callers() {
        let here = Location::caller();
        let source = around([here]);
        let lines = &source[file!()];
        assert_eq!(
            lines.keys().copied().collect::<Vec<_>>(),
            (here.line() - 3..=here.line() + 3).collect::<Vec<_>>()
        );
        assert_eq!(lines[&here.line()], "        let here = Location::caller();");
        assert!(around([]).is_empty());
        assert_eq!(read("no/such/file.rs"), None);
    }
}
