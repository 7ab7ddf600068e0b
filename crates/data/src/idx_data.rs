//! Arrays of unsigned bytes from an IDX file, plain or compressed with gzip: the format of MNIST.
//!
//! The format, with all numbers big-endian: two zero bytes, one byte for the element type, one for the number of
//! dimensions, four bytes for each dimension, and the elements (LeCun, Cortes and Burges, "The MNIST database of
//! handwritten digits").

use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use downhill_files::{Format, out_of_memory};
use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// The array of an IDX file of unsigned bytes.
///
/// A file compressed with gzip is recognised by its first bytes, whatever its name.
#[derive(Clone, Debug, PartialEq)]
pub struct IdxData {
    /// The sizes of the dimensions, at least one.
    pub shape: Vec<usize>,
    /// The elements in row-major order.
    pub values: Vec<u8>,
}

/// The header's code for unsigned bytes.
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
    /// When the file cannot be read, is damaged, is not an IDX file, has elements other than unsigned bytes, or has
    /// fewer or more bytes than its header says. A compressed file whose header asks for more than 2 GiB is not
    /// unpacked.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        IdxData::open_if(path.as_ref(), |_| Ok(()))
    }

    /// Opens and reads a file, unless `fits` rejects the shape: a small file whose header asks for a huge array is
    /// rejected before it is unpacked.
    pub(crate) fn open_if(path: &Path, fits: impl FnOnce(&[usize]) -> Result<(), Error>) -> Result<Self, Error> {
        let name = path.display().to_string();
        match downhill_files::open(path) {
            Ok((file, _)) => IdxData::read_if(file, &name, fits),
            Err(reason) => Err(Error::Read { file: name, reason }),
        }
    }

    /// Reads from any source; `name` is the file name used in error messages.
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
    ///     "array-idx2-ubyte: cut off: 16 bytes are there, but an array of shape [2, 3] takes 18; \
    ///      fetch the file again"
    /// );
    /// # Ok::<(), downhill_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`IdxData::open`].
    pub fn read(source: impl Read, name: &str) -> Result<Self, Error> {
        IdxData::read_if(source, name, |_| Ok(()))
    }

    fn read_if(
        source: impl Read,
        name: &str,
        fits: impl FnOnce(&[usize]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let mut source = BufReader::new(source);
        let mut start = Vec::new();
        let read = source.by_ref().take(2).read_to_end(&mut start);
        read.map_err(|reason| Error::Read { file: name.to_owned(), reason })?;
        let is_gzip = start == GZIP;
        let whole = start.as_slice().chain(source);
        if is_gzip {
            Bytes { source: MultiGzDecoder::new(BufReader::new(whole)), name, is_gzip, count: 0 }.array(fits)
        } else {
            Bytes { source: whole, name, is_gzip, count: 0 }.array(fits)
        }
    }
}

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The largest array read from a compressed file: three times the largest data set in MNIST's format (EMNIST, 0.6
/// GB).
const MAX_UNPACKED_BYTES: u128 = 1 << 31;

/// The number of extra bytes after the array that are counted for an error message.
const MAX_COUNTED_BYTES: u64 = 1 << 20;

/// The unpacked bytes of a file, and how many of them have been read.
struct Bytes<'a, R> {
    source: R,
    name: &'a str,
    is_gzip: bool,
    count: usize,
}

impl<R: Read> Bytes<'_, R> {
    /// Reads the header and the elements, and checks that nothing follows.
    fn array(mut self, fits: impl FnOnce(&[usize]) -> Result<(), Error>) -> Result<IdxData, Error> {
        let shape = self.header()?;
        // An untrusted header can ask for more than any machine holds: up to 255 sizes below 2^32 each.
        let elements = shape.iter().fold(1_u128, |product, &size| product.saturating_mul(size as u128));
        let needed = elements.saturating_add(self.count as u128);
        fits(&shape)?;
        if self.is_gzip && needed > MAX_UNPACKED_BYTES {
            return Err(Error::IdxTooLarge { file: self.file(), shape, needed, most: MAX_UNPACKED_BYTES });
        }
        let values = self.next(elements)?;
        if (values.len() as u128) < elements {
            return Err(self.cut_off(format!("an array of shape {shape:?}"), needed));
        }
        let rest = self.next(MAX_COUNTED_BYTES.into())?.len();
        if rest > 0 {
            let more = if rest as u64 == MAX_COUNTED_BYTES { "at least " } else { "" };
            return Err(Error::IdxTrailing { file: self.file(), bytes: self.count, shape, needed, more });
        }
        Ok(IdxData { shape, values })
    }

    /// The shape of the array.
    fn header(&mut self) -> Result<Vec<usize>, Error> {
        let start = self.next(4)?;
        // If the first bytes already show that it is another kind of file, do not report it as cut off.
        if start.iter().take(2).any(|&byte| byte != 0) || start.get(3) == Some(&0) {
            let look = [&start[..], &self.next(60)?].concat();
            return Err(match Format::of(&look) {
                Some(format) => Error::NotIdxBut { file: self.file(), format },
                None => Error::NotIdx { file: self.file(), start },
            });
        }
        let &[_, _, element, dimensions] = &start[..] else {
            return Err(self.cut_off("the start of a header".to_owned(), 4));
        };
        if element != UNSIGNED_BYTE {
            return Err(match element_name(element) {
                Some(given) => Error::IdxElement { file: self.file(), element, given },
                None => Error::NotIdx { file: self.file(), start },
            });
        }
        let sizes = self.next(4 * u128::from(dimensions))?;
        if sizes.len() < 4 * usize::from(dimensions) {
            let needed = 4 + 4 * u128::from(dimensions);
            return Err(self.cut_off(format!("a header of {dimensions} dimension(s)"), needed));
        }
        let size = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes")) as usize;
        Ok(sizes.chunks_exact(4).map(size).collect())
    }

    /// The next bytes: as many as asked for, or fewer at the end. Memory grows with the bytes that actually arrive,
    /// whatever size the header claims.
    fn next(&mut self, count: u128) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.source.by_ref().take(count.try_into().unwrap_or(u64::MAX)).read_to_end(&mut bytes);
        self.count += bytes.len();
        match read {
            Ok(_) => Ok(bytes),
            Err(reason) => Err(self.failed(reason, count)),
        }
    }

    /// Distinguishes invalid gzip data from an error of the source or of the machine.
    fn failed(&self, reason: io::Error, asked: u128) -> Error {
        let file = self.file();
        match reason.kind() {
            ErrorKind::OutOfMemory => Error::Read { file, reason: out_of_memory(asked) },
            ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof if self.is_gzip => {
                Error::Gzip { file, reason }
            }
            _ => Error::Read { file, reason },
        }
    }

    fn cut_off(&self, part: String, needed: u128) -> Error {
        Error::IdxCutOff { file: self.file(), bytes: self.count, part, needed }
    }

    fn file(&self) -> String {
        self.name.to_owned()
    }
}

/// The other element types of the format.
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
