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

/// The name under which a header keeps its texts.
pub(crate) const METADATA: &str = "__metadata__";

/// The length of the header is a number of eight bytes.
const LENGTH: u64 = 8;

/// The longest header, a limit of the format.
const LONGEST: u64 = 100_000_000;

/// What a file holds. Its numbers follow each other in this order, without gaps, up to the end of the file.
pub(crate) struct Header {
    pub(crate) tensors: Vec<(String, TensorInfo)>,
    pub(crate) texts: BTreeMap<String, String>,
}

impl Header {
    /// Reads the header of a file of `size` bytes and leaves the file at its first number.
    pub(crate) fn read(source: &mut File, size: u64, file: &str) -> Result<Header, Error> {
        let read = |reason| Error::Read { file: file.to_owned(), reason };
        let mut start = Vec::new();
        source.take(256).read_to_end(&mut start).map_err(read)?;
        let header = length(&start, size).and_then(|length| {
            source.seek(SeekFrom::Start(LENGTH)).map_err(Refused::Read)?;
            Entries::parse(&bytes(source, length as usize).map_err(Refused::Read)?)?.checked(LENGTH + length, size)
        });
        header.map_err(|refused| refused.into_error(file, &start))
    }
}

/// The next bytes of a source, as many as this.
pub(crate) fn bytes(source: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(count).map_err(|_| out_of_memory(count as u128))?;
    bytes.resize(count, 0);
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The length of the header, which is within the file.
fn length(start: &[u8], size: u64) -> Result<u64, Refused> {
    let Some(length) = start.first_chunk() else {
        return Err(Refused::Foreign(format!("it has {size} bytes, and the length of the header alone has 8")));
    };
    let length = u64::from_le_bytes(*length);
    if length > LONGEST {
        return Err(Refused::Foreign("its first 8 bytes ask for a header of more than 100 MB".to_owned()));
    }
    if length > size - LENGTH {
        return Err(Refused::Foreign("its first 8 bytes ask for a header longer than the file".to_owned()));
    }
    Ok(length)
}

/// Why a file is refused, before its name is added.
enum Refused {
    Read(io::Error),
    /// It is no safetensors file; if its beginning is that of another format, that says more than this text.
    Foreign(String),
    Duplicates(Vec<String>),
    Size {
        bytes: u64,
        needed: u64,
    },
}

impl Refused {
    fn into_error(self, file: &str, start: &[u8]) -> Error {
        let file = file.to_owned();
        match self {
            Refused::Read(reason) => Error::Read { file, reason },
            Refused::Foreign(reason) => match Format::of(start) {
                Some(format) => Error::OtherFormat { file, format },
                // The file beside a model in parts that says which part holds what.
                None if start.starts_with(b"{") => {
                    let reason =
                        "it is JSON text, perhaps the index of a model in several files; load those".to_owned();
                    Error::NotSafetensors { file, reason }
                }
                None => Error::NotSafetensors { file, reason },
            },
            Refused::Duplicates(names) => Error::DuplicateNames { file, names },
            Refused::Size { bytes, needed } if bytes < needed => Error::Truncated { file, bytes, needed },
            Refused::Size { bytes, needed } => Error::Trailing { file, bytes, needed },
        }
    }
}

impl From<SafeTensorError> for Refused {
    fn from(error: SafeTensorError) -> Refused {
        Refused::Foreign(one_line(&error.to_string()).into_owned())
    }
}

/// The entries of the header as they stand there, also those of equal names.
#[derive(Default)]
struct Entries {
    tensors: Vec<(String, TensorInfo)>,
    texts: Vec<(String, String)>,
}

impl Entries {
    fn parse(header: &[u8]) -> Result<Entries, Refused> {
        let text = std::str::from_utf8(header).map_err(SafeTensorError::InvalidHeader)?;
        Ok(serde_json::from_str(text).map_err(SafeTensorError::InvalidHeaderDeserialization)?)
    }

    /// The entries in the order of their numbers, when no name comes twice and the numbers fill the file.
    fn checked(mut self, end: u64, size: u64) -> Result<Header, Refused> {
        let mut duplicates = duplicates(&self.tensors);
        duplicates.extend(self::duplicates(&self.texts));
        if !duplicates.is_empty() {
            return Err(Refused::Duplicates(duplicates));
        }
        self.tensors.sort_by(|(a, left), (b, right)| (left.data_offsets, a).cmp(&(right.data_offsets, b)));
        let needed = end.saturating_add(Metadata::new(None, self.tensors.clone())?.data_len() as u64);
        if needed != size {
            return Err(Refused::Size { bytes: size, needed });
        }
        Ok(Header { tensors: self.tensors, texts: self.texts.into_iter().collect() })
    }
}

/// The names that come more than once, each once.
fn duplicates<T>(entries: &[(String, T)]) -> Vec<String> {
    let mut names: Vec<&String> = entries.iter().map(|(name, _)| name).collect();
    names.sort();
    let mut again: Vec<String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    again.dedup();
    again
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfEntries;
        impl<'de> Visitor<'de> for OfEntries {
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
        deserializer.deserialize_map(OfEntries)
    }
}

/// Texts by name, as they stand there.
struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfTexts;
        impl<'de> Visitor<'de> for OfTexts {
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
        deserializer.deserialize_map(OfTexts)
    }
}
