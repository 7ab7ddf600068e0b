//! States as safetensors files, the format of Hugging Face: `save_file` and `load_file`.
//!
//! A file is the length of its header, the header (names, types, shapes and places as JSON), and the numbers in
//! little-endian order: huggingface.co/docs/safetensors. Loading one runs no code, unlike PyTorch's own files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use downhill_tensor::{AnyTensor, StateDict, Tensor};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors, View};

use crate::error::Error;

/// The name under which a header keeps its texts.
const METADATA: &str = "__metadata__";

/// Writes the tensors of a state into a safetensors file, which PyTorch reads by `safetensors.torch.load_file`.
///
/// A crash in the middle leaves the previous file of this name whole: the new one is written beside it, waited for until
/// it is on the disk, and renamed.
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

/// As [`save_file`] with texts of your own, such as how the model was trained.
///
/// # Errors
/// As [`save_file`].
pub fn save_file_with_metadata(
    state: &StateDict,
    metadata: &BTreeMap<String, String>,
    path: impl AsRef<Path>,
) -> Result<(), Error> {
    let path = path.as_ref();
    let file = path.display().to_string();
    if state.get(METADATA).is_some() {
        return Err(Error::ReservedName { file, name: METADATA });
    }
    let texts = metadata.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    let tensors = state.iter().map(|(name, tensor)| (name, Stored::of(tensor)));
    match safetensors::serialize(tensors, (!metadata.is_empty()).then_some(texts)) {
        Ok(bytes) => downhill_files::replace(path, &bytes).map_err(|reason| Error::Write { file, reason }),
        Err(error) => Err(Error::Format { file, reason: error.to_string() }),
    }
}

/// Reads the tensors of a safetensors file, in the order in which they lie there (by type, then by name).
///
/// # Errors
/// When the file cannot be read, is cut off, is not a safetensors file, or has a tensor of another type than `F32`, `F64`,
/// `I64` and `BOOL`.
pub fn load_file(path: impl AsRef<Path>) -> Result<StateDict, Error> {
    load_file_with_metadata(path).map(|(state, _)| state)
}

/// As [`load_file`], with the texts that the file has besides its tensors.
///
/// # Errors
/// As [`load_file`].
pub fn load_file_with_metadata(path: impl AsRef<Path>) -> Result<(StateDict, BTreeMap<String, String>), Error> {
    let path = path.as_ref();
    let file = path.display().to_string();
    let bytes = fs::read(path).map_err(|reason| Error::Read { file: file.clone(), reason })?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| refused(&file, &bytes, &error))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| refused(&file, &bytes, &error))?;
    let mut state = StateDict::new();
    for name in metadata.offset_keys() {
        let view = tensors.tensor(&name).map_err(|error| refused(&file, &bytes, &error))?;
        state.insert_any(&name, &restored(&file, &name, &view)?);
    }
    let texts = metadata.metadata().iter().flatten().map(|(name, text)| (name.clone(), text.clone())).collect();
    Ok((state, texts))
}

/// A tensor as the format wants it.
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn of(tensor: &AnyTensor) -> Self {
        let (dtype, bytes) = match tensor {
            AnyTensor::F32(tensor) => (Dtype::F32, tensor.to_vec().into_iter().flat_map(f32::to_le_bytes).collect()),
            AnyTensor::F64(tensor) => (Dtype::F64, tensor.to_vec().into_iter().flat_map(f64::to_le_bytes).collect()),
            AnyTensor::I64(tensor) => (Dtype::I64, tensor.to_vec().into_iter().flat_map(i64::to_le_bytes).collect()),
            AnyTensor::Bool(tensor) => (Dtype::BOOL, tensor.to_vec().into_iter().map(u8::from).collect()),
        };
        Stored { dtype, shape: tensor.shape().to_vec(), bytes }
    }
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

fn restored(file: &str, name: &str, view: &TensorView) -> Result<AnyTensor, Error> {
    let (shape, bytes) = (view.shape(), view.data());
    // The header was checked: the bytes are as many as the shape and the type need.
    macro_rules! tensor {
        ($numbers:expr) => {
            AnyTensor::from(&Tensor::from_vec($numbers.collect(), shape).expect("as many numbers as the shape holds"))
        };
    }
    let tensor = match view.dtype() {
        Dtype::F32 => tensor!(words(bytes).map(f32::from_le_bytes)),
        Dtype::F64 => tensor!(words(bytes).map(f64::from_le_bytes)),
        Dtype::I64 => tensor!(words(bytes).map(i64::from_le_bytes)),
        Dtype::BOOL => match bytes.iter().find(|&&byte| byte > 1) {
            Some(&byte) => return Err(Error::TruthValue { file: file.to_owned(), name: name.to_owned(), byte }),
            None => tensor!(bytes.iter().map(|&byte| byte == 1)),
        },
        dtype => {
            let (file, name, dtype) = (file.to_owned(), name.to_owned(), dtype.to_string());
            return Err(Error::Dtype { file, name, dtype });
        }
    };
    Ok(tensor)
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.chunks_exact(N).map(|word| word.try_into().expect("a chunk of its size"))
}

fn refused(file: &str, bytes: &[u8], error: &SafeTensorError) -> Error {
    let file = file.to_owned();
    let reason = match error {
        SafeTensorError::MetadataIncompleteBuffer => return Error::Truncated { file, bytes: bytes.len() },
        SafeTensorError::HeaderTooSmall => {
            format!("it has {} bytes, and the length of the header alone has 8", bytes.len())
        }
        SafeTensorError::InvalidHeaderLength => "its first 8 bytes ask for a header longer than the file".to_owned(),
        SafeTensorError::HeaderTooLarge => "its first 8 bytes ask for a header of more than 100 MB".to_owned(),
        other => other.to_string(),
    };
    Error::NotSafetensors { file, reason }
}
