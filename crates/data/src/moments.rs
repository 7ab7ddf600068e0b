//! Mean and standard deviation of numbers of any magnitude, without overflow or cancellation.

/// The mean and the standard deviation (divided by n) of at least one number; the standard deviation is 0 exactly
/// when they are all equal.
///
/// The numbers are divided by a power of two near the largest, so that no square overflows or underflows, and the
/// mean is computed from the differences to the first number, so that numbers close together keep their precision.
/// The mean of the deviations, which rounding leaves slightly off zero, is subtracted from them (Chan, Golub,
/// LeVeque: Algorithms for computing the sample variance, 1983).
pub(crate) fn moments(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let first = numbers.clone().next().expect("at least one number");
    let (count, largest) =
        numbers.clone().fold((0.0, 0.0_f64), |(count, largest), x| (count + 1.0, largest.max(x.abs())));
    let unit = if largest > 0.0 && largest.is_finite() { power_of_two(largest) } else { 1.0 };
    let mean_of = |f: &dyn Fn(f64) -> f64| numbers.clone().map(|x| f(x / unit)).sum::<f64>() / count;

    let first = first / unit;
    let mean = first + mean_of(&|x| x - first);
    let error = mean_of(&|x| x - mean);
    // Squares are taken relative to the largest deviation, because deviations may be tiny compared with the numbers.
    let deviation = |x: f64| x - mean - error;
    let wider = |most: f64, x: f64| if x > most || x.is_nan() { x } else { most };
    let widest = numbers.clone().map(|x| deviation(x / unit).abs()).fold(0.0, wider);
    if widest == 0.0 {
        return ((mean + error) * unit, 0.0);
    }
    let scale = if widest.is_finite() { power_of_two(widest) } else { 1.0 };
    let variance = mean_of(&|x| (deviation(x) / scale).powi(2));
    ((mean + error) * unit, variance.sqrt() * scale * unit)
}

/// The largest power of two not above a positive number, but at least the smallest normal number.
fn power_of_two(x: f64) -> f64 {
    if x.is_normal() { f64::from_bits(x.to_bits() & 0x7ff0 << 48) } else { f64::MIN_POSITIVE }
}
