//! What else a tensor can do: be made, converted, compared, printed, changed in place, and saved.

pub(crate) mod argmax;
pub(crate) mod compact_text;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod create;
pub(crate) mod display;
pub(crate) mod inplace;
mod integer;
pub(crate) mod notebook;
mod operators;
mod random;
pub(crate) mod state_dict;
