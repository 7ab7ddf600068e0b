//! The loops of `each`, `reduce` and `softmax` against plain ones: all short lengths, lengths around block sizes,
//! slices at any alignment.

use super::maths::Maths;
use super::reduce::{self, AxisLanes};
use super::{each, softmax};

/// Lengths with and without whole vectors, and around the blocks of sums.
fn lengths() -> impl Iterator<Item = usize> {
    (0..100).chain([1023, 1024, 4095, 4096, 4097, 4100, 10_000, 40_000])
}

/// Whole numbers, so that every sum is exact in any order.
fn whole(length: usize) -> Vec<f32> {
    (0..length).map(|i| (i * i % 23) as f32 - 11.0).collect()
}

#[test]
fn functions_of_elements_and_pairs() {
    for length in lengths() {
        for start in [0, 1, 3] {
            let (x, y) = (&whole(length + 8)[start..start + length], &whole(length + 11)[3..3 + length]);
            let want: Vec<f32> = x.iter().zip(y).map(|(x, y)| x * 2.0 - y).collect();
            let mut out = vec![0.0; length];
            each::zip(x, y, &mut out, |x, y| x * 2.0 - y);
            assert_eq!(out, want, "zip of {length}");
            let mut in_place = x.to_vec();
            each::zip_assign(&mut in_place, y, |x, y| x * 2.0 - y);
            assert_eq!(in_place, want, "zip_assign of {length}");
            let mut sum = vec![5.0; length];
            each::zip_onto(&mut sum, x, y, |sum, x, y| sum + x * 2.0 - y);
            let want: Vec<f32> = want.iter().map(|want| 5.0 + want).collect();
            assert_eq!(sum, want, "zip_onto of {length}");

            let want: Vec<f32> = x.iter().map(|x| x * 3.0 + 1.0).collect();
            each::map(x, &mut out, |x| x * 3.0 + 1.0);
            assert_eq!(out, want, "map of {length}");
            let mut in_place = x.to_vec();
            each::map_assign(&mut in_place, |x| x * 3.0 + 1.0);
            assert_eq!(in_place, want, "map_assign of {length}");

            each::map_math_to(x, &mut out, Maths::fast_exp);
            let mut in_place = x.to_vec();
            each::map_math(&mut in_place, Maths::fast_exp);
            for ((&x, out), in_place) in x.iter().zip(&out).zip(&in_place) {
                assert!((out - x.exp()).abs() <= 2e-7 * x.exp() && out == in_place, "e^{x} in {length}");
            }
        }
    }
}

#[test]
fn sums_of_elements_and_products() {
    for length in lengths() {
        for start in [0, 1, 3] {
            let (x, y) = (&whole(length + 8)[start..start + length], &whole(length + 11)[3..3 + length]);
            assert_eq!(reduce::sum(x), x.iter().sum::<f32>(), "sum of {length}");
            assert_eq!(reduce::dot(x, y), x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>(), "dot of {length}");
            let integers: Vec<i64> = x.iter().map(|&x| x as i64).collect();
            assert_eq!(reduce::sum(&integers), integers.iter().sum::<i64>(), "sum of {length} integers");
        }
    }
}

/// Partial sums in lanes must not depend on the alignment of the data.
#[test]
fn sums_have_one_order() {
    let x: Vec<f32> = (0..5000).map(|i| (i as f32).sin()).collect();
    for start in 1..17 {
        let moved = [vec![0.0; start], x.clone()].concat();
        assert_eq!(reduce::sum(&x).to_bits(), reduce::sum(&moved[start..]).to_bits());
    }
}

#[test]
fn largest_element() {
    for length in lengths() {
        let mut x = whole(length);
        let largest = |x: &[f32]| x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(softmax::max(&x), largest(&x), "of {length}");
        for index in [0, length / 2, length.saturating_sub(1)].into_iter().filter(|_| length > 0) {
            let old = std::mem::replace(&mut x[index], 100.0);
            assert_eq!(softmax::max(&x), 100.0, "of {length} at {index}");
            x[index] = f32::NAN;
            assert!(softmax::max(&x).is_nan(), "NaN of {length} at {index}");
            x[index] = old;
        }
    }
}

#[test]
fn rows_of_exponentials() {
    for length in lengths().filter(|&length| length > 0) {
        let x = whole(length);
        let exact: Vec<f64> = x.iter().map(|&x| f64::from(x - 11.0).exp()).collect();
        let sum: f64 = exact.iter().sum();
        let got = f64::from(softmax::sum_exp(&x, 11.0));
        assert!((got - sum).abs() <= 1e-6 * sum, "{got} and not {sum}, of {length}");

        let mut out = vec![0.0; length];
        softmax::scaled_exp(&x, 11.0, 3.0, &mut out);
        let near = |got: f32, want: f64| (f64::from(got) - want).abs() <= 3e-7 * want.abs();
        assert!(out.iter().zip(&exact).all(|(&got, want)| near(got, 3.0 * want)), "scaled, of {length}");

        let y: Vec<f32> = x.iter().map(|x| x - 11.0).collect();
        let mut grad = vec![0.0; length];
        softmax::subtract_exp(&mut grad, &y, 2.0);
        assert!(grad.iter().zip(&exact).all(|(&got, want)| near(got, -2.0 * want)), "subtracted, of {length}");
    }
}

#[test]
fn lanes_along_every_dimension() {
    let shape = [3, 5, 4];
    let x = whole(60);
    for axis in 0..3 {
        let lanes = AxisLanes::of(&shape, axis);
        let (mut got, mut count) = (vec![0.0; 60], 0);
        lanes.for_each(&mut got, &x, |lane, partner| {
            // Running sums show the order within the lane.
            let mut sum = 0.0;
            for (element, x) in lane.iter_mut().zip(partner) {
                sum += x;
                *element = sum;
            }
            count += 1;
        });
        assert_eq!(count, 60 / shape[axis]);
        let mut want = x.clone();
        for start in lanes.starts() {
            let mut sum = 0.0;
            lanes.update(&mut want, start, |_, x| {
                sum += x;
                sum
            });
        }
        assert_eq!(got, want, "along dimension {axis}");
    }
}
