//! Any bytes as a safetensors file: tensors that can be written and read again bit for bit, or an error in one line.

#![no_main]

use std::collections::BTreeMap;

use downhill_fuzz::{bits, check_message, file_with, with_length};
use downhill_save::{load_file_with_metadata, save_file_with_metadata};
use downhill_tensor::StateDict;
use libfuzzer_sys::fuzz_target;

fn load(bytes: &[u8]) -> Option<(StateDict, BTreeMap<String, String>)> {
    load_file_with_metadata(file_with(bytes)).inspect_err(check_message).ok()
}

fn run(bytes: &[u8]) {
    for file in [bytes, &with_length(bytes)] {
        if let Some((state, texts)) = load(file) {
            let path = file_with(&[]);
            save_file_with_metadata(&state, &texts, &path).expect("what was read can be written");
            let (again, same_texts) = load_file_with_metadata(&path).expect("what was written can be read");
            let (mut before, mut after) = (bits(&state), bits(&again));
            before.sort();
            after.sort();
            assert_eq!(before, after);
            assert_eq!(texts, same_texts);
        }
    }
}

fuzz_target!(|bytes: &[u8]| run(bytes));
