//! Settings outside their range, data from outside, and a generator that the caller lends.

use downhill_tensor::prelude::*;
use downhill_tensor::{Array, Error, hvp, with_generator};

use super::{check, leaf, zeros};

#[test]
fn settings_outside_their_range() {
    let step = "it must be a step that leads from the start to the end";
    check(
        &[
            (line!(), format!("arange: step is 0 from 0 to 1; {step}"), || drop(Tensor::arange(0, 1, 0))),
            (line!(), format!("arange: step is -0.5 from 0 to 1; {step}"), || drop(Tensor::arange(0, 1, -0.5))),
            (line!(), format!("arange: step is 1 from 2 to 0; {step}"), || drop(Tensor::<f64>::arange(2, 0, 1))),
            (line!(), "normal: std is -1; it must be finite and not negative".to_owned(), || {
                drop(Tensor::normal(0.0, -1.0, [2]));
            }),
            (line!(), "normal: std is NaN; it must be finite and not negative".to_owned(), || {
                drop(Tensor::<f64>::normal(0.0, f64::NAN, [2]));
            }),
            (line!(), "split: size is 0; it must be at least 1".to_owned(), || drop(zeros([2]).split(0, 0))),
            (line!(), "chunk: chunks is 0; it must be at least 1".to_owned(), || drop(zeros([2]).chunk(0, 0))),
            (
                line!(),
                "slice_step: step is 0; it must be at least 1 (`flip` reverses the order)".to_owned(),
                || drop(zeros([2]).slice_step(0, .., 0)),
            ),
            (
                line!(),
                "split_with_sizes: expected sizes that add up to 3 (dimension 1 of [2, 3]), got [1, 1]".to_owned(),
                || drop(zeros([2, 3]).split_with_sizes(&[1, 1], -1)),
            ),
            (
                line!(),
                "pad: expected two numbers for each dimension that is padded, the last first (shape [2]), got [1]"
                    .to_owned(),
                || drop(zeros([2]).pad([1], 0.0)),
            ),
            (
                line!(),
                "pad: expected no more to remove than there is (shape [3]), got [-2, -2]".to_owned(),
                || drop(zeros([3]).pad([-2, -2], 0.0)),
            ),
            (
                line!(),
                "index_select: expected one position, got [2]".to_owned(),
                || drop(zeros([]).index_select(0, &Tensor::from([0, 0]))),
            ),
            (
                line!(),
                "one_hot: label 2 in row 1 is out of range; with 2 classes labels run from 0 to 1".to_owned(),
                || drop(Tensor::from([0, 2]).one_hot(2)),
            ),
            (
                line!(),
                "one_hot: num_classes is -1; it must be not negative, or -1 when there are labels to count the \
                 classes of"
                    .to_owned(),
                || drop(Tensor::<i64>::zeros([0]).one_hot(-1)),
            ),
            (
                line!(),
                "one_hot: num_classes is 9223372036854775808; it must be small enough that a row of that length for \
                 each label fits into memory"
                    .to_owned(),
                || drop(Tensor::from([0, i64::MAX]).one_hot(-1)),
            ),
            (
                line!(),
                "one_hot: num_classes is 2305843009213693953; it must be small enough that a row of that length for \
                 each label fits into memory"
                    .to_owned(),
                // As many numbers as can be counted, but not as many bytes.
                || drop(Tensor::from([0]).one_hot((1 << 61) + 1)),
            ),
            (
                line!(),
                "add: cannot broadcast [2] with [3]; counted from the last, each pair of dimensions must be equal or \
                 one of them 1"
                    .to_owned(),
                || drop(Tensor::from([0, 2]) + Tensor::from([1, 2, 3])),
            ),
            (
                line!(),
                "pow: cannot broadcast [2] with [3]; counted from the last, each pair of dimensions must be equal or \
                 one of them 1"
                    .to_owned(),
                || drop(zeros([2]).pow(&zeros([3]))),
            ),
            (
                line!(),
                "hvp: expected a vector in the shape of x, [2], got [3]".to_owned(),
                || drop(hvp(|x| x.sum(), &zeros([2]), &zeros([3]))),
            ),
            (
                line!(),
                "backward: the tensor has shape [2], and only a single number has one gradient; reduce it first \
                 (`.sum()` or `.mean()`), or pass the gradient of each element to `backward_with`"
                    .to_owned(),
                || drop(hvp(|x| x.square(), &zeros([2]), &zeros([2]))),
            ),
            (line!(), "clamp: the range is two open ends; it must be a number at one end at least".to_owned(), || {
                drop(zeros([2]).clamp(None, None))
            }),
            (
                line!(),
                "flatten_dims: the range is 1 to 0 of 2 dimensions; it must be in rising order".to_owned(),
                || drop(zeros([2, 3]).flatten_dims(1, 0)),
            ),
            (line!(), "dropout: p is 1.5; it must be from 0 to 1".to_owned(), || drop(zeros([2]).dropout(1.5))),
            (line!(), "dropout: p is -0.1; it must be from 0 to 1".to_owned(), || drop(zeros([2]).dropout(-0.1))),
            (line!(), "dropout: p is NaN; it must be from 0 to 1".to_owned(), || {
                with_generator(|generator| drop(zeros([2]).dropout_with(f64::NAN, generator)));
            }),
        ],
        line!(),
    );
}

#[test]
fn what_comes_from_outside_is_a_result() {
    let expected = Error::Elements { op: "from_vec", elements: 3, shape: vec![2, 2], expected: 4 };
    assert_eq!(expected.to_string(), "from_vec: 3 elements do not fit the shape [2, 2], which holds 4");
    assert_eq!(Tensor::from_vec(vec![1.0f32; 3], [2, 2]).unwrap_err(), expected);
    assert_eq!(Array::from_vec(vec![1i64; 3], [2, 2]).unwrap_err(), expected);
    // A number of elements that overflows does not count as 0.
    let (shape, expected) = (vec![usize::MAX / 2 + 1, 2], usize::MAX);
    let uncountable = Error::Elements { op: "from_vec", elements: 0, shape: shape.clone(), expected };
    assert_eq!(Tensor::<f32>::from_vec(Vec::new(), shape).unwrap_err(), uncountable);
}

#[test]
fn a_generator_that_is_lent_cannot_be_drawn_from() {
    let text = |op: &str| {
        format!(
            "{op}: the default generator is in use by `with_generator`; draw with the generator that it hands to the \
             closure"
        )
    };
    check(
        &[
            (line!(), text("rand"), || with_generator(|_| drop(Tensor::rand([2])))),
            (line!(), text("randn"), || with_generator(|_| drop(Tensor::randn([2])))),
            (line!(), text("randn"), || with_generator(|_| drop(Tensor::<f64>::randn([2])))),
            (line!(), text("normal"), || with_generator(|_| drop(Tensor::normal(0.0, 1.0, [2])))),
            (line!(), text("rand"), || with_generator(|_| drop(zeros([2]).rand_like()))),
            (line!(), text("randn"), || with_generator(|_| drop(zeros([2]).randn_like()))),
            (line!(), text("dropout"), || with_generator(|_| drop(zeros([2]).dropout(0.5)))),
            (line!(), text("manual_seed"), || with_generator(|_| manual_seed(0))),
            (line!(), text("with_generator"), || with_generator(|_| with_generator(|_| ()))),
        ],
        line!(),
    );
    assert_eq!(Tensor::rand([2]).shape(), [2], "the generator is back");
}

#[test]
fn gradients_that_are_not_there() {
    check(
        &[
            (
                line!(),
                "grad: this tensor of shape [2] has no gradient; it does not require one: call \
                 `requires_grad_(true)` on it before the loss is computed"
                    .to_owned(),
                || drop(zeros([2]).expect_grad()),
            ),
            (
                line!(),
                "grad: this tensor of shape [2] has no gradient; it is the result of an operation, whose gradient is \
                 not kept: call `retain_grad()` on it before `backward()`"
                    .to_owned(),
                || drop((leaf([2]) * 2).expect_grad()),
            ),
            (
                line!(),
                "grad: this tensor of shape [2] has no gradient; call `backward()` on a loss that was computed from \
                 it; `zero_grad()` sets the gradient to none again"
                    .to_owned(),
                || drop(leaf([2]).expect_grad()),
            ),
        ],
        line!(),
    );
}
