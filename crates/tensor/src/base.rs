//! The ground floor: types of numbers, rules about sizes, and errors. Knows no tensor.

pub(crate) mod caller;
pub(crate) mod element;
pub(crate) mod error;
pub(crate) mod lock;
pub(crate) mod one_line;
pub(crate) mod padding;
pub(crate) mod pair;
pub(crate) mod scalar;
pub(crate) mod shape;
pub(crate) mod window;
