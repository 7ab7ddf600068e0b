//! States as safetensors files, the format of Hugging Face: `save_file` and `load_file`.
//!
//! A file consists of the length of its header, the header (names, types, shapes and offsets as JSON), and the
//! numbers in little-endian order: huggingface.co/docs/safetensors. Loading one runs no code, unlike PyTorch's own
//! files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use downhill_tensor::{Element, Kind, StateDict};
use safetensors::{Dtype, View};

use crate::error::Error;
use crate::float16::Half;
use crate::header::{self, Header, METADATA};
use crate::numbers::{Origin, restored, stored};

/// Writes the tensors of a state to a safetensors file, which PyTorch reads with `safetensors.torch.load_file`.
///
/// A crash while writing leaves the previous file of this name intact: the new one is written to a temporary file
/// beside it, flushed to the disk, and renamed.
///
/// ```
/// use downhill_save::{load_file, save_file};
/// use downhill_tensor::{StateDict, Tensor};
/// let path = std::env::temp_dir().join("downhill-save-file.safetensors");
/// let mut state = StateDict::new();
/// state.insert("weight", &Tensor::ones([2, 3]));
/// save_file(&state, &path)?;
/// assert_eq!(load_file(&path)?.get("weight").unwrap().shape(), [2, 3]);
/// # Ok::<(), downhill_save::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be written, or a tensor is named `__metadata__`.
pub fn save_file(state: &StateDict, path: impl AsRef<Path>) -> Result<(), Error> {
    save_file_with_metadata(state, &BTreeMap::new(), path)
}

/// As [`save_file`], with texts of your own, such as how the model was trained.
///
/// # Errors
/// As [`save_file`].
pub fn save_file_with_metadata(
    state: &StateDict,
    metadata: &BTreeMap<String, String>,
    path: impl AsRef<Path>,
) -> Result<(), Error> {
    write(state, metadata, None, path.as_ref())
}

/// As [`save_file`], with 16-bit floats for a file of half the size: `f32` and `f64` are rounded to the nearest.
/// Integers and truth values are unchanged. [`load_file_as`] reads such files.
///
/// ```
/// use downhill_save::{Half, load_file_as, save_file_as};
/// use downhill_tensor::{StateDict, Tensor};
/// let path = std::env::temp_dir().join("downhill-save-file-as.safetensors");
/// let mut state = StateDict::new();
/// state.insert("weight", &Tensor::from([1.0, 0.1]));
/// save_file_as(&state, Half::BF16, &path)?;
/// let weight = load_file_as::<f32>(&path)?.get("weight").unwrap().get::<f32>().unwrap().to_vec();
/// assert_eq!(weight, [1.0, 0.100097656]);
/// # Ok::<(), downhill_save::Error>(())
/// ```
///
/// # Errors
/// As [`save_file`], and when a finite number is too large for the format.
pub fn save_file_as(state: &StateDict, half: Half, path: impl AsRef<Path>) -> Result<(), Error> {
    write(state, &BTreeMap::new(), Some(half), path.as_ref())
}

/// Checks that a file can be written, before hours of training whose result it should hold.
///
/// ```
/// let error = downhill_save::check_writable("/no such folder/model.safetensors").unwrap_err().to_string();
/// assert!(error.starts_with("/no such folder/model.safetensors: cannot be written: "));
/// ```
///
/// # Errors
/// When the folder is missing or read-only, or the name belongs to a folder, a device or a pipe. A disk that fills up
/// later is not detected.
pub fn check_writable(path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    downhill_files::check_writable(path).map_err(|reason| Error::Write { file: path.display().to_string(), reason })
}

fn write(
    state: &StateDict,
    metadata: &BTreeMap<String, String>,
    half: Option<Half>,
    path: &Path,
) -> Result<(), Error> {
    let file = || path.display().to_string();
    if state.get(METADATA).is_some() {
        return Err(Error::ReservedName { file: file(), name: METADATA });
    }
    let mut tensors = Vec::new();
    for (name, tensor) in state.iter() {
        let too_large =
            |number| Error::TooLarge { file: file(), name: name.to_owned(), number, half: half.expect("asked") };
        let (dtype, bytes) = stored(tensor, half).map_err(too_large)?;
        tensors.push((name, Stored { dtype, shape: tensor.shape().to_vec(), bytes }));
    }
    let texts = metadata.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    match safetensors::serialize(tensors, (!metadata.is_empty()).then_some(texts)) {
        Ok(bytes) => downhill_files::replace(path, &bytes).map_err(|reason| Error::Write { file: file(), reason }),
        Err(error) => Err(Error::Format { file: file(), reason: error.to_string() }),
    }
}

/// Reads the tensors of a safetensors file, in the order of the file (by type, then by name).
///
/// # Errors
/// When the file cannot be read, is cut off or has extra bytes, is not a safetensors file, contains a name twice, or
/// has a tensor of a type other than `F32`, `F64`, `I64` and `BOOL`; [`load_file_as`] reads more types.
pub fn load_file(path: impl AsRef<Path>) -> Result<StateDict, Error> {
    load_file_with_metadata(path).map(|(state, _)| state)
}

/// As [`load_file`], with types that tensors do not support widened to `T`.
///
/// | in the file | `f32` | `f64` | `i64` |
/// |---|---|---|---|
/// | `F16`, `BF16` | `f32` | `f64` | an error |
/// | `I8`, `U8`, `I16`, `U16`, `I32`, `U32`, `U64` | `f32` | `f64` | `i64` |
/// | `F32` | as it is | `f64` | as it is |
/// | `F64`, `I64`, `BOOL` | as it is | as it is | as it is |
///
/// Numbers are converted exactly: an integer that `T` cannot hold exactly is an error.
///
/// # Errors
/// As [`load_file`], and when `T` cannot hold a number.
pub fn load_file_as<T: Element>(path: impl AsRef<Path>) -> Result<StateDict, Error> {
    read(path.as_ref(), Some(T::KIND)).map(|(state, _)| state)
}

/// As [`load_file`], with the texts in the file's metadata.
///
/// # Errors
/// As [`load_file`].
pub fn load_file_with_metadata(path: impl AsRef<Path>) -> Result<(StateDict, BTreeMap<String, String>), Error> {
    read(path.as_ref(), None)
}

fn read(path: &Path, wide: Option<Kind>) -> Result<(StateDict, BTreeMap<String, String>), Error> {
    let file = &path.display().to_string();
    let unreadable = |reason| Error::Read { file: file.clone(), reason };
    let (mut source, size) = downhill_files::open(path).map_err(unreadable)?;
    let Header { tensors, texts } = Header::read(&mut source, size, file)?;
    let mut state = StateDict::new();
    for (name, info) in tensors {
        let (start, end) = info.data_offsets;
        let bytes = header::bytes(&mut source, end - start).map_err(unreadable)?;
        state.insert_any(&name, &restored(Origin { file, name: &name }, info.dtype, &info.shape, &bytes, wide)?);
    }
    Ok((state, texts))
}

/// A tensor in the form that the format needs.
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}
