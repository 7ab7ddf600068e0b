//! Every function against the standard library in `f64`, on every SIMD level of this machine.

use super::*;
use crate::simd::{Level, SimdLoop};

/// A function, its exact value, and the error that is allowed, in units in the last place.
struct Row {
    name: &'static str,
    fast: fn(f32, MulAdd) -> f32,
    exact: fn(f64) -> f64,
    ulps: f64,
}

const ROWS: [Row; 6] = [
    Row { name: "exp", fast: Maths::fast_exp, exact: f64::exp, ulps: 1.1 },
    Row { name: "exp_m1", fast: Maths::fast_exp_m1, exact: f64::exp_m1, ulps: 2.0 },
    Row { name: "ln", fast: Maths::fast_ln, exact: f64::ln, ulps: 1.0 },
    Row { name: "ln_1p", fast: Maths::fast_ln_1p, exact: f64::ln_1p, ulps: 2.0 },
    Row { name: "tanh", fast: Maths::fast_tanh, exact: f64::tanh, ulps: 2.0 },
    Row { name: "sigmoid", fast: Maths::fast_sigmoid, exact: sigmoid, ulps: 1.8 },
];

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// The same loop as operations run.
struct Each<'a>(&'a mut [f32], fn(f32, MulAdd) -> f32);

impl SimdLoop for Each<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, mul_add: MulAdd) {
        for x in self.0 {
            *x = (self.1)(*x, mul_add);
        }
    }
}

/// The error in units in the last place of `exact`; 0 for the same infinity, for two NaN, and for zeros of the same
/// sign.
fn ulps(got: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if got.is_nan() && exact.is_nan() || got.to_bits() == nearest.to_bits() {
        return 0.0;
    }
    if !got.is_finite() || !nearest.is_finite() || (exact == 0.0 && got == 0.0) {
        return f64::INFINITY;
    }
    let exponent = ((nearest.to_bits() >> 23 & 0xff) as i32).max(1) - 150;
    (f64::from(got) - exact).abs() / 2f64.powi(exponent)
}

/// Compares at these numbers, in loops as operations run them.
fn check(numbers: impl Iterator<Item = f32>) {
    let numbers: Vec<f32> = numbers.collect();
    for Row { name, fast, exact, ulps: bound } in ROWS {
        let exact: Vec<f64> = numbers.iter().map(|&x| exact(f64::from(x))).collect();
        for level in Level::available() {
            let mut got = numbers.clone();
            level.apply(Each(&mut got, fast));
            let worst = (0..got.len()).map(|i| (ulps(got[i], exact[i]), i)).max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((distance, i)) = worst else { continue };
            let (x, got, want) = (numbers[i], got[i], exact[i]);
            assert!(distance <= bound, "{name}({x:e}) is {got:e} and not {want:e}, {distance} units off, {level:?}");
        }
    }
}

#[test]
fn special_numbers() {
    let positive =
        [0.0, 1e-45, 1e-40, f32::MIN_POSITIVE, 0.5, 1.0, 9.0, 88.7, 88.8, 103.0, 104.0, f32::MAX, f32::INFINITY];
    check(positive.into_iter().flat_map(|x| [x, -x]).chain([f32::NAN]));
}

#[test]
fn numbers_of_every_size() {
    // An odd step, so that all patterns of the last bits occur.
    check((0..=u32::MAX).step_by(50_021).map(f32::from_bits));
}

#[test]
fn numbers_that_networks_have() {
    check((-400_000..400_000).step_by(7).map(|i| i as f32 / 4000.0));
}

#[test]
#[ignore = "seventy million numbers, for a release build"]
fn every_61st_number() {
    for first in (0..=u32::MAX).step_by(61 << 20) {
        let last = first.saturating_add((61 << 20) - 1);
        check((first..=last).step_by(61).map(f32::from_bits));
    }
}
