//! How bad the elements of a tensor are: finite, infinite or NaN.

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Float, Kind};

/// From best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Finite,
    Infinite,
    NaN,
}

/// The level of the worst element, and the row-major offset of the first element of that level.
pub(super) fn worst(tensor: &AnyTensor) -> (Level, usize) {
    match tensor {
        AnyTensor::F32(tensor) => worst_float(tensor),
        AnyTensor::F64(tensor) => worst_float(tensor),
        AnyTensor::I64(_) | AnyTensor::Bool(_) => (Level::Finite, 0),
    }
}

fn worst_float<T: Float>(tensor: &Tensor<T>) -> (Level, usize) {
    let values = tensor.array().contiguous();
    let values = values.slice();
    if values.iter().all(|x| x.is_finite()) {
        return (Level::Finite, 0);
    }
    let nan = values.iter().position(|x| x.is_nan()).map(|at| (Level::NaN, at));
    let infinite = || (Level::Infinite, values.iter().position(|x| x.is_infinite()).unwrap_or(0));
    nan.unwrap_or_else(infinite)
}

/// The largest number of a type, in its usual notation.
pub(super) fn largest(kind: Kind) -> &'static str {
    if kind == Kind::F64 { "1.8e308" } else { "3.4e38" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_element_is_the_first_of_its_kind() {
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let rows = [
            ([1.0, 2.0, 3.0], (Level::Finite, 0)),
            ([1.0, -inf, inf], (Level::Infinite, 1)),
            ([inf, nan, nan], (Level::NaN, 1)),
        ];
        for (values, expected) in rows {
            assert_eq!(worst(&AnyTensor::from(Tensor::from(values))), expected, "{values:?}");
            let reversed = AnyTensor::from(Tensor::from(values).flip(0));
            assert_eq!(worst(&reversed).0, expected.0, "a view of {values:?}");
        }
        assert_eq!(worst(&AnyTensor::from(Tensor::from([1, 2]))), (Level::Finite, 0));
    }
}
