//! Everything that can be wrong with a file, as one typed error whose message names the file and the problem.

use std::io;

use downhill_files::Format;
use downhill_tensor::{Kind, LoadError, one_line};

use crate::float16::Half;

/// Why a file could not be written, read or used, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are what the message of each variant prints.
pub enum Error {
    /// A file that cannot be written; the previous file of this name, if there was one, is unchanged.
    #[error("{file}: cannot be written: {reason}")]
    Write { file: String, reason: io::Error },

    /// A file that cannot be opened or read.
    #[error("{file}: cannot be read: {reason}")]
    Read { file: String, reason: io::Error },

    /// A tensor name that the format reserves.
    #[error("{file}: cannot be written: no tensor can be named `{name}` in a safetensors file; rename it")]
    ReservedName { file: String, name: &'static str },

    /// Something that the format cannot hold.
    #[error("{file}: cannot be written as safetensors: {reason}")]
    Format { file: String, reason: String },

    /// A file in another format.
    #[error("{file}: not a safetensors file: {reason}")]
    NotSafetensors { file: String, reason: String },

    /// A file in another format that is recognised.
    #[error("{file}: not a safetensors file: it is {format}{}", advice(*format))]
    OtherFormat { file: String, format: Format },

    /// A file that ends too early.
    #[error("{file}: the file is cut off or has been changed: it has {bytes} bytes, and its header says {needed}")]
    Truncated { file: String, bytes: u64, needed: u64 },

    /// A file with bytes after its last tensor.
    #[error(
        "{file}: {} byte(s) too many follow the last tensor: the file has {bytes} bytes, and its header says \
         {needed}",
        bytes - needed
    )]
    Trailing { file: String, bytes: u64, needed: u64 },

    /// Names that occur more than once in a header.
    #[error("{file}: the header has more than one entry of the name {}; a reader could take either", quoted(names))]
    DuplicateNames { file: String, names: Vec<String> },

    /// An element type that tensors do not support.
    #[error(
        "{file}: `{}` holds {dtype}; only F32, F64, I64 and BOOL are loaded as they are; {remedy}",
        one_line(name)
    )]
    Dtype { file: String, name: String, dtype: String, remedy: &'static str },

    /// An integer that cannot be converted exactly.
    #[error("{file}: `{}` holds the {number}, which {kind} cannot hold exactly; {remedy}", one_line(name))]
    Inexact { file: String, name: String, number: String, kind: Kind, remedy: &'static str },

    /// A finite number that would become infinite in 16 bits.
    #[error(
        "{file}: cannot be written: `{}` holds {number:e}, which is too large for {half:?}{}",
        one_line(name),
        wider(*half)
    )]
    TooLarge { file: String, name: String, number: f64, half: Half },

    /// A truth value other than 0 and 1.
    #[error("{file}: `{}` holds the byte {byte} among its truth values, which are 0 and 1", one_line(name))]
    TruthValue { file: String, name: String, byte: u8 },

    /// A safetensors file that is not a checkpoint.
    #[error("{file}: not a checkpoint, but {found}; read other safetensors files by `load_file`")]
    NotACheckpoint { file: String, found: String },

    /// A part that the checkpoint does not contain.
    #[error("{file}: the checkpoint has no {}; it has {}", one_line(part), listed(found))]
    NoPart { file: String, part: String, found: Vec<String> },

    /// A state that does not fit the object it is restored into.
    #[error("{file}: the state `{state}` does not fit: {reason}")]
    State { file: String, state: String, reason: LoadError },
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| one_line(name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", one_line(name))).collect();
    quoted.join(", ")
}

/// How to convert the contents of another format to a safetensors file.
fn advice(format: Format) -> &'static str {
    match format {
        Format::Zip | Format::Pickle => {
            "; if `torch.save` wrote it, load it in Python and write it by `safetensors.torch.save_file`"
        }
        _ => "",
    }
}

fn wider(half: Half) -> &'static str {
    match half {
        Half::F16 => ", whose largest number is 65504; BF16 reaches as far as f32",
        Half::BF16 => "; save it as it is by `save_file`",
    }
}
