//! The 16-bit floating-point formats in which tensors can be saved.

/// The two 16-bit floating-point formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// IEEE 754 binary16: 11 bits of precision, numbers up to 65504.
    F16,
    /// bfloat16, the upper half of an `f32`: 8 bits of precision, numbers up to 3.39e38.
    BF16,
}
