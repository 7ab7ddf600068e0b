//! The element types of tensors, and which of them have gradients.

use std::cmp::Ordering;
use std::fmt;

#[doc(inline)]
pub use downhill_kernels::element::Kind;
use downhill_kernels::element::{KernelElement, KernelFloat};

/// One element of any type, for code that handles all types alike: casting, printing, saving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A floating-point number; `f32` converts to `f64` exactly.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A truth value.
    Bool(bool),
}

impl Number {
    /// Compares two numbers exactly, without rounding either; `None` if one is NaN. Truth values count as 0 and 1.
    pub fn compare(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Bool(a), b) => Number::Int(i64::from(a)).compare(b),
            (a, Number::Bool(b)) => a.compare(Number::Int(i64::from(b))),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Int(a), Number::Float(b)) => compare_mixed(a, b),
            (Number::Float(a), Number::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// As [`Number::compare`]. Neither type can be converted to the other: `f64` has too few digits for `i64`, and `i64`
/// has no fractions.
fn compare_mixed(a: i64, b: f64) -> Option<Ordering> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        None
    } else if b >= BEYOND {
        Some(Ordering::Less)
    } else if b < -BEYOND {
        Some(Ordering::Greater)
    } else {
        // The integer part fits into `i64`; if the integer parts are equal, the fraction decides.
        Some(a.cmp(&(b as i64)).then(0.0f64.total_cmp(&(b.fract() + 0.0))))
    }
}

/// The element types of tensors: `f32`, `f64`, `i64` and `bool`.
///
/// The trait is sealed: kernels, file formats and printing support exactly these four.
pub trait Element: KernelElement {
    /// The type of one element outside a tensor: `f64` for every float, like Python's scalars.
    type Scalar: Copy + PartialEq + fmt::Debug + fmt::Display + 'static;

    /// The type of a sum of elements: `i64` for truth values, which are counted, and the element type itself for all
    /// others.
    type Sum: Element;

    /// The name of this type.
    const KIND: Kind;

    /// This element as a plain scalar.
    fn to_scalar(self) -> Self::Scalar;

    /// The element nearest to a plain scalar.
    fn from_scalar(scalar: Self::Scalar) -> Self;

    /// This element as a number of any type.
    fn to_number(self) -> Number;

    /// The element nearest to a number: for `i64`, floats are truncated towards zero; for `bool`, everything but zero
    /// is `true`.
    fn from_number(number: Number) -> Self;
}

/// An element type that has gradients: `f32` and `f64`.
///
/// Integers and truth values cannot require a gradient, and the compiler says so.
pub trait Float: Element<Scalar = f64, Sum = Self> + KernelFloat {
    /// The nearest value of this type.
    #[inline]
    fn of(scalar: f64) -> Self {
        Self::from_scalar(scalar)
    }

    /// The error function.
    fn erf(self) -> Self;
}

impl Float for f32 {
    fn erf(self) -> f32 {
        libm::erff(self)
    }
}

impl Float for f64 {
    fn erf(self) -> f64 {
        libm::erf(self)
    }
}

macro_rules! element {
    ($type:ident, $scalar:ident, $kind:ident, $number:ident, $sum:ident, $cast:expr) => {
        impl Element for $type {
            type Scalar = $scalar;
            type Sum = $sum;
            const KIND: Kind = Kind::$kind;

            #[inline]
            fn to_scalar(self) -> $scalar {
                $scalar::from(self)
            }
            #[inline]
            fn from_scalar(scalar: $scalar) -> $type {
                scalar as $type
            }
            #[inline]
            fn to_number(self) -> Number {
                Number::$number(self.to_scalar())
            }
            #[inline]
            fn from_number(number: Number) -> $type {
                $cast(number)
            }
        }
    };
}

element!(f32, f64, F32, Float, f32, |number| match number {
    Number::Float(x) => x as f32,
    Number::Int(x) => x as f32,
    Number::Bool(x) => f32::from(u8::from(x)),
});
element!(f64, f64, F64, Float, f64, |number| match number {
    Number::Float(x) => x,
    Number::Int(x) => x as f64,
    Number::Bool(x) => f64::from(u8::from(x)),
});
element!(i64, i64, I64, Int, i64, |number| match number {
    Number::Float(x) => x as i64,
    Number::Int(x) => x,
    Number::Bool(x) => i64::from(x),
});
element!(bool, bool, Bool, Bool, i64, |number| match number {
    Number::Float(x) => x != 0.0,
    Number::Int(x) => x != 0,
    Number::Bool(x) => x,
});
