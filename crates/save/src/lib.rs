//! Saving and loading: safetensors files, which PyTorch reads as well, and checkpoints, from which a run resumes
//! exactly.
//!
//! ```
//! use downhill_nn::{Linear, Module};
//! use downhill_save::{load_file, save_file};
//!
//! let path = std::env::temp_dir().join("downhill-doc.safetensors");
//! let net = Linear::new(2, 1);
//! save_file(&net.state_dict(), &path)?;
//! Linear::new(2, 1).load_state_dict(&load_file(&path)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A crash never leaves a half-written file: see [`save_file`]. [`Checkpoint`] holds model, optimiser, scheduler,
//! random state and the position in the data.

mod checkpoint;
mod error;
mod float16;
mod header;
mod numbers;
mod restore;
mod safetensors;

pub use checkpoint::Checkpoint;
pub use error::Error;
pub use float16::Half;
pub use restore::Restore;
pub use safetensors::{
    check_writable, load_file, load_file_as, load_file_with_metadata, save_file, save_file_as,
    save_file_with_metadata,
};
