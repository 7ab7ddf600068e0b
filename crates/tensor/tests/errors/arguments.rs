//! Settings outside their range, what comes from outside, and a generator that is lent.

use downhill_tensor::prelude::*;
use downhill_tensor::{Array, Error, with_generator};

use crate::{check, zeros};

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
}

#[test]
fn a_generator_that_is_lent_cannot_be_drawn_from() {
    let text = |op: &str| {
        format!(
            "{op}: the default generator is in use by `with_generator`; draw with the generator that it hands to the closure"
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
