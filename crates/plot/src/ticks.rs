//! The ticks of an axis: round values with short labels.

use crate::axis::{Axis, Scale};
use crate::number::decimal;

/// Log axes have at most this many decade labels.
const MAX_DECADES: usize = 8;

/// A tick: its position from 0 (start of the axis) to 1 (its end), and its label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
}

impl Axis {
    /// The ticks: about `count` round values on a linear axis; on a log axis the decades, thinned to `count` and
    /// never more than 8, with 2 and 5 between them where there is room.
    pub(crate) fn ticks(&self, count: usize) -> Vec<Tick> {
        match self.scale {
            Scale::Linear => {
                let round = RoundValues::between(self.low, self.high, count);
                round.iter().map(|(value, label)| Tick { at: self.place(value), label }).collect()
            }
            Scale::Log => self.log_ticks(count.min(MAX_DECADES)),
        }
    }

    fn log_ticks(&self, count: usize) -> Vec<Tick> {
        let (first, last) = ((self.low - 1e-9).floor() as i32, (self.high + 1e-9).floor() as i32);
        // Exponents on all labels of an axis or on none.
        let scientific = self.low < -3.0 - 1e-9 || self.high > 4.0 + 1e-9;
        let ticks = |stride: usize, digits: &[i64]| -> Vec<Tick> {
            (first..=last)
                .filter(|decade| decade.rem_euclid(stride as i32) == 0)
                .flat_map(|decade| digits.iter().map(move |&digit| (digit, decade)))
                .map(|(digit, decade)| Tick {
                    at: self.place((digit as f64).log10() + f64::from(decade)),
                    label: decimal(digit, decade, scientific),
                })
                .filter(|tick| (-1e-9..=1.0 + 1e-9).contains(&tick.at))
                .collect()
        };
        let with_2_and_5 = ticks(1, &[1, 2, 5]);
        if with_2_and_5.len() <= count {
            if with_2_and_5.len() >= 2 {
                return with_2_and_5;
            }
            // A range set by the user may be within one decade, where round values work better.
            let round = RoundValues::between(10f64.powf(self.low), 10f64.powf(self.high), count);
            return round.iter().map(|(value, label)| Tick { at: self.place(value.log10()), label }).collect();
        }
        let strides = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500];
        let thinned = strides.into_iter().map(|stride| ticks(stride, &[1]));
        thinned.into_iter().find(|ticks| ticks.len() <= count.max(2)).unwrap_or_default()
    }
}

/// The multiples of 1, 2 or 5 times a power of ten in a range.
pub(crate) struct RoundValues {
    first: i64,
    last: i64,
    mantissa: i64,
    exponent: i32,
}

impl RoundValues {
    /// At most `count + 1` round values in `low..=high`, which must differ; more only where there would be fewer than
    /// two.
    pub(crate) fn between(low: f64, high: f64, count: usize) -> RoundValues {
        let mut count = count.max(1);
        let mut round = RoundValues::at_least_apart((high - low) / count as f64, low, high);
        while round.first >= round.last {
            count += 1;
            round = RoundValues::at_least_apart((high - low) / count as f64, low, high);
        }
        round
    }

    fn at_least_apart(least_step: f64, low: f64, high: f64) -> RoundValues {
        let mut exponent = least_step.log10().floor() as i32;
        let lead = least_step / 10f64.powi(exponent);
        let mantissa = match [1, 2, 5].into_iter().find(|&m| m as f64 >= lead * (1.0 - 1e-9)) {
            Some(mantissa) => mantissa,
            None => {
                exponent += 1;
                1
            }
        };
        let step = scaled(mantissa, exponent);
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        RoundValues { first, last, mantissa, exponent }
    }

    /// The values in ascending order, each with its label.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        let largest = scaled(self.first.abs().max(self.last.abs()) * self.mantissa, self.exponent);
        // Exponents on all labels of an axis or on none.
        let scientific = largest > 0.0 && !(1e-4..1e6).contains(&largest);
        (self.first..=self.last).map(move |index| {
            let digits = index * self.mantissa;
            (scaled(digits, self.exponent), decimal(digits, self.exponent, scientific))
        })
    }
}

/// `digits * 10^exponent`, dividing if the exponent is negative, because positive powers of ten are exact up to
/// 10^22.
fn scaled(digits: i64, exponent: i32) -> f64 {
    let power = 10f64.powi(exponent.abs());
    if exponent < 0 { digits as f64 / power } else { digits as f64 * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, count: usize) -> String {
        axis.ticks(count).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_their_labels_short() {
        use Scale::{Linear, Log};
        let cases = [
            (Linear, 0.0, 1.0, 5, "0 0.2 0.4 0.6 0.8 1"),
            (Linear, 0.0, 0.3, 3, "0 0.1 0.2 0.3"),
            (Linear, -10.0, 10.0, 4, "-10 -5 0 5 10"),
            (Linear, -0.09, 3.09, 6, "0 1 2 3"),
            (Linear, -4.2, 4.2, 2, "-4 -2 0 2 4"),
            (Linear, 0.0, 3e-6, 3, "0 1e-6 2e-6 3e-6"),
            (Linear, 0.0, 3e38, 4, "0 1e38 2e38 3e38"),
            (Linear, 0.0, 2.5e6, 5, "0 5e5 1e6 1.5e6 2e6 2.5e6"),
            (Linear, 99.999, 100.001, 2, "99.999 100 100.001"),
            (Log, -5.0, 2.0, 8, "1e-5 1e-4 1e-3 1e-2 1e-1 1e0 1e1 1e2"),
            (Log, -3.0, 3.0, 8, "0.001 0.01 0.1 1 10 100 1000"),
            (Log, -5.0, 38.0, 8, "1e0 1e10 1e20 1e30"),
            (Log, -1.0, 1.0, 8, "0.1 0.2 0.5 1 2 5 10"),
            (Log, 0.31, 0.79, 8, "3 4 5 6"),
        ];
        for (scale, low, high, count, expected) in cases {
            let axis = Axis::exact(scale, (low, high));
            assert_eq!(labels(&axis, count), expected, "{scale:?} {low}..{high}");
        }
    }

    #[test]
    fn ticks_are_at_their_values() {
        let ticks = Axis::exact(Scale::Linear, (-1.0, 3.0)).ticks(4);
        assert_eq!(ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(), [0.0, 0.25, 0.5, 0.75, 1.0]);
        let ticks = Axis::exact(Scale::Log, (-2.0, 2.0)).ticks(8);
        assert_eq!(ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    }
}
