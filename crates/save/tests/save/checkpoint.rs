//! `Checkpoint`: saving and loading round-trips, broken files and misfits change nothing, a crash keeps the previous
//! file.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use downhill_nn::{Linear, Module};
use downhill_save::{Checkpoint, save_file};
use downhill_tensor::{LoadError, StateDict, Tensor, manual_seed};
use downhill_tests::assert_panics;

use crate::{folder, names};

#[test]
fn checkpoints_round_trip() {
    let path = folder("round").join("run.safetensors");
    manual_seed(3);
    Tensor::randn([7]);
    let net = Linear::new(2, 1);
    let mut model = net.state_dict();
    model.insert("other.mask", &Tensor::from([true]));
    let checkpoint = Checkpoint::new()
        .with_state("model", &StateDict::new())
        .with_state("model", &model)
        .with_state("model2", &net.state_dict())
        .with_state("empty", &StateDict::new())
        .with_generator()
        .with_number("best accuracy", 0.1 + 0.2)
        .with_number("best accuracy", 0.1 + 0.3)
        .with_number("lowest loss", f64::NEG_INFINITY)
        .with_text("note", "ä, \"b\"\n")
        .with_text("states", "");
    let next = Tensor::randn([5]).to_vec();
    checkpoint.save(&path).unwrap();
    assert_eq!(Tensor::randn([1]).numel(), 1, "the generator goes on");

    let loaded = Checkpoint::load(&path).unwrap();
    let names = |name: &str| loaded.state(name).unwrap().iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names("model"), ["bias", "weight", "other.mask"]);
    assert_eq!(names("model2"), ["bias", "weight"]);
    assert!(loaded.state("empty").unwrap().is_empty());
    assert_eq!(loaded.state("model2").unwrap().tensor::<f32>("weight").unwrap().to_vec(), net.weight.to_vec());
    assert_eq!(loaded.number("best accuracy").unwrap(), 0.1 + 0.3);
    assert_eq!(loaded.number("lowest loss").unwrap(), f64::NEG_INFINITY);
    assert_eq!((loaded.text("note").unwrap(), loaded.text("states").unwrap()), ("ä, \"b\"\n", ""));
    loaded.restore().generator().finish().unwrap();
    assert_eq!(Tensor::randn([5]).to_vec(), next);

    let at = path.display();
    let rows = [
        (loaded.state("optimizer").map(drop), "state `optimizer`; it has model, model2, empty, generator, numbers"),
        (loaded.number("worst").map(drop), "number `worst`; it has best accuracy, lowest loss"),
        (loaded.text("why").map(drop), "text `why`; it has note, states"),
    ];
    for (result, message) in rows {
        assert_eq!(result.unwrap_err().to_string(), format!("{at}: the checkpoint has no {message}"));
    }
    let error = Checkpoint::new().number("worst").unwrap_err().to_string();
    assert_eq!(error, "a checkpoint that was not loaded: the checkpoint has no number `worst`; it has none");
}

#[test]
fn names_that_would_be_confused_are_refused() {
    for name in ["", "a.b", "a,b", "generator", "numbers"] {
        let text = format!(
            "Checkpoint::with_state: name is {name:?}; it must be a name without dots and commas, other than \
             `generator` and `numbers`"
        );
        assert_panics(&text, || Checkpoint::new().with_state(name, &StateDict::new()));
    }
}

#[test]
fn other_files_are_not_checkpoints() {
    let path = folder("foreign").join("net.safetensors");
    save_file(&Linear::new(2, 1).state_dict(), &path).unwrap();
    let said = Checkpoint::load(&path).unwrap_err().to_string();
    let found = "not a checkpoint, but a safetensors file without the text `format`";
    assert_eq!(said, format!("{}: {found}; read other safetensors files by `load_file`", path.display()));

    let newer = [("format".to_owned(), "pt".to_owned())].into();
    downhill_save::save_file_with_metadata(&StateDict::new(), &newer, &path).unwrap();
    let said = Checkpoint::load(&path).unwrap_err().to_string();
    let found = "not a checkpoint, but of the format \"pt\" instead of \"downhill checkpoint 1\"";
    assert_eq!(said, format!("{}: {found}; read other safetensors files by `load_file`", path.display()));
}

#[test]
fn nothing_is_restored_unless_everything_fits() {
    let path = folder("misfit").join("run.safetensors");
    let saved = Linear::new(2, 1);
    manual_seed(1);
    let mut zeros = StateDict::new();
    zeros.insert("state", &Tensor::from([0, 0, 0, 0]));
    let checkpoint =
        Checkpoint::new().with_state("model", &saved.state_dict()).with_state("head", &saved.state_dict());
    checkpoint.clone().with_generator().save(&path).unwrap();
    let (with, at) = (Checkpoint::load(&path).unwrap(), path.display());
    checkpoint.save(&path).unwrap();
    let without = Checkpoint::load(&path).unwrap();
    // A generator state that no run can have, written without the checks of `Checkpoint`.
    let metadata = [
        ("format".to_owned(), "downhill checkpoint 1".to_owned()),
        ("states".to_owned(), "model,head,generator".to_owned()),
    ];
    let mut tensors = StateDict::new();
    tensors.insert_all("model", &saved.state_dict());
    tensors.insert_all("head", &saved.state_dict());
    tensors.insert_all("generator", &zeros);
    downhill_save::save_file_with_metadata(&tensors, &metadata.into(), &path).unwrap();
    let broken = Checkpoint::load(&path).unwrap();

    let (model, head, wide) = (Linear::new(2, 1), Linear::new(2, 1), Linear::new(3, 1));
    let before = [&model, &head, &wide].map(|net| net.weight.to_vec());
    manual_seed(9);
    let next = Tensor::randn([3]).to_vec();
    let rows: [(&Checkpoint, &str, &Linear, &str); 4] = [
        (&with, "head", &wide, "the state `head` does not fit: `weight` has shape [1, 2], expected [1, 3]"),
        (&with, "scheduler", &head, "the checkpoint has no state `scheduler`; it has model, head, generator"),
        (&without, "head", &head, "the checkpoint has no state `generator`; it has model, head"),
        (
            &broken,
            "head",
            &head,
            "the state `generator` does not fit: `state`: expected four words that are not all 0, got [0, 0, 0, 0]",
        ),
    ];
    for (checkpoint, name, net, message) in rows {
        manual_seed(9);
        let restore = checkpoint.restore().state("model", model.state_dict(), |state| model.load_state_dict(state));
        let error = restore.state(name, net.state_dict(), |state| net.load_state_dict(state)).generator().finish();
        assert_eq!(error.unwrap_err().to_string(), format!("{at}: {message}"));
        assert_eq!([&model, &head, &wide].map(|net| net.weight.to_vec()), before, "{message}");
        assert_eq!(Tensor::randn([3]).to_vec(), next, "{message}");
    }

    let restore = with.restore().state("model", model.state_dict(), |state| model.load_state_dict(state));
    restore.state("head", head.state_dict(), |state| head.load_state_dict(state)).generator().finish().unwrap();
    assert_eq!([&model, &head].map(|net| net.weight.to_vec()), [saved.weight.to_vec(), saved.weight.to_vec()]);
    manual_seed(1);
    let expected = Tensor::randn([3]).to_vec();
    with.restore().generator().finish().unwrap();
    assert_eq!(Tensor::randn([3]).to_vec(), expected);
}

/// The path that the process to be killed writes to, for [`writes_until_it_is_killed`].
const KILLED: &str = "DOWNHILL_TEST_KILLED";

/// Large enough that a kill often happens during a write.
fn large(number: f64) -> Checkpoint {
    let mut state = StateDict::new();
    state.insert("weight", &Tensor::full([300_000], number));
    Checkpoint::new().with_state("model", &state).with_number("number", number)
}

/// Not a test of its own: [`a_process_that_is_killed_leaves_a_whole_file`] runs it in another process.
#[test]
#[ignore = "runs in a process of its own, until it is killed"]
fn writes_until_it_is_killed() {
    let Ok(path) = env::var(KILLED) else { return };
    for number in 1.. {
        large(f64::from(number)).save(&path).unwrap();
        println!("written");
    }
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_file() {
    let path = folder("killed").join("run.safetensors");
    large(0.0).save(&path).unwrap();
    for round in 0..6 {
        let mut command = Command::new(env::current_exe().unwrap());
        let arguments = ["--exact", "checkpoint::writes_until_it_is_killed", "--ignored", "--nocapture"];
        let command = command.args(arguments).env(KILLED, &path).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut writer = command.spawn().unwrap();
        let mut said = Vec::new();
        let mut from_writer = writer.stdout.take().unwrap();
        while !String::from_utf8_lossy(&said).contains("written") {
            let mut bytes = [0; 64];
            let count = from_writer.read(&mut bytes).unwrap();
            assert!(count > 0, "the writer ended: {}", String::from_utf8_lossy(&said));
            said.extend(&bytes[..count]);
        }
        thread::sleep(Duration::from_micros(700 * round));
        writer.kill().unwrap();
        writer.wait().unwrap();

        let checkpoint = Checkpoint::load(&path).unwrap();
        let number = checkpoint.number("number").unwrap();
        let weight = checkpoint.state("model").unwrap().tensor::<f32>("weight").unwrap().to_vec();
        assert!(number >= 1.0 && weight.iter().all(|&x| f64::from(x) == number), "a mixture of files");
    }
}

#[test]
fn leftovers_of_killed_writers_are_not_checkpoints() {
    let folder = folder("torn");
    let path = folder.join("run.safetensors");
    let checkpoint = |best| Checkpoint::new().with_number("best", best);
    checkpoint(1.0).save(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    let torn = folder.join("run.safetensors.1234-0.tmp");
    let at = torn.display();
    for bytes in [0, 7, 8, whole.len() / 2, whole.len() - 1] {
        fs::write(&torn, &whole[..bytes]).unwrap();
        let message = match bytes {
            0..8 => {
                format!("not a safetensors file: it has {bytes} bytes, but the length of the header alone takes 8")
            }
            _ if bytes < whole.len() - 1 => {
                "not a safetensors file: its first 8 bytes ask for a header longer than the file".to_owned()
            }
            _ => {
                format!(
                    "the file is cut off or has been changed: it has {bytes} bytes, and its header says {}",
                    whole.len()
                )
            }
        };
        assert_eq!(Checkpoint::load(&torn).unwrap_err().to_string(), format!("{at}: {message}"));
        assert_eq!(Checkpoint::load(&path).unwrap().number("best").unwrap(), 1.0);
        checkpoint(1.0).save(&path).unwrap();
    }
    assert_eq!(names(&folder), ["run.safetensors", "run.safetensors.1234-0.tmp"], "nothing else is left");
}

/// An error from the user's own load function is passed on with the name of the state.
#[test]
fn a_state_of_a_users_own_is_restored() {
    let mut counter = 5;
    let mut state = StateDict::new();
    state.insert_number::<i64>("count", 8);
    let checkpoint = Checkpoint::new().with_state("counter", &state);
    let load = |state: &StateDict| {
        counter = state.number::<i64>("count")?;
        Ok(())
    };
    checkpoint.restore().state("counter", StateDict::new(), load).finish().unwrap();
    assert_eq!(counter, 8);
    let load = |_: &StateDict| Err(LoadError::Value { name: "count".to_owned(), problem: "too high".to_owned() });
    let error = checkpoint.restore().state("counter", StateDict::new(), load).finish().unwrap_err();
    let expected = "a checkpoint that was not loaded: the state `counter` does not fit: `count`: too high";
    assert_eq!(error.to_string(), expected);
}
