//! What counts as an improvement of a metric.

/// Whether a metric gets better by falling (a loss) or by rising (an accuracy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Smaller is better.
    Min,
    /// Larger is better.
    Max,
}

/// How a threshold is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdMode {
    /// As a part of the best value so far.
    Rel,
    /// As a plain difference.
    Abs,
}

/// The best value so far, and by how much another must be better to count.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) mode: Mode,
    pub(crate) threshold: f64,
    pub(crate) threshold_mode: ThresholdMode,
    best: Option<f64>,
}

impl Progress {
    pub(crate) fn new(threshold: f64, threshold_mode: ThresholdMode) -> Self {
        Progress { mode: Mode::Min, threshold, threshold_mode, best: None }
    }

    /// The best value so far; the worst there is before the first.
    pub(crate) fn best(&self) -> f64 {
        self.best.unwrap_or(if self.mode == Mode::Min { f64::INFINITY } else { f64::NEG_INFINITY })
    }

    pub(crate) fn set_best(&mut self, best: f64) {
        self.best = Some(best);
    }

    /// Takes note of a value; whether it is an improvement. What is not a number never is.
    pub(crate) fn note(&mut self, value: f64) -> bool {
        let best = self.best();
        let better = match (self.mode, self.threshold_mode) {
            (Mode::Min, ThresholdMode::Rel) => value < best * (1.0 - self.threshold),
            (Mode::Min, ThresholdMode::Abs) => value < best - self.threshold,
            (Mode::Max, ThresholdMode::Rel) => value > best * (self.threshold + 1.0),
            (Mode::Max, ThresholdMode::Abs) => value > best + self.threshold,
        };
        if better {
            self.best = Some(value);
        }
        better
    }
}
