//! The mean and deviations of each lane, accurate even if the spread is tiny compared with the mean.
//!
//! The rounding error of such a mean can exceed the deviations themselves. That error is the mean of the computed
//! deviations (Chan, Golub, LeVeque: Algorithms for computing the sample variance, 1983). If it is not negligible, it
//! is subtracted from them; lanes of equal numbers then have deviations of exactly 0.

use crate::array::Array;
use crate::array::magnitude::{least_sum, units};
use crate::array::reduce::{dot_axes, sum_and_squares_axes, sum_axes};
use crate::array::strided::Strided;
use crate::base::element::Float;
use crate::base::shape::Axes;

/// The mean and the squared deviations of each lane over some dimensions, which are kept with size 1.
pub(crate) struct Moments<T: Float> {
    pub(crate) mean: Array<T>,
    /// (x - mean) / unit
    deviations: Array<T>,
    /// Σ ((x - mean) / unit)²
    squares: Array<T>,
    /// A power of two for each lane by which the deviations are divided, so that their squares neither overflow nor
    /// underflow; `None` if all are 1.
    unit: Option<Array<T>>,
}

/// Whether underflow of the squared deviations matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Small {
    /// It does: a root is taken of their sum.
    Matters,
    /// It does not: what underflows is negligible beside ε.
    IsNothing,
}

impl<T: Float> Moments<T> {
    #[track_caller]
    pub(crate) fn new(x: Array<T>, axes: Axes, small: Small) -> Self {
        let plain = Moments::of_ordinary(x.clone(), axes);
        let least = if small == Small::Matters { least_sum(axes.count(x.shape())) } else { T::zero() };
        let Some(unit) = units(&x, axes, plain.squares.slice(), least) else { return plain };
        let scaled = Moments::of_ordinary(x.zip("moments", unit.clone(), |x, unit| x / unit), axes);
        let mean = scaled.mean.zip("moments", unit.clone(), |mean, unit| mean * unit);
        Moments { mean, unit: Some(unit), ..scaled }
    }

    /// The moments, provided that sums and squares do not overflow.
    #[track_caller]
    fn of_ordinary(x: Array<T>, axes: Axes) -> Self {
        let (kept, n) = (axes.kept(x.shape()), T::of(axes.count(x.shape()) as f64));
        let of_lanes = |sums| Array::own(kept.clone(), sums);
        let mean = of_lanes(sum_axes(x.clone(), axes)).map(|sum| sum / n);
        let deviations = x.zip("moments", mean.clone(), |x, mean| x - mean);
        let (residues, squares) = sum_and_squares_axes(&deviations, axes);

        // |mean residue| > 4 ε √(Σ d² / n), a few roundings of what the deviations typically are
        let bound = T::of(16.0) * T::epsilon() * T::epsilon() * n;
        let shows = |residue: T, squares: T| residue * residue > bound * squares;
        if !residues.iter().zip(&*squares).any(|(&residue, &squares)| shows(residue, squares)) {
            return Moments { mean, deviations, squares: of_lanes(squares), unit: None };
        }
        // Average relative to the first element of each lane, so that equal numbers give a mean without rounding.
        let Strided { offset, strides, .. } = deviations.strided();
        let first = deviations.clone().viewed(kept.clone(), offset, strides).contiguous();
        let from_first = deviations.clone().zip("moments", first.clone(), |x, first| x - first);
        let mut error = sum_axes(from_first, axes);
        for ((error, &first), (&residue, &squares)) in
            error.iter_mut().zip(first.slice()).zip(residues.iter().zip(&*squares))
        {
            *error = if shows(residue, squares) { first + *error / n } else { T::zero() };
        }
        drop(first);
        let error = of_lanes(error);
        let deviations = deviations.zip("moments", error.clone(), |deviation, error| deviation - error);
        let squares = of_lanes(dot_axes(deviations.clone(), deviations.clone(), axes));
        Moments { mean: mean.zip("moments", error, |mean, error| mean + error), deviations, squares, unit: None }
    }

    /// x - mean
    #[track_caller]
    pub(crate) fn deviations(self) -> Array<T> {
        match self.unit {
            None => self.deviations,
            Some(unit) => self.deviations.zip("moments", unit, |deviation, unit| deviation * unit),
        }
    }

    /// Σ (x - mean)² / divisor
    #[track_caller]
    pub(crate) fn variance(&self, divisor: T) -> Array<T> {
        let variance = self.squares.clone().map(|squares| squares / divisor);
        match &self.unit {
            None => variance,
            Some(unit) => variance.zip("moments", unit.clone(), |variance, unit| variance * unit * unit),
        }
    }

    /// √(Σ (x - mean)² / divisor + ε)
    #[track_caller]
    pub(crate) fn deviation(&self, divisor: T, eps: T) -> Array<T> {
        let squares = self.squares.clone();
        match &self.unit {
            None => squares.map(|squares| (squares / divisor + eps).sqrt()),
            Some(unit) => squares.zip("moments", unit.clone(), |squares, unit| {
                let variance = squares / divisor;
                if unit == T::one() { (variance + eps).sqrt() } else { (variance.sqrt() * unit).hypot(eps.sqrt()) }
            }),
        }
    }

    /// (x - mean) / deviation, where `inverse` is 1 / deviation.
    #[track_caller]
    pub(crate) fn normalized(self, deviation: Array<T>, inverse: Array<T>) -> Array<T> {
        let factor = match self.unit {
            None => inverse,
            Some(unit) => unit.zip("moments", deviation, |unit, deviation| unit / deviation),
        };
        self.deviations.zip("moments", factor, |deviation, factor| deviation * factor)
    }
}
