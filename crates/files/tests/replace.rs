//! Replacing a file: what is kept, what is rejected, and the cleanup after killed writers.
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use downhill_files::{check_writable, open, replace};

/// An empty temporary folder for a test.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn permissions_of_the_file_stay() {
    let folder = folder("permissions");
    for permissions in [0o600, 0o640, 0o644, 0o666, 0o400, 0o755] {
        let path = folder.join(format!("{permissions:o}"));
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(permissions)).unwrap();
        for text in ["first", "second"] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(format!("{:o}", mode(&path)), format!("{permissions:o}"));
        }
    }
    // A new file has the default permissions.
    File::create(folder.join("made by the system")).unwrap();
    replace(&folder.join("new"), b"").unwrap();
    assert_eq!(mode(&folder.join("new")), mode(&folder.join("made by the system")));
    // Through a link, the file keeps its permissions and the link stays a link.
    symlink("600", folder.join("link")).unwrap();
    replace(&folder.join("link"), b"through the link").unwrap();
    assert_eq!(
        (mode(&folder.join("600")), fs::read(folder.join("600")).unwrap()),
        (0o600, b"through the link".into())
    );
}

#[test]
fn only_files_are_replaced_and_only_files_are_opened() {
    let folder = folder("kinds");
    pipe(&folder.join("pipe"));
    fs::create_dir(folder.join("folder")).unwrap();
    symlink("/dev/zero", folder.join("link to zero")).unwrap();
    let before = names(&folder);
    let device = "it is a device, not a regular file";
    let directory = "Is a directory (os error 21)";
    let missing = "No such file or directory (os error 2)";
    // The path, and the errors of writing and of reading.
    let rows = [
        (folder.join("pipe"), "it is a pipe, not a regular file", "it is a pipe, not a regular file"),
        (folder.join("folder"), directory, "it is a folder, not a file"),
        (PathBuf::from("/dev/zero"), device, device),
        (PathBuf::from("/dev/null"), device, device),
        (folder.join("link to zero"), device, device),
        (folder.join("no folder/file"), missing, missing),
        (PathBuf::from("/"), "the path names no file", "it is a folder, not a file"),
        (folder.join(".."), "the path names no file", "it is a folder, not a file"),
    ];
    for (path, writing, reading) in rows {
        let start = Instant::now();
        assert_eq!(replace(&path, b"text").unwrap_err().to_string(), writing, "{path:?}");
        assert_eq!(check_writable(&path).unwrap_err().to_string(), writing, "{path:?}");
        assert_eq!(open(&path).unwrap_err().to_string(), reading, "{path:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{path:?}");
    }
    assert_eq!(names(&folder), before);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn checking_changes_nothing() {
    let folder = folder("checking");
    let path = folder.join("file");
    check_writable(&path).unwrap();
    assert!(names(&folder).is_empty());
    fs::write(&path, "before").unwrap();
    check_writable(&path).unwrap();
    assert_eq!((names(&folder), fs::read(&path).unwrap()), (vec!["file".to_owned()], b"before".to_vec()));
}

/// The temporary file of a killed writer has no lock; that of a running writer has one. Anything but a file is left.
#[test]
fn abandoned_files_are_removed_and_those_of_living_writers_stay() {
    let folder = folder("abandoned");
    let abandoned = [".downhill-0123456789abcdef.tmp", ".downhill-fedcba9876543210.tmp"];
    for name in abandoned {
        fs::write(folder.join(name), "half of a fi").unwrap();
    }
    let living = ".downhill-00000000000000aa.tmp";
    let writer = File::create(folder.join(living)).unwrap();
    writer.lock().unwrap();
    pipe(&folder.join(".downhill-pipe.tmp"));
    fs::write(folder.join("elsewhere"), "not to be touched").unwrap();
    symlink("elsewhere", folder.join(".downhill-link.tmp")).unwrap();
    fs::write(folder.join("file.1234-0.tmp"), "somebody else's").unwrap();

    replace(&folder.join("file"), b"whole").unwrap();
    let others = [".downhill-link.tmp", ".downhill-pipe.tmp", "elsewhere", "file", "file.1234-0.tmp"];
    let with_living = [&[living][..], &others].concat();
    assert_eq!(names(&folder), with_living);
    assert_eq!(fs::read(folder.join("elsewhere")).unwrap(), b"not to be touched");

    // The lock ends with the writer.
    drop(writer);
    replace(&folder.join("file"), b"again").unwrap();
    assert_eq!(names(&folder), others);
}

/// No writer loses its temporary file, though all of them look for abandoned ones all the time.
#[test]
fn many_writers_at_once() {
    let folder = folder("many");
    let path = folder.join("file");
    let texts: Vec<Vec<u8>> = (0..6).map(|writer| vec![b'a' + writer; 50_000]).collect();
    replace(&path, &texts[0]).unwrap();
    std::thread::scope(|scope| {
        for text in &texts {
            scope.spawn(|| (0..20).for_each(|_| replace(&path, text).unwrap()));
        }
        for _ in 0..200 {
            let (mut file, size) = open(&path).unwrap();
            let mut found = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut found).unwrap();
            assert!(texts.contains(&found) && size == 50_000, "{} bytes", found.len());
        }
    });
    assert_eq!(names(&folder), ["file"]);
}
