//! Sizes, dimensions and numbers as somebody would choose them who wants to break something; most are harmless.

use std::ops::Bound;

use arbitrary::{Arbitrary, Result, Unstructured};

/// Sizes whose products and sums wrap around, some of them to small numbers.
const ABSURD: [usize; 16] = [
    1 << 12,
    1 << 16,
    1 << 20,
    1 << 31,
    (1 << 31) - 1,
    1 << 32,
    (1 << 32) + 1,
    1 << 34,
    1 << 40,
    1 << 62,
    1 << 63,
    (1 << 63) + 1,
    (1 << 63) - 1,
    usize::MAX,
    6148914691236517206,
    1844674407370955121,
];

/// The size of a dimension.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub usize);

impl<'a> Arbitrary<'a> for Size {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Size(match bytes.arbitrary::<u8>()? {
            byte @ 0..224 => [1, 2, 3, 4, 5, 0, 1, 8][usize::from(byte) % 8],
            byte @ 224..254 => ABSURD[usize::from(byte) % ABSURD.len()],
            _ => bytes.arbitrary()?,
        }))
    }
}

/// A dimension, a position or a size with a sign.
#[derive(Clone, Copy, Debug)]
pub struct Int(pub isize);

impl<'a> Arbitrary<'a> for Int {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Int(match bytes.arbitrary::<u8>()? {
            byte @ 0..200 => isize::from(byte % 10) - 4,
            byte @ 200..236 => ABSURD[usize::from(byte) % ABSURD.len()] as isize,
            byte @ 236..254 => (ABSURD[usize::from(byte) % ABSURD.len()] as isize).wrapping_neg(),
            _ => bytes.arbitrary()?,
        }))
    }
}

/// A plain number.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl<'a> Arbitrary<'a> for Number {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        const SPECIAL: [f64; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            2.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e-310,
            1e-40,
            1e38,
            1e39,
            -1e300,
            1e19,
            3.0,
        ];
        Ok(Number(match bytes.arbitrary::<u8>()? {
            byte @ 0..240 => SPECIAL[usize::from(byte) % SPECIAL.len()],
            _ => bytes.arbitrary()?,
        }))
    }
}

/// At most eight of something.
#[derive(Clone, Debug)]
pub struct Few<X>(pub Vec<X>);

impl<'a, X: Arbitrary<'a>> Arbitrary<'a> for Few<X> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let count = bytes.arbitrary::<u8>()? % 9;
        (0..count).map(|_| X::arbitrary(bytes)).collect::<Result<_>>().map(Few)
    }
}

impl Few<Size> {
    /// The sizes.
    pub fn sizes(&self) -> Vec<usize> {
        self.0.iter().map(|size| size.0).collect()
    }
}

impl Few<Int> {
    /// The numbers.
    pub fn ints(&self) -> Vec<isize> {
        self.0.iter().map(|int| int.0).collect()
    }
}

/// A range of positions with each kind of end.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Range {
    start: Bound<Int>,
    end: Bound<Int>,
}

impl Range {
    /// As Rust writes it.
    pub fn bounds(self) -> (Bound<isize>, Bound<isize>) {
        (self.start.map(|int| int.0), self.end.map(|int| int.0))
    }
}
