//! Everything that can be wrong with a file, as one typed error whose text names the file and what is wrong.

use std::io;

use downhill_tensor::LoadError;

/// Why a file could not be written, read or used, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum Error {
    /// A file that cannot be written; the previous file of this name, if there was one, is as it was.
    #[error("{file}: cannot be written: {reason}")]
    Write { file: String, reason: io::Error },

    /// A file that cannot be opened or read.
    #[error("{file}: cannot be read: {reason}")]
    Read { file: String, reason: io::Error },

    /// A name that the format keeps for itself.
    #[error("{file}: cannot be written: no tensor can be named `{name}` in a safetensors file; rename it")]
    ReservedName { file: String, name: &'static str },

    /// Something that the format cannot hold.
    #[error("{file}: cannot be written as safetensors: {reason}")]
    Format { file: String, reason: String },

    /// A file of another format.
    #[error("{file}: not a safetensors file: {reason}")]
    NotSafetensors { file: String, reason: String },

    /// A file whose end is missing.
    #[error("{file}: the file is cut off or has been changed: its {bytes} bytes are not as many as its header says")]
    Truncated { file: String, bytes: usize },

    /// An element type that tensors do not have.
    #[error(
        "{file}: `{name}` holds {dtype}; only F32, F64, I64 and BOOL can be loaded, so convert it where it was saved"
    )]
    Dtype { file: String, name: String, dtype: String },

    /// A truth value that is neither 0 nor 1.
    #[error("{file}: `{name}` holds the byte {byte} among its truth values, which are 0 and 1")]
    TruthValue { file: String, name: String, byte: u8 },

    /// A safetensors file that is not a checkpoint.
    #[error("{file}: not a checkpoint, but {found}; read other safetensors files by `load_file`")]
    NotACheckpoint { file: String, found: String },

    /// A part that a checkpoint does not have.
    #[error("{file}: the checkpoint has no {part}; it has {}", listed(found))]
    NoPart { file: String, part: String, found: Vec<String> },

    /// A state that does not fit what it is restored into.
    #[error("{file}: the state `{state}` does not fit: {reason}")]
    State { file: String, state: String, reason: LoadError },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
