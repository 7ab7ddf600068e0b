//! Opening files whose size is known, and replacing files so that no reader ever sees a half-written one.
//!
//! ```
//! use std::io::Read;
//! let path = std::env::temp_dir().join(format!("downhill-files-doc-{}", std::process::id()));
//! downhill_files::check_writable(&path)?;
//! downhill_files::replace(&path, b"all of it")?;
//! let (mut file, size) = downhill_files::open(&path)?;
//! let mut text = String::new();
//! file.read_to_string(&mut text)?;
//! assert_eq!((text.as_str(), size), ("all of it", 9));
//! # std::fs::remove_file(path)?;
//! # std::io::Result::Ok(())
//! ```

mod format;
mod open;
mod replace;
mod temporary;

pub use format::Format;
pub use open::{open, out_of_memory};
pub use replace::{check_writable, replace};
