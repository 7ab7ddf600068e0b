//! Any bytes as a checkpoint, and a good one with some bytes changed: a run that is restored from it goes on, or is
//! as it was.

#![no_main]

use std::fs;
use std::sync::OnceLock;

use downhill_fuzz::refusal::unless_refused;
use downhill_fuzz::run::{Loader, Net, Optimised, Scheduled, Stateful};
use downhill_fuzz::{bits, check_message, file_with, with_length};
use downhill_optim as optim;
use downhill_save::Checkpoint;
use downhill_tensor::with_generator;
use libfuzzer_sys::fuzz_target;

/// A run of which everything has a state.
fn parts() -> Vec<(&'static str, Box<dyn Stateful>)> {
    vec![
        ("model", Box::new(Net::new())),
        ("optimizer", Box::new(Optimised::new(|parameters| optim::SGD::new(parameters, 0.1).momentum(0.9)))),
        ("scheduler", Box::new(Scheduled::new(optim::StepLR::new(2)))),
        ("loader", Box::new(Loader::new())),
    ]
}

/// The bits of everything that a checkpoint can change.
fn all_bits(parts: &[(&str, Box<dyn Stateful>)]) -> String {
    let states: Vec<_> = parts.iter().map(|(_, part)| bits(&part.state())).collect();
    format!("{states:?} {:?}", with_generator(|generator| generator.state()))
}

/// The file of the run itself.
fn saved() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let with = |checkpoint: Checkpoint, (name, part): &(&str, Box<dyn Stateful>)| {
            checkpoint.with_state(name, &part.state())
        };
        let checkpoint = parts().iter().fold(Checkpoint::new(), with).with_generator();
        let path = file_with(&[]);
        checkpoint.with_number("x", 0.5).with_text("x", "digits").save(&path).expect("the file can be written");
        fs::read(path).expect("the file is there")
    })
}

/// That file with other bytes in some places: two bytes tell a place, a third what is put there.
fn changed(changes: &[u8]) -> Vec<u8> {
    let mut file = saved().to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % file.len();
        file[place] = change[2];
    }
    file
}

fn run(bytes: &[u8]) {
    for file in [bytes, &with_length(bytes), &changed(bytes)] {
        let checkpoint = match Checkpoint::load(file_with(file)) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                check_message(&error);
                continue;
            }
        };
        for name in ["best accuracy", "x"] {
            let _ = checkpoint.number(name).inspect_err(check_message);
            let _ = checkpoint.text(name).inspect_err(check_message);
        }
        let mut parts = parts();
        let before = all_bits(&parts);
        let mut restore = checkpoint.restore().generator();
        for (name, part) in &mut parts {
            restore = restore.state(name, part.state(), |state| part.load(state));
        }
        match restore.finish() {
            Err(error) => {
                check_message(&error);
                assert_eq!(all_bits(&parts), before, "a checkpoint that was refused has changed something");
            }
            Ok(()) => {
                for (_, part) in &mut parts {
                    unless_refused(|| part.go_on());
                }
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| run(bytes));
