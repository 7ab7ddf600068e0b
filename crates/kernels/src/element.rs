//! The element types that the loops support: `f32`, `f64`, `i64` and `bool`.

use std::fmt;

use crate::lanes::Vectors;
use crate::maths::Maths;

/// The name of an element type, as it is printed and saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 32-bit floating point, the default.
    F32,
    /// 64-bit floating point, for checking gradients and for exact work.
    F64,
    /// 64-bit integers: labels and indices.
    I64,
    /// Truth values: masks.
    Bool,
}

impl Kind {
    /// Whether tensors of this type can require a gradient.
    pub const fn has_gradients(self) -> bool {
        matches!(self, Kind::F32 | Kind::F64)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::F32 => "f32",
            Kind::F64 => "f64",
            Kind::I64 => "i64",
            Kind::Bool => "bool",
        })
    }
}

/// What a loop needs of an element: to copy, compare and add it.
///
/// The trait is sealed: there are loops for these four types.
pub trait KernelElement:
    private::Sealed + Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static
{
    /// The sum of two elements, `or` for `bool`: the only arithmetic that operations which move elements need.
    fn plus(self, other: Self) -> Self;
}

/// A number with all arithmetic, functions and SIMD vectors: `f32` and `f64`.
pub trait KernelFloat:
    KernelElement<Wide = f64> + Maths + Vectors + num_traits::Float + num_traits::NumAssign
{
}

impl KernelFloat for f32 {}
impl KernelFloat for f64 {}

macro_rules! element {
    ($type:ident, $wide:ident, $plus:expr) => {
        impl private::Sealed for $type {
            type Wide = $wide;

            #[inline]
            fn widen(self) -> $wide {
                self.into()
            }
            #[inline]
            fn narrow(wide: $wide) -> $type {
                wide as $type
            }
        }
        impl KernelElement for $type {
            #[inline]
            fn plus(self, other: $type) -> $type {
                $plus(self, other)
            }
        }
    };
}

element!(f32, f64, |a, b| a + b);
element!(f64, f64, |a, b| a + b);
element!(i64, i64, i64::wrapping_add);
element!(bool, bool, |a, b| a | b);

mod private {
    pub trait Sealed: Sized {
        /// The type in which many elements are accumulated: a wider one where rounding would soon stop the sum from
        /// growing.
        type Wide: super::KernelElement;
        fn widen(self) -> Self::Wide;
        fn narrow(wide: Self::Wide) -> Self;
    }
}
