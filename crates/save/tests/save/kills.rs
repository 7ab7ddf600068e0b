//! Checkpoints under stress: killed writers, concurrent writers, a full disk, folders that cannot be written.
#![cfg(unix)]

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use downhill_save::{Checkpoint, Error, check_writable};
use downhill_tensor::{Generator, StateDict, Tensor};
use rand::{Rng, SeedableRng};

use crate::{folder, names};

/// The arguments of a child process: where to write, and the number to begin with.
const PATH: &str = "DOWNHILL_TEST_KILLS_PATH";
const FROM: &str = "DOWNHILL_TEST_KILLS_FROM";

/// A checkpoint that differs from any mixture of two.
fn checkpoint(number: f64, size: usize) -> Checkpoint {
    let mut state = StateDict::new();
    state.insert("weight", &Tensor::full([size], number));
    Checkpoint::new().with_state("model", &state).with_number("number", number)
}

/// The number of a checkpoint, after checking that it is intact.
fn number(path: &Path) -> f64 {
    let checkpoint = Checkpoint::load(path).unwrap();
    let number = checkpoint.number("number").unwrap();
    let weight = checkpoint.state("model").unwrap().tensor::<f32>("weight").unwrap();
    assert!(weight.to_vec().iter().all(|&x| f64::from(x) == number), "a mixture of checkpoints");
    number
}

/// Runs a test of this file in another process.
fn other_process(test: &str, path: &Path, from: u32) -> (Child, ChildStdout) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("kills::{test}"), "--ignored", "--nocapture"]);
    let command = command.env(PATH, path).env(FROM, from.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    (child, stdout)
}

fn wait_until_written(child: &mut ChildStdout) {
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("written") {
        let mut bytes = [0; 64];
        let count = child.read(&mut bytes).unwrap();
        assert!(count > 0, "the writer ended: {}", String::from_utf8_lossy(&said));
        said.extend(&bytes[..count]);
    }
}

/// Not a test of its own: saves a new number as often as it can, until it is killed.
#[test]
#[ignore = "runs in a process of its own, until it is killed"]
fn saves_until_it_is_killed() {
    let (Ok(path), Ok(from)) = (env::var(PATH), env::var(FROM)) else { return };
    for i in from.parse::<u32>().unwrap().. {
        // Of different sizes, so that kills hit every stage of a save.
        checkpoint(f64::from(i), 100 + 7919 * (i as usize % 40)).save(&path).unwrap();
        println!("written");
    }
}

/// Kills a writer this many times, and returns how often it left a temporary file behind.
fn kills(test: &str, rounds: u32) -> usize {
    let folder = folder(test);
    let path = folder.join("run.checkpoint");
    let mut random = Generator::seed_from_u64(3);
    let (mut least, mut left_behind) = (0.0, 0);
    for round in 0..rounds {
        let (mut writer, mut from_writer) = other_process("saves_until_it_is_killed", &path, 1000 * (round + 1));
        wait_until_written(&mut from_writer);
        thread::sleep(Duration::from_micros(random.next_u64() % 15_000));
        writer.kill().unwrap();
        writer.wait().unwrap();

        let found = number(&path);
        assert!(found >= f64::from(1000 * (round + 1)) && found > least, "round {round}: an old checkpoint");
        least = found;
        // At most one: the next writer removes what the one before it left.
        let left: Vec<String> = names(&folder).into_iter().filter(|name| name != "run.checkpoint").collect();
        assert!(left.len() <= 1 && left.iter().all(|name| name.ends_with(".tmp")), "{left:?}");
        left_behind += left.len();
    }
    checkpoint(0.0, 1).save(&path).unwrap();
    assert_eq!((names(&folder), number(&path)), (vec!["run.checkpoint".to_owned()], 0.0));
    left_behind
}

#[test]
fn a_few_kills() {
    kills("few-kills", 5);
}

#[test]
#[ignore = "takes long"]
fn a_hundred_kills_at_random_moments() {
    let left_behind = kills("hundred-kills", 100);
    println!(
        "100 kills, 100 whole checkpoints; {left_behind} temporary files were left and removed by the next save"
    );
    assert!(left_behind > 0, "no kill has fallen into a save");
}

/// Neither removes the temporary file of the other, which is still running.
#[test]
fn two_processes_may_save_the_same_checkpoint() {
    let folder = folder("two-writers");
    let path = folder.join("run.checkpoint");
    let mut writers = [1, 1_000_000].map(|from| other_process("saves_until_it_is_killed", &path, from));
    writers.iter_mut().for_each(|(_, from_writer)| wait_until_written(from_writer));
    // Their outputs are read, so that no process blocks on a full pipe.
    let readers: Vec<_> = writers
        .map(|(writer, mut output)| (writer, thread::spawn(move || output.read_to_end(&mut Vec::new()))))
        .into();
    let mut seen = [false; 2];
    for _ in 0..60 {
        seen[usize::from(number(&path) >= 1e6)] = true;
        thread::sleep(Duration::from_millis(1));
    }
    for (mut writer, reader) in readers {
        assert_eq!(writer.try_wait().unwrap(), None, "a writer has failed");
        writer.kill().unwrap();
        writer.wait().unwrap();
        reader.join().unwrap().unwrap();
    }
    assert_eq!(seen, [true; 2], "both were seen to write");
}

/// As a user other than root.
#[test]
fn a_folder_that_cannot_be_written_keeps_the_file() {
    let folder = folder("read-only");
    let path = folder.join("run.checkpoint");
    checkpoint(1.0, 10).save(&path).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::write(folder.join("probe"), "").is_ok();
    if is_root {
        let _ = fs::remove_file(folder.join("probe"));
        eprintln!("skipped: root may write to a read-only folder");
    } else {
        let expected = format!("{}: cannot be written: Permission denied (os error 13)", path.display());
        assert_eq!(checkpoint(2.0, 10).save(&path).unwrap_err().to_string(), expected);
        assert_eq!(check_writable(&path).unwrap_err().to_string(), expected);
        assert_eq!(number(&path), 1.0);
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
}

/// Not a test of its own: runs on a small disk that is already mounted.
#[test]
#[ignore = "runs in a process of its own, with a small disk"]
fn on_a_small_disk() {
    let Ok(disk) = env::var(PATH).map(PathBuf::from) else { return };
    let path = disk.join("run.checkpoint");
    let refused = |result: Result<(), Error>, reason: &str| {
        assert_eq!(result.unwrap_err().to_string(), format!("{}: cannot be written: {reason}", path.display()));
        assert_eq!((names(&disk), number(&path)), (vec!["run.checkpoint".to_owned()], 1.0));
    };
    let full = "No space left on device (os error 28)";
    checkpoint(1.0, 50_000).save(&path).unwrap();
    // Larger than the disk, and larger than the free space.
    for size in [1_000_000, 240_000] {
        refused(checkpoint(2.0, size).save(&path), full);
    }
    // No free byte is left.
    let filler = disk.join("filler");
    assert!(fs::write(&filler, vec![0; 2 << 20]).is_err());
    assert!(checkpoint(2.0, 10).save(&path).is_err() && check_writable(&path).is_err());
    fs::remove_file(&filler).unwrap();
    assert_eq!(number(&path), 1.0);
    checkpoint(1.0, 60_000).save(&path).unwrap();

    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&disk).status().unwrap();
    assert!(remounted.success());
    refused(checkpoint(2.0, 10).save(&path), "Read-only file system (os error 30)");
    refused(check_writable(&path), "Read-only file system (os error 30)");
    println!("the disk was full and read-only");
}

/// Mounts a disk of one megabyte, visible to its own process only, where the machine allows that.
#[test]
fn a_full_disk_keeps_the_file() {
    let disk = folder("disk");
    let mounted = "mount -t tmpfs -o size=1m none \"$1\"";
    let own_mounts = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script]);
        command.arg(env::current_exe().unwrap()).arg(&disk).env(PATH, &disk);
        command.output()
    };
    if !own_mounts(mounted).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine does not let a test mount a disk");
        return;
    }
    let script = format!("{mounted} && exec \"$0\" --exact kills::on_a_small_disk --ignored --nocapture");
    let output = own_mounts(&script).unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("the disk was full and read-only"), "{said}");
}
