//! Decides whether a metric has improved.

/// Whether a smaller metric is better (a loss) or a larger one (an accuracy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricMode {
    /// Smaller is better.
    Min,
    /// Larger is better.
    Max,
}

/// Whether a threshold is relative or absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdMode {
    /// Relative to the best value so far.
    Rel,
    /// An absolute difference.
    Abs,
}

/// The best value so far, and how much better a value must be to count as an improvement.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) mode: MetricMode,
    pub(crate) threshold: f64,
    pub(crate) threshold_mode: ThresholdMode,
    best: Option<f64>,
}

impl Progress {
    pub(crate) fn new(threshold: f64, threshold_mode: ThresholdMode) -> Self {
        Progress { mode: MetricMode::Min, threshold, threshold_mode, best: None }
    }

    /// The best value so far; before the first, infinity or minus infinity, whichever is worse.
    pub(crate) fn best(&self) -> f64 {
        self.best.unwrap_or(if self.mode == MetricMode::Min { f64::INFINITY } else { f64::NEG_INFINITY })
    }

    pub(crate) fn set_best(&mut self, best: f64) {
        self.best = Some(best);
    }

    /// Records a value and returns whether it is an improvement. NaN never is.
    pub(crate) fn note(&mut self, value: f64) -> bool {
        let best = self.best();
        let better = match (self.mode, self.threshold_mode) {
            (MetricMode::Min, ThresholdMode::Rel) => value < best * (1.0 - self.threshold),
            (MetricMode::Min, ThresholdMode::Abs) => value < best - self.threshold,
            (MetricMode::Max, ThresholdMode::Rel) => value > best * (self.threshold + 1.0),
            (MetricMode::Max, ThresholdMode::Abs) => value > best + self.threshold,
        };
        if better {
            self.best = Some(value);
        }
        better
    }
}
