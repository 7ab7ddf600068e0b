//! Plain numbers as arguments: `f64` and `i64` for every element type, like Python's numbers.

/// A plain number: `2`, `0.5`.
pub trait IntoScalar {
    /// As a floating-point number.
    fn into_scalar(self) -> f64;
}

impl IntoScalar for f64 {
    fn into_scalar(self) -> f64 {
        self
    }
}

impl IntoScalar for i64 {
    fn into_scalar(self) -> f64 {
        self as f64
    }
}

/// One end of a range: a plain number, or `None` if it is open.
pub trait IntoLimit {
    /// The end, if there is one.
    fn into_limit(self) -> Option<f64>;
}

impl IntoLimit for f64 {
    fn into_limit(self) -> Option<f64> {
        Some(self)
    }
}

impl IntoLimit for i64 {
    fn into_limit(self) -> Option<f64> {
        Some(self as f64)
    }
}

impl IntoLimit for Option<f64> {
    fn into_limit(self) -> Option<f64> {
        self
    }
}
