//! The header of a safetensors file, checked against the size of the file before anything else is read.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use downhill_files::{Format, out_of_memory};
use downhill_tensor::one_line;
use safetensors::SafeTensorError;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::error::Error;

/// The key of a header's texts (the metadata).
pub(crate) const METADATA: &str = "__metadata__";

/// The file begins with the length of the header, a number of eight bytes.
const LENGTH_BYTES: u64 = 8;

/// The longest header that the format allows.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// The contents of a file. The data of the tensors follow each other in this order, without gaps, up to the end of
/// the file.
pub(crate) struct Header {
    pub(crate) tensors: Vec<(String, TensorInfo)>,
    pub(crate) texts: BTreeMap<String, String>,
}

impl Header {
    /// Reads the header of a file of `size` bytes and leaves the file positioned after it.
    pub(crate) fn read(source: &mut File, size: u64, file: &str) -> Result<Header, Error> {
        let read = |reason| Error::Read { file: file.to_owned(), reason };
        let mut start = Vec::new();
        source.take(256).read_to_end(&mut start).map_err(read)?;
        let header = length(&start, size).and_then(|length| {
            source.seek(SeekFrom::Start(LENGTH_BYTES)).map_err(Rejected::Read)?;
            Entries::parse(&bytes(source, length as usize).map_err(Rejected::Read)?)?
                .checked(LENGTH_BYTES + length, size)
        });
        header.map_err(|rejected| rejected.into_error(file, &start))
    }
}

/// Reads this many bytes from a source.
pub(crate) fn bytes(source: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(count).map_err(|_| out_of_memory(count as u128))?;
    bytes.resize(count, 0);
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The length of the header, checked against the size of the file.
fn length(start: &[u8], size: u64) -> Result<u64, Rejected> {
    let Some(length) = start.first_chunk() else {
        return Err(Rejected::NotSafetensors(format!(
            "it has {size} bytes, but the length of the header alone takes 8"
        )));
    };
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER_BYTES {
        return Err(Rejected::NotSafetensors("its first 8 bytes ask for a header of more than 100 MB".to_owned()));
    }
    if length > size - LENGTH_BYTES {
        return Err(Rejected::NotSafetensors("its first 8 bytes ask for a header longer than the file".to_owned()));
    }
    Ok(length)
}

/// Why a file is rejected, without its name.
enum Rejected {
    Read(io::Error),
    /// Not a safetensors file. If it is recognised as another format, the error names that format instead of this
    /// reason.
    NotSafetensors(String),
    Duplicates(Vec<String>),
    Size {
        bytes: u64,
        needed: u64,
    },
}

impl Rejected {
    fn into_error(self, file: &str, start: &[u8]) -> Error {
        let file = file.to_owned();
        match self {
            Rejected::Read(reason) => Error::Read { file, reason },
            Rejected::NotSafetensors(reason) => match Format::of(start) {
                Some(format) => Error::OtherFormat { file, format },
                // A model split into several files comes with a JSON index, which is easily loaded by mistake.
                None if start.starts_with(b"{") => {
                    let reason =
                        "it is JSON text, perhaps the index of a model in several files; load those".to_owned();
                    Error::NotSafetensors { file, reason }
                }
                None => Error::NotSafetensors { file, reason },
            },
            Rejected::Duplicates(names) => Error::DuplicateNames { file, names },
            Rejected::Size { bytes, needed } if bytes < needed => Error::Truncated { file, bytes, needed },
            Rejected::Size { bytes, needed } => Error::Trailing { file, bytes, needed },
        }
    }
}

impl From<SafeTensorError> for Rejected {
    fn from(error: SafeTensorError) -> Rejected {
        Rejected::NotSafetensors(one_line(&error.to_string()).into_owned())
    }
}

/// The entries of the header in file order, including duplicate names.
#[derive(Default)]
struct Entries {
    tensors: Vec<(String, TensorInfo)>,
    texts: Vec<(String, String)>,
}

impl Entries {
    fn parse(header: &[u8]) -> Result<Entries, Rejected> {
        let text = std::str::from_utf8(header).map_err(SafeTensorError::InvalidHeader)?;
        Ok(serde_json::from_str(text).map_err(SafeTensorError::InvalidHeaderDeserialization)?)
    }

    /// Sorts the entries by offset, and checks that names are unique and that the data fill the file exactly.
    fn checked(mut self, end: u64, size: u64) -> Result<Header, Rejected> {
        let mut duplicates = duplicates(&self.tensors);
        duplicates.extend(self::duplicates(&self.texts));
        if !duplicates.is_empty() {
            return Err(Rejected::Duplicates(duplicates));
        }
        self.tensors.sort_by(|(a, left), (b, right)| (left.data_offsets, a).cmp(&(right.data_offsets, b)));
        let needed = end.saturating_add(Metadata::new(None, self.tensors.clone())?.data_len() as u64);
        if needed != size {
            return Err(Rejected::Size { bytes: size, needed });
        }
        Ok(Header { tensors: self.tensors, texts: self.texts.into_iter().collect() })
    }
}

/// The names that occur more than once, each listed once.
fn duplicates<T>(entries: &[(String, T)]) -> Vec<String> {
    let mut names: Vec<&String> = entries.iter().map(|(name, _)| name).collect();
    names.sort();
    let mut repeated: Vec<String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    repeated.dedup();
    repeated
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map from names to tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Entries::default();
                while let Some(name) = map.next_key::<String>()? {
                    if name == METADATA {
                        entries
                            .texts
                            .extend(map.next_value::<Option<Texts>>()?.into_iter().flat_map(|texts| texts.0));
                    } else {
                        entries.tensors.push((name, map.next_value()?));
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// Named texts in file order.
struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map from names to texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    texts.push(entry);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(TextsVisitor)
    }
}
