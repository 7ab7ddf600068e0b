//! The ground floor: types of numbers, rules about sizes, and errors. Knows no tensor.

pub(crate) mod element;
pub(crate) mod generator;
pub(crate) mod one_line;
pub(crate) mod padding;
pub(crate) mod pair;
pub(crate) mod random;
pub(crate) mod scalar;
pub(crate) mod shape;
