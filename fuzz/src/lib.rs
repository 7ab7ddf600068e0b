//! What the fuzz targets share: memory with a limit, a file for each process, and states that can be compared.

use std::alloc::System;
use std::path::PathBuf;
use std::{env, fs, process};

use cap::Cap;
use downhill_tensor::{AnyTensor, StateDict};

pub mod refusal;
pub mod run;

/// More than any honest input needs. What is asked for beyond it is refused, as on a machine whose memory is used up,
/// so that code which cannot take a refusal is found without filling the memory of this machine.
const MOST_BYTES: usize = 256 << 20;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, MOST_BYTES);

/// The path of a file that no other process uses, where files live in memory if the system has such a place.
pub fn file_with(bytes: &[u8]) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { env::temp_dir() };
    let path = folder.join(format!("downhill-fuzz-{}", process::id()));
    fs::write(&path, bytes).expect("the temporary folder can be written");
    path
}

/// A safetensors file whose first eight bytes fit: the header is what comes before the first zero byte.
pub fn with_length(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (header, numbers) = bytes.split_at(end);
    let numbers = numbers.get(1..).unwrap_or_default();
    [&(header.len() as u64).to_le_bytes(), header, numbers].concat()
}

/// The names, types, shapes and bits of a state: equal only when nothing has changed.
pub fn bits(state: &StateDict) -> Vec<(String, String, Vec<u64>)> {
    let row = |(name, tensor): (&str, &AnyTensor)| {
        let numbers = match tensor {
            AnyTensor::F32(tensor) => tensor.to_vec().into_iter().map(|x| u64::from(x.to_bits())).collect(),
            AnyTensor::F64(tensor) => tensor.to_vec().into_iter().map(f64::to_bits).collect(),
            AnyTensor::I64(tensor) => tensor.to_vec().into_iter().map(i64::cast_unsigned).collect(),
            AnyTensor::Bool(tensor) => tensor.to_vec().into_iter().map(u64::from).collect(),
        };
        (name.to_owned(), format!("{} {:?}", tensor.kind(), tensor.shape()), numbers)
    };
    state.iter().map(row).collect()
}

/// Checks that an error says something, in one line.
pub fn check_message(error: &impl ToString) {
    let text = error.to_string();
    assert!(text.len() > 10, "an error that says nothing: {text:?}");
    assert!(!text.contains('\n'), "an error of several lines: {text:?}");
}
