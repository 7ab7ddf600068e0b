//! Comparisons of elements with plain numbers of another type: exact for every pair.

use std::cmp::Ordering;

use downhill_tensor::prelude::*;
use downhill_tensor::{Comparand, Element};

/// The six comparisons in one row: `eq`, `ne`, `lt`, `le`, `gt`, `ge`.
fn six<T: Element>(x: &Tensor<T>, number: impl Comparand<T> + Copy) -> [Vec<bool>; 6] {
    [x.eq(number), x.ne(number), x.lt(number), x.le(number), x.gt(number), x.ge(number)].map(|mask| mask.to_vec())
}

fn six_of(orders: &[Option<Ordering>]) -> [Vec<bool>; 6] {
    let of = |holds: fn(Option<Ordering>) -> bool| orders.iter().map(|&order| holds(order)).collect();
    [
        of(|order| order == Some(Ordering::Equal)),
        of(|order| order != Some(Ordering::Equal)),
        of(|order| order == Some(Ordering::Less)),
        of(|order| order.is_some_and(Ordering::is_le)),
        of(|order| order == Some(Ordering::Greater)),
        of(|order| order.is_some_and(Ordering::is_ge)),
    ]
}

/// A finite float in units of 2⁻²⁰, which holds every float of the tables below without rounding.
fn units(x: f64) -> Option<i128> {
    let (scaled, most) = (x * 1_048_576.0, i128::MAX as f64);
    assert!(!x.is_finite() || (scaled.fract() == 0.0 && scaled.abs() < most), "{x} is not a whole number of units");
    match x {
        _ if x.is_nan() => None,
        f64::INFINITY => Some(i128::MAX),
        f64::NEG_INFINITY => Some(i128::MIN),
        _ => Some(scaled as i128),
    }
}

fn of_int(x: i64) -> Option<i128> {
    Some(i128::from(x) << 20)
}

const INTS: [i64; 17] = [
    0,
    1,
    2,
    -1,
    3,
    16_777_216,
    16_777_217,
    -16_777_217,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    9_007_199_254_740_995,
    -9_007_199_254_740_993,
    1 << 62,
    i64::MAX - 1,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
];

const FLOATS: [f64; 20] = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    1.5,
    2.0,
    -1.0,
    1.0 / 1_048_576.0,
    16_777_216.5,
    9_007_199_254_740_992.0,
    9_007_199_254_740_994.0,
    -9_007_199_254_740_992.0,
    9.223_372_036_854_775e18,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    1e30,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

fn order(a: Option<i128>, b: Option<i128>) -> Option<Ordering> {
    Some(a?.cmp(&b?))
}

#[test]
fn comparisons_with_numbers_are_exact_for_every_pair() {
    let (ints, bools) = (Tensor::from(INTS), Tensor::from([false, true]));
    let (f64s, f32s) = (Tensor::<f64>::new(FLOATS), Tensor::<f32>::new(FLOATS));
    let wide = |x: f32| units(f64::from(x));
    for number in FLOATS {
        let orders: Vec<_> = INTS.iter().map(|&x| order(of_int(x), units(number))).collect();
        assert_eq!(six(&ints, number), six_of(&orders), "i64 and {number}");
        let orders = [0, 1].map(|x| order(of_int(x), units(number)));
        assert_eq!(six(&bools, number), six_of(&orders), "bool and {number}");
        let orders: Vec<_> = FLOATS.iter().map(|&x| order(units(x), units(number))).collect();
        assert_eq!(six(&f64s, number), six_of(&orders), "f64 and {number}");
        // A fractional number is rounded to the type of float that it meets.
        let orders: Vec<_> = f32s.to_vec().iter().map(|&x| order(wide(x), wide(number as f32))).collect();
        assert_eq!(six(&f32s, number), six_of(&orders), "f32 and {number}");
    }
    for number in INTS {
        let orders: Vec<_> = INTS.iter().map(|&x| order(of_int(x), of_int(number))).collect();
        assert_eq!(six(&ints, number), six_of(&orders), "i64 and {number}");
        let orders = [0, 1].map(|x| order(of_int(x), of_int(number)));
        assert_eq!(six(&bools, number), six_of(&orders), "bool and {number}");
        let orders: Vec<_> = FLOATS.iter().map(|&x| order(units(x), of_int(number))).collect();
        assert_eq!(six(&f64s, number), six_of(&orders), "f64 and {number}");
        let orders: Vec<_> = f32s.to_vec().iter().map(|&x| order(wide(x), of_int(number))).collect();
        assert_eq!(six(&f32s, number), six_of(&orders), "f32 and {number}");
    }
    assert_eq!(Tensor::from([0.1]).eq(0.1).to_vec(), [true]);
}

/// Casts of floats that equal no integer.
#[test]
fn casts_to_integers_are_cut_to_their_range() {
    let x = Tensor::<f64>::new([1.9, -1.9, 1e30, -1e30, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    assert_eq!(x.cast::<i64>().to_vec(), [1, -1, i64::MAX, i64::MIN, i64::MAX, i64::MIN, 0]);
}
