//! One number for all parameter groups, or one for each.

use downhill_tensor::Error;

/// One number for all groups of an optimiser, or a list with one for each.
///
/// ```
/// use downhill_optim::PerGroupValue;
/// let (same, each) = (PerGroupValue::from(0.1), PerGroupValue::from([0.1, 0.01]));
/// assert_eq!((same.of(1), each.of(1)), (0.1, 0.01));
/// ```
#[derive(Clone, Debug)]
pub struct PerGroupValue(Vec<f64>);

impl PerGroupValue {
    /// The number for a group.
    ///
    /// # Panics
    /// When there is a list and it is too short for this group.
    pub fn of(&self, group: usize) -> f64 {
        if self.0.len() == 1 { self.0[0] } else { self.0[group] }
    }

    /// The first number of which this holds.
    pub(crate) fn find(&self, holds: impl Fn(f64) -> bool) -> Option<f64> {
        self.0.iter().copied().find(|&value| holds(value))
    }

    /// Panics unless there is one number for all or one for each of `groups` groups.
    #[track_caller]
    pub(crate) fn check(&self, op: &'static str, name: &'static str, groups: usize) {
        if self.0.len() != 1 && self.0.len() != groups {
            let expected = format!("one {name} for all or one for each of the {groups} group(s)");
            Error::expected(op, expected, format!("{} of them", self.0.len())).raise();
        }
    }
}

impl From<f64> for PerGroupValue {
    fn from(value: f64) -> Self {
        PerGroupValue(vec![value])
    }
}

impl<const N: usize> From<[f64; N]> for PerGroupValue {
    fn from(values: [f64; N]) -> Self {
        PerGroupValue(values.to_vec())
    }
}

impl From<Vec<f64>> for PerGroupValue {
    fn from(values: Vec<f64>) -> Self {
        PerGroupValue(values)
    }
}
