//! Writes a picture to a file atomically, so that no reader sees a half-written one.

use std::io;
use std::path::Path;

/// Replaces the file atomically, creating its folder if it is missing.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    let explain =
        |error: io::Error| io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(explain)?;
    }
    downhill_files::replace(path, text.as_bytes()).map_err(explain)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("downhill-plot-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn files(folder: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn saving_makes_the_folder_replaces_the_file_and_leaves_nothing_else() {
        let folder = folder("replace");
        let path = folder.join("deeper/picture.svg");
        save(&path, "a long first text").unwrap();
        save(&path, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(files(path.parent().unwrap()), ["picture.svg"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_failed_save_keeps_what_was_there_and_says_where() {
        let folder = folder("fail");
        let path = folder.join("taken.svg");
        fs::create_dir_all(path.join("inside")).unwrap();
        let error = save(&path, "text").unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot write {}: ", path.display())), "{error}");
        assert_eq!(files(&folder), ["taken.svg"]);
        let error = save(Path::new("/"), "text").unwrap_err().to_string();
        assert_eq!(error, "cannot write /: the path names no file");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn readers_never_see_a_half_written_picture() {
        let folder = folder("atomic");
        let path = folder.join("picture.svg");
        let texts = ["a".repeat(300_000), "b".repeat(300_000)];
        save(&path, &texts[0]).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..20).for_each(|i| save(&path, &texts[i % 2]).unwrap()));
            for _ in 0..200 {
                let found = fs::read_to_string(&path).unwrap();
                assert!(texts.contains(&found), "{} bytes", found.len());
            }
        });
        fs::remove_dir_all(folder).unwrap();
    }
}
