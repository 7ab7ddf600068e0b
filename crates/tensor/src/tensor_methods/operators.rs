//! `+ - * /` and unary `-`: between tensors, owned or borrowed, and plain numbers on either side.

use std::ops;

use crate::autograd::op::{Operand, apply};
use crate::autograd::tensor::Tensor;
use crate::base::element::Float;
use crate::ops::add::{Add, AddScalar};
use crate::ops::div::{Div, DivScalar, ScalarDiv};
use crate::ops::mul::{Mul, MulScalar};
use crate::ops::neg::Neg;
use crate::ops::sub::Sub;

/// One operator between tensors, in all four combinations of `Tensor` and `&Tensor`.
macro_rules! between_tensors {
    ($trait:ident, $method:ident, $op:expr; $($left:ty, $right:ty);+) => {$(
        impl<T: Float> ops::$trait<$right> for $left {
            type Output = Tensor<T>;

            #[track_caller]
            #[inline]
            fn $method(self, other: $right) -> Tensor<T> {
                apply($op, [Operand::from(self), Operand::from(other)])
            }
        }
    )+};
    ($trait:ident, $method:ident, $op:expr) => {
        between_tensors!($trait, $method, $op;
            Tensor<T>, Tensor<T>; Tensor<T>, &Tensor<T>; &Tensor<T>, Tensor<T>; &Tensor<T>, &Tensor<T>);
    };
}

between_tensors!(Add, add, Add);
between_tensors!(Sub, sub, Sub);
between_tensors!(Mul, mul, Mul);
between_tensors!(Div, div, Div);

/// One operator between a tensor and a number of this type, on either side. `$x` is the tensor and `$k` the number.
macro_rules! with_number {
    ($number:ty; $($trait:ident, $method:ident, |$x:ident, $k:ident| $right:expr, $left:expr;)+) => {$(
        with_number!(@ $number, $trait, $method, Tensor<T>, $x, $k, $right, $left);
        with_number!(@ $number, $trait, $method, &Tensor<T>, $x, $k, $right, $left);
    )+};
    (@ $number:ty, $trait:ident, $method:ident, $tensor:ty, $x:ident, $k:ident, $right:expr, $left:expr) => {
        impl<T: Float> ops::$trait<$number> for $tensor {
            type Output = Tensor<T>;

            #[track_caller]
            #[inline]
            fn $method(self, number: $number) -> Tensor<T> {
                let ($x, $k) = (Operand::from(self), number as f64);
                $right
            }
        }

        impl<T: Float> ops::$trait<$tensor> for $number {
            type Output = Tensor<T>;

            #[track_caller]
            #[inline]
            fn $method(self, tensor: $tensor) -> Tensor<T> {
                let ($x, $k) = (Operand::from(tensor), self as f64);
                $left
            }
        }
    };
    ($($number:ty),+) => {$(
        with_number!($number;
            Add, add, |x, k| apply(AddScalar(k), [x]), apply(AddScalar(k), [x]);
            Sub, sub, |x, k| apply(AddScalar(-k), [x]), apply(AddScalar(k), [Operand::Owned(apply(Neg, [x]))]);
            Mul, mul, |x, k| apply(MulScalar(k), [x]), apply(MulScalar(k), [x]);
            Div, div, |x, k| apply(DivScalar(k), [x]), apply(ScalarDiv(k), [x]);
        );
    )+};
}

with_number!(f64, i64);

impl<T: Float> ops::Neg for Tensor<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn neg(self) -> Tensor<T> {
        apply(Neg, [Operand::Owned(self)])
    }
}

impl<T: Float> ops::Neg for &Tensor<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn neg(self) -> Tensor<T> {
        apply(Neg, [Operand::Borrowed(self)])
    }
}
