//! The lowest layer: element types, shapes, random numbers and plain-number arguments. Nothing here knows about
//! tensors.

pub(crate) mod element;
pub(crate) mod generator;
pub(crate) mod one_line;
pub(crate) mod padding;
pub(crate) mod pair;
pub(crate) mod random;
pub(crate) mod scalar;
pub(crate) mod shape;
