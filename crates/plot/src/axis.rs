//! One axis: its range, and the position of a value on it.

/// Values are clamped to this magnitude, so that the difference of any two stays finite.
const MAX_MAGNITUDE: f64 = 1e300;

/// The scale of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

impl Scale {
    /// The coordinate of a value along the axis (its decimal logarithm on a log axis), or `None` where the value
    /// cannot be drawn: NaN, infinity, and on a log axis zero and below.
    pub(crate) fn coordinate(self, value: f64) -> Option<f64> {
        match self {
            _ if !value.is_finite() => None,
            Scale::Linear => Some(value.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE)),
            Scale::Log => (value > 0.0).then(|| value.log10()),
        }
    }
}

/// The smallest and the largest coordinate of some values, `None` without any.
pub(crate) type Extent = Option<(f64, f64)>;

/// The range of the values that can be drawn.
pub(crate) fn extent(scale: Scale, values: impl IntoIterator<Item = f64>) -> Extent {
    let coordinates = values.into_iter().filter_map(|value| scale.coordinate(value));
    coordinates.fold(None, |extent, c| match extent {
        None => Some((c, c)),
        Some((low, high)) => Some((c.min(low), c.max(high))),
    })
}

/// Whether a range is wide enough to place ticks: at least the spacing of the floating-point numbers there.
pub(crate) fn wide_enough((low, high): (f64, f64)) -> bool {
    high - low > 1e-9 * low.abs().max(high.abs()) && high - low > 1e-290
}

/// An axis from coordinate `low` to coordinate `high`, with `low < high`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Axis {
    /// An axis over exactly the given range.
    pub(crate) fn exact(scale: Scale, (low, high): (f64, f64)) -> Axis {
        Axis { scale, low, high }
    }

    /// An axis that shows all `settled` values. The `diverged` values, of runs that ended in NaN or infinity, may
    /// widen it by at most the extent of the settled ones, so that those stay readable.
    ///
    /// A linear axis gets a margin of 3 %, a log axis is extended to whole decades.
    pub(crate) fn fit(scale: Scale, settled: Extent, diverged: Extent) -> Axis {
        let (mut low, mut high) = match (settled, diverged) {
            (Some((low, high)), Some((wild_low, wild_high))) => {
                let least = if scale == Scale::Log { 2.0 } else { low.abs().max(high.abs()).max(1e-9) };
                let room = if high > low { high - low } else { least };
                (low.min(wild_low.max(low - room)), high.max(wild_high.min(high + room)))
            }
            (extent, None) | (None, extent) => extent.unwrap_or((0.0, 1.0)),
        };
        match scale {
            Scale::Log => {
                // The logarithm of a power of ten may be off by a rounding error.
                low = (low + 1e-9).floor();
                high = (high - 1e-9).ceil();
                if low >= high {
                    low -= 1.0;
                    high = low + 2.0;
                }
            }
            Scale::Linear => {
                if !wide_enough((low, high)) {
                    let half = if low.abs() < 1e-280 { 1.0 } else { low.abs() / 2.0 };
                    low -= half;
                    high += half;
                }
                let margin = 0.03 * (high - low);
                low -= margin;
                high += margin;
            }
        }
        Axis { scale, low, high }
    }

    /// The position of a value: 0 at the start of the axis, 1 at its end, less or more outside; `None` if it cannot
    /// be drawn.
    pub(crate) fn unit(&self, value: f64) -> Option<f64> {
        let coordinate = self.scale.coordinate(value)?;
        Some(self.place(coordinate).clamp(-1e9, 1e9))
    }

    /// The position of a coordinate.
    pub(crate) fn place(&self, coordinate: f64) -> f64 {
        (coordinate - self.low) / (self.high - self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_fit_the_finite_values() {
        let fit = |scale, values: &[f64]| {
            let axis = Axis::fit(scale, extent(scale, values.iter().copied()), None);
            (axis.low, axis.high)
        };
        let nan = f64::NAN;
        let cases: [(Scale, &[f64], (f64, f64)); 8] = [
            (Scale::Log, &[1000.0, 0.002], (-3.0, 3.0)),
            (Scale::Log, &[3.0, 0.0, -2.0, nan, f64::INFINITY, 20.0], (0.0, 2.0)),
            (Scale::Log, &[10.0], (0.0, 2.0)),
            (Scale::Log, &[nan], (0.0, 1.0)),
            (Scale::Linear, &[0.0, nan, 100.0, f64::NEG_INFINITY], (-3.0, 103.0)),
            (Scale::Linear, &[2.0, 2.0], (0.94, 3.06)),
            (Scale::Linear, &[0.0, 1e-310], (-1.06, 1.06)),
            (Scale::Linear, &[], (-0.03, 1.03)),
        ];
        for (scale, values, (low, high)) in cases {
            let found = fit(scale, values);
            assert!((found.0 - low).abs() < 1e-12 && (found.1 - high).abs() < 1e-12, "{values:?}: {found:?}");
        }
    }

    #[test]
    fn a_diverged_run_leaves_half_the_axis_to_the_others() {
        let axis = Axis::fit(Scale::Log, Some((-5.0, 1.0)), Some((0.0, 38.0)));
        assert_eq!((axis.low, axis.high), (-5.0, 7.0));
        let axis = Axis::fit(Scale::Linear, Some((0.0, 10.0)), Some((5.0, 1e300)));
        assert!((axis.high - 20.6).abs() < 1e-12, "{axis:?}");
        let alone = Axis::fit(Scale::Log, None, Some((0.0, 38.0)));
        assert_eq!((alone.low, alone.high), (0.0, 38.0));
    }

    #[test]
    fn the_largest_numbers_can_be_drawn() {
        let axis = Axis::fit(Scale::Linear, extent(Scale::Linear, [f64::MIN, f64::MAX]), None);
        assert!(axis.unit(f64::MAX).is_some_and(|unit| unit > 0.9 && unit < 1.0));
        assert!(axis.ticks(5).len() >= 3);
        assert_eq!(axis.unit(f64::NAN), None);
    }
}
