//! Arrays of unsigned bytes from an IDX file, plain or compressed with gzip: the format of MNIST.
//!
//! The format, all numbers with the highest byte first: two zero bytes, one byte for the type of the elements, one for
//! the number of dimensions, four bytes for each dimension, and the elements (LeCun, Cortes and Burges, "The MNIST
//! database of handwritten digits").

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// The array of an IDX file of unsigned bytes.
///
/// A file compressed with gzip is recognised by its first bytes, whatever its name.
#[derive(Clone, Debug, PartialEq)]
pub struct IdxData {
    /// The sizes of the dimensions, at least one.
    pub shape: Vec<usize>,
    /// The elements, row by row.
    pub values: Vec<u8>,
}

/// How the header writes the type of unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

impl IdxData {
    /// Reads a file.
    ///
    /// ```no_run
    /// use downhill_data::IdxData;
    /// let letters = IdxData::open("emnist-letters-train-images-idx3-ubyte.gz")?;
    /// println!("{} images of {} by {}", letters.shape[0], letters.shape[1], letters.shape[2]);
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, is no IDX file, holds other elements than unsigned bytes, or has fewer or
    /// more bytes than its header announces.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => IdxData::read(file, &name),
            Err(reason) => Err(Error::Read { file: name, reason }),
        }
    }

    /// Reads from any source; `name` stands for the file in messages.
    ///
    /// ```
    /// use downhill_data::IdxData;
    /// let file = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60];
    /// let array = IdxData::read(&file[..], "array-idx2-ubyte")?;
    /// assert_eq!((array.shape, array.values), (vec![2, 3], vec![10, 20, 30, 40, 50, 60]));
    ///
    /// let error = IdxData::read(&file[..16], "array-idx2-ubyte").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "array-idx2-ubyte: cut off: 16 bytes are there, but an array of shape [2, 3] takes 18; fetch the file again"
    /// );
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`IdxData::open`].
    pub fn read(mut source: impl Read, name: &str) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(|reason| Error::Read { file: name.to_owned(), reason })?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            bytes = unzip(&bytes, name)?;
        }
        IdxData::parse(bytes, name)
    }

    fn parse(mut bytes: Vec<u8>, name: &str) -> Result<Self, Error> {
        let file = || name.to_owned();
        let cut_off = |bytes: &[u8], part, needed| Error::IdxCutOff { file: file(), bytes: bytes.len(), part, needed };
        // What the beginning already shows to be another kind of file is not called cut off.
        if bytes.iter().take(2).any(|&byte| byte != 0) || bytes.get(3) == Some(&0) {
            return Err(Error::NotIdx { file: file(), start: bytes[..bytes.len().min(4)].to_vec() });
        }
        let &[_, _, element, dimensions, ref sizes @ ..] = &bytes[..] else {
            return Err(cut_off(&bytes, "the start of a header".to_owned(), 4));
        };
        if element != UNSIGNED_BYTE {
            return Err(match element_name(element) {
                Some(given) => Error::IdxElement { file: file(), element, given },
                None => Error::NotIdx { file: file(), start: bytes[..4].to_vec() },
            });
        }
        let header = 4 + 4 * usize::from(dimensions);
        if bytes.len() < header {
            return Err(cut_off(&bytes, format!("a header of {dimensions} dimension(s)"), header as u128));
        }
        let sizes = sizes.chunks_exact(4).take(dimensions.into());
        let shape: Vec<usize> =
            sizes.map(|size| u32::from_be_bytes(size.try_into().expect("four bytes")) as usize).collect();
        // A foreign header can announce more than any machine holds: up to 255 sizes below 2^32 each.
        let elements = shape.iter().fold(1_u128, |product, &size| product.saturating_mul(size as u128));
        let needed = elements.saturating_add(header as u128);
        let given = bytes.len() as u128;
        if given < needed {
            return Err(cut_off(&bytes, format!("an array of shape {shape:?}"), needed));
        }
        if given > needed {
            return Err(Error::IdxTrailing { file: file(), bytes: bytes.len(), shape, needed });
        }
        Ok(IdxData { shape, values: bytes.split_off(header) })
    }
}

/// What gzip has compressed, which may be several parts behind each other.
fn unzip(compressed: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    match MultiGzDecoder::new(compressed).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(reason) => Err(Error::Gzip { file: name.to_owned(), reason }),
    }
}

/// The types of elements that the format has beside unsigned bytes.
fn element_name(element: u8) -> Option<&'static str> {
    Some(match element {
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => return None,
    })
}
