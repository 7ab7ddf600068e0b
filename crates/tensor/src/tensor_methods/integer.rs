//! Arithmetic of integers, which has no gradient: `+ - *` between tensors and with plain numbers, and `one_hot`.

use std::ops;

use crate::array::Array;
use crate::autograd::observe::{self, OpInfo, Seen};
use crate::autograd::op::OpKind;
use crate::autograd::tensor::Tensor;
use crate::base::shape::Shape;
use downhill_kernels::buffer;
use downhill_kernels::error::{Error, OrRaise};

/// One operator between integer tensors, owned or borrowed, and plain numbers on either side. Overflow wraps around,
/// as in PyTorch.
macro_rules! operator {
    ($trait:ident, $method:ident, $wrapping:expr) => {
        operator!(@ $trait, $method, $wrapping; Tensor<i64>, Tensor<i64>; Tensor<i64>, &Tensor<i64>;
            &Tensor<i64>, Tensor<i64>; &Tensor<i64>, &Tensor<i64>; Tensor<i64>, i64; &Tensor<i64>, i64;
            i64, Tensor<i64>; i64, &Tensor<i64>);
    };
    (@ $trait:ident, $method:ident, $wrapping:expr; $($left:ty, $right:ty);+) => {$(
        impl ops::$trait<$right> for $left {
            type Output = Tensor<i64>;

            #[track_caller]
            fn $method(self, other: $right) -> Tensor<i64> {
                apply(stringify!($method), self, other, $wrapping)
            }
        }
    )+};
}

operator!(Add, add, i64::wrapping_add);
operator!(Sub, sub, i64::wrapping_sub);
operator!(Mul, mul, i64::wrapping_mul);

#[track_caller]
fn apply(op: &'static str, a: impl Integers, b: impl Integers, wrapping: fn(i64, i64) -> i64) -> Tensor<i64> {
    let seen = observe::sees_operations().then(|| [a.seen(), b.seen()]);
    let output = Tensor::from_array(a.integers().zip(op, b.integers(), wrapping));
    if let Some(seen) = seen {
        observe::applied(
            OpInfo::without_gradient(op, OpKind::Elementwise),
            seen.into_iter().flatten().collect(),
            &output,
        );
    }
    output
}

/// An operand: a number is a 0-d tensor.
trait Integers {
    /// The tensor, for observers; `None` for a plain number.
    fn seen(&self) -> Option<Seen>;

    fn integers(self) -> Array<i64>;
}

impl Integers for Tensor<i64> {
    fn seen(&self) -> Option<Seen> {
        Some(Seen::of(self))
    }

    fn integers(mut self) -> Array<i64> {
        self.take_parts(&mut None)
    }
}

impl Integers for &Tensor<i64> {
    fn seen(&self) -> Option<Seen> {
        Some(Seen::of(self))
    }

    fn integers(self) -> Array<i64> {
        self.array()
    }
}

impl Integers for i64 {
    fn seen(&self) -> Option<Seen> {
        None
    }

    fn integers(self) -> Array<i64> {
        Array::full([], self)
    }
}

impl Tensor<i64> {
    /// For each class number, a row of zeros with a 1 at that position: shape `[...]` gives `[..., num_classes]`. -1
    /// means one class more than the largest number.
    ///
    /// ```
    /// use downhill_tensor::Tensor;
    /// assert_eq!(Tensor::from([2, 0]).one_hot(3).to_vec(), [0, 0, 1, 1, 0, 0]);
    /// ```
    ///
    /// # Panics
    /// When a number is negative or not smaller than the number of classes, `num_classes` is -1 and there are no
    /// numbers, or the result does not fit into memory.
    #[track_caller]
    pub fn one_hot(&self, num_classes: isize) -> Tensor<i64> {
        let labels = self.to_vec();
        let classes = match (num_classes, labels.iter().max()) {
            (-1, Some(&largest)) => largest.max(0) as usize + 1,
            (0.., _) => num_classes as usize,
            _ => {
                let expected = "not negative, or -1 when there are labels to count the classes of";
                Error::Argument { op: "one_hot", name: "num_classes", given: num_classes.to_string(), expected }
                    .raise()
            }
        };
        let shape = [self.shape(), &[classes]].concat();
        let Some(mut data) = labels.len().checked_mul(classes).and_then(buffer::try_zeroed) else {
            let expected = "small enough that a row of that length for each label fits into memory";
            Error::Argument { op: "one_hot", name: "num_classes", given: classes.to_string(), expected }.raise()
        };
        for (row, &label) in labels.iter().enumerate() {
            match usize::try_from(label) {
                Ok(class) if class < classes => data[row * classes + class] = 1,
                _ => Error::Label { op: "one_hot", row, label, classes }.raise(),
            }
        }
        let rows = Array::own(Shape::checked("one_hot", shape).or_raise(), data);
        observe::without_gradient("one_hot", OpKind::Other, &[self], Tensor::from_array(rows))
    }
}
