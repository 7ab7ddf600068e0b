//! Scale factors for lanes whose squares or powers overflow or underflow.

use crate::array::Array;
use crate::array::reduce::fold_axes;
use crate::base::element::Float;
use crate::base::shape::Axes;

/// A sum of `n` squares that is at least this large has lost no visible digits to underflow of its terms.
pub(crate) fn least_sum<T: Float>(n: usize) -> T {
    T::min_positive_value() * T::of(n as f64)
}

/// Whether all numbers are finite and at least `least`.
pub(crate) fn are_ordinary<T: Float>(numbers: &[T], least: T) -> bool {
    numbers.iter().all(|&x| x >= least && x < T::infinity())
}

/// For each lane over `axes`, which are kept with size 1, the magnitude that `pick` selects among its elements if its
/// `result` is not ordinary, and 1 otherwise. `None` if that is 1 everywhere.
#[track_caller]
pub(crate) fn magnitudes<T: Float>(
    x: &Array<T>,
    axes: Axes,
    results: &[T],
    least: T,
    pick: impl Fn(T, T) -> T,
) -> Option<Array<T>> {
    if are_ordinary(results, least) || axes.count(x.shape()) == 0 {
        return None;
    }
    let mut picked = fold_axes(x.clone().map(T::abs), axes, pick);
    for (picked, &result) in picked.iter_mut().zip(results) {
        let is_usable = *picked > T::zero() && *picked < T::infinity();
        if !is_usable || are_ordinary(&[result], least) {
            *picked = T::one();
        }
    }
    picked.iter().any(|&unit| unit != T::one()).then(|| Array::own(axes.kept(x.shape()), picked))
}

/// For each lane, the largest power of two not above its largest magnitude if its `result` is not ordinary, and 1
/// otherwise. Dividing by it is exact, and the squares of the quotients are ordinary. `None` if that is 1 everywhere.
#[track_caller]
pub(crate) fn units<T: Float>(x: &Array<T>, axes: Axes, results: &[T], least: T) -> Option<Array<T>> {
    let larger = |a: T, b: T| if b > a || b.is_nan() { b } else { a };
    magnitudes(x, axes, results, least, larger).map(|largest| largest.map(power_of_two))
}

/// The largest power of two that is not above a positive number.
fn power_of_two<T: Float>(x: T) -> T {
    let (mantissa, exponent, _) = x.integer_decode();
    T::of(libm::scalbn(1.0, i32::from(exponent) + mantissa.ilog2() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_at_the_ends_of_the_range() {
        for x in [f64::MAX, 3.0, 1.0, 0.75, f64::MIN_POSITIVE, 5e-324, 1.5e-323] {
            let unit = power_of_two(x);
            assert!(unit <= x && x / unit < 2.0 && (x / unit) * unit == x, "{unit:e} for {x:e}");
        }
        for x in [f32::MAX, 3.0, 0.75, f32::MIN_POSITIVE, 1e-45, 3e-45] {
            let unit = power_of_two(x);
            assert!(unit <= x && x / unit < 2.0 && (x / unit) * unit == x, "{unit:e} for {x:e}");
        }
    }
}
