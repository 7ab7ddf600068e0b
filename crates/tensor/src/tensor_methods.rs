//! The other methods of tensors: create, convert, compare, print, change in place, save.

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
